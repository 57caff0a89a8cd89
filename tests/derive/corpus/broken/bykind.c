/*
 * A switch over the mode frees a symlink's text in evict_inode. (switch over the mode)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct bykind_inode {
	struct bykind_text *body;
	struct inode vfs_inode;
};

static struct kmem_cache *bykind_cachep;

static inline struct bykind_inode *bykind_I(struct inode *inode)
{
	return container_of(inode, struct bykind_inode, vfs_inode);
}

static struct inode *bykind_alloc_inode(struct super_block *sb)
{
	struct bykind_inode *fresh = alloc_inode_sb(sb, bykind_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void bykind_end(struct inode *inode)
{
	switch (inode->i_mode & S_IFMT) {
	case S_IFLNK:
		kfree(bykind_I(inode)->body);
		break;
	case S_IFDIR:
	default:
		break;
	}
}

static void bykind_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	bykind_end(inode);
}

static void bykind_free_inode(struct inode *inode)
{
	kmem_cache_free(bykind_cachep, bykind_I(inode));
}

static const char *bykind_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	return bykind_I(inode)->body->text;
}

static const struct super_operations bykind_sops = {
	.alloc_inode = bykind_alloc_inode,
	.evict_inode = bykind_evict_inode,
	.free_inode = bykind_free_inode,
};

const struct inode_operations bykind_get_link_iops = {
	.get_link = bykind_get_link,
};

static int bykind_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &bykind_sops;
	return 0;
}

static int bykind_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, bykind_fill_super);
}

static const struct fs_context_operations bykind_context = {
	.get_tree = bykind_get_tree,
};

static int bykind_init_context(struct fs_context *fc)
{
	fc->ops = &bykind_context;
	return 0;
}

static struct file_system_type bykind_type = {
	.owner = THIS_MODULE,
	.name = "bykind",
	.init_fs_context = bykind_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit bykind_exit(void)
{
	unregister_filesystem(&bykind_type);
	rcu_barrier();
	kmem_cache_destroy(bykind_cachep);
}
module_exit(bykind_exit);
