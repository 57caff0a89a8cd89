/*
 * An inode that still has a name jumps over the free. (goto no_delete)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct skipsbad_inode {
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *skipsbad_cachep;

static inline struct skipsbad_inode *skipsbad_I(struct inode *inode)
{
	return container_of(inode, struct skipsbad_inode, vfs_inode);
}

static struct inode *skipsbad_alloc_inode(struct super_block *sb)
{
	struct skipsbad_inode *fresh = alloc_inode_sb(sb, skipsbad_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void skipsbad_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	if (inode->i_nlink)
		goto no_delete;
	inode->i_size = 0;
no_delete:
	kfree(skipsbad_I(inode)->body);
	clear_inode(inode);
}

static void skipsbad_free_inode(struct inode *inode)
{
	kmem_cache_free(skipsbad_cachep, skipsbad_I(inode));
}

static const struct super_operations skipsbad_sops = {
	.alloc_inode = skipsbad_alloc_inode,
	.evict_inode = skipsbad_evict_inode,
	.free_inode = skipsbad_free_inode,
};

static int skipsbad_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &skipsbad_sops;
	return 0;
}

static int skipsbad_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, skipsbad_fill_super);
}

static const struct fs_context_operations skipsbad_context = {
	.get_tree = skipsbad_get_tree,
};

static int skipsbad_init_context(struct fs_context *fc)
{
	fc->ops = &skipsbad_context;
	return 0;
}

static struct file_system_type skipsbad_type = {
	.owner = THIS_MODULE,
	.name = "skipsbad",
	.init_fs_context = skipsbad_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit skipsbad_exit(void)
{
	unregister_filesystem(&skipsbad_type);
	rcu_barrier();
	kmem_cache_destroy(skipsbad_cachep);
}
module_exit(skipsbad_exit);
