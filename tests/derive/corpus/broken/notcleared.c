/*
 * evict_inode does not call clear_inode. (fs/inode.c:evict's I_CLEAR)
 *
 * Must say: assertion.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct notcleared_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *notcleared_cachep;

static inline struct notcleared_inode *notcleared_I(struct inode *inode)
{
	return container_of(inode, struct notcleared_inode, vfs_inode);
}

static struct inode *notcleared_alloc_inode(struct super_block *sb)
{
	struct notcleared_inode *fresh = alloc_inode_sb(sb, notcleared_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void notcleared_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
}

static void notcleared_free_inode(struct inode *inode)
{
	kmem_cache_free(notcleared_cachep, notcleared_I(inode));
}

static const struct super_operations notcleared_sops = {
	.alloc_inode = notcleared_alloc_inode,
	.evict_inode = notcleared_evict_inode,
	.free_inode = notcleared_free_inode,
};

static int notcleared_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &notcleared_sops;
	return 0;
}

static int notcleared_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, notcleared_fill_super);
}

static const struct fs_context_operations notcleared_context = {
	.get_tree = notcleared_get_tree,
};

static int notcleared_init_context(struct fs_context *fc)
{
	fc->ops = &notcleared_context;
	return 0;
}

static struct file_system_type notcleared_type = {
	.owner = THIS_MODULE,
	.name = "notcleared",
	.init_fs_context = notcleared_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit notcleared_exit(void)
{
	unregister_filesystem(&notcleared_type);
	rcu_barrier();
	kmem_cache_destroy(notcleared_cachep);
}
module_exit(notcleared_exit);
