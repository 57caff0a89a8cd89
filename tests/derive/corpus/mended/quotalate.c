/*
 * dquot_drop may sleep, and is left to the callback. (quota in free_inode)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct quotalate_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *quotalate_cachep;

static inline struct quotalate_inode *quotalate_I(struct inode *inode)
{
	return container_of(inode, struct quotalate_inode, vfs_inode);
}

static struct inode *quotalate_alloc_inode(struct super_block *sb)
{
	struct quotalate_inode *fresh = alloc_inode_sb(sb, quotalate_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void quotalate_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	dquot_drop(inode);
	clear_inode(inode);
}

static void quotalate_free_inode(struct inode *inode)
{
	kmem_cache_free(quotalate_cachep, quotalate_I(inode));
}

static const struct super_operations quotalate_sops = {
	.alloc_inode = quotalate_alloc_inode,
	.evict_inode = quotalate_evict_inode,
	.free_inode = quotalate_free_inode,
};

static int quotalate_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &quotalate_sops;
	return 0;
}

static int quotalate_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, quotalate_fill_super);
}

static const struct fs_context_operations quotalate_context = {
	.get_tree = quotalate_get_tree,
};

static int quotalate_init_context(struct fs_context *fc)
{
	fc->ops = &quotalate_context;
	return 0;
}

static struct file_system_type quotalate_type = {
	.owner = THIS_MODULE,
	.name = "quotalate",
	.init_fs_context = quotalate_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit quotalate_exit(void)
{
	unregister_filesystem(&quotalate_type);
	rcu_barrier();
	kmem_cache_destroy(quotalate_cachep);
}
module_exit(quotalate_exit);
