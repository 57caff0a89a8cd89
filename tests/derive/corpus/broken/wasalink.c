/*
 * make_bad_inode on the error path has changed the mode before free_inode asks for it.
 * (6379b44)
 *
 * Must say: leak.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct wasalink_inode {
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *wasalink_cachep;

static inline struct wasalink_inode *wasalink_I(struct inode *inode)
{
	return container_of(inode, struct wasalink_inode, vfs_inode);
}

static struct inode *wasalink_alloc_inode(struct super_block *sb)
{
	struct wasalink_inode *fresh = alloc_inode_sb(sb, wasalink_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void wasalink_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(wasalink_I(inode)->body);
	kmem_cache_free(wasalink_cachep, wasalink_I(inode));
}

struct inode *wasalink_make(struct super_block *sb, char *name)
{
	struct inode *inode = new_inode(sb);

	inode->i_mode = S_IFLNK | 0777;
	wasalink_I(inode)->body = kstrdup(name, GFP_KERNEL);
	if (insert_inode_locked(inode) < 0) {
		make_bad_inode(inode);
		iput(inode);
		return NULL;
	}
	return inode;
}

static const struct super_operations wasalink_sops = {
	.alloc_inode = wasalink_alloc_inode,
	.free_inode = wasalink_free_inode,
};

static int wasalink_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &wasalink_sops;
	return 0;
}

static int wasalink_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, wasalink_fill_super);
}

static const struct fs_context_operations wasalink_context = {
	.get_tree = wasalink_get_tree,
};

static int wasalink_init_context(struct fs_context *fc)
{
	fc->ops = &wasalink_context;
	return 0;
}

static struct file_system_type wasalink_type = {
	.owner = THIS_MODULE,
	.name = "wasalink",
	.init_fs_context = wasalink_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit wasalink_exit(void)
{
	unregister_filesystem(&wasalink_type);
	rcu_barrier();
	kmem_cache_destroy(wasalink_cachep);
}
module_exit(wasalink_exit);
