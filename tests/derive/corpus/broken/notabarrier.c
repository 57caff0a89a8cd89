/*
 * synchronize_rcu waits for readers, and not until callbacks have run. (orangefs)
 *
 * Must say: objects-remain.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct notabarrier_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *notabarrier_cachep;

static struct notabarrier_inode *notabarrier_I(struct inode *i)
{
	return list_entry(i, struct notabarrier_inode, vfs_inode);
}

static struct inode *notabarrier_alloc_inode(struct super_block *sb)
{
	struct notabarrier_inode *fresh = alloc_inode_sb(sb, notabarrier_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void notabarrier_free_inode(struct inode *inode)
{
	kmem_cache_free(notabarrier_cachep, notabarrier_I(inode));
}

static const struct super_operations notabarrier_sops = {
	.alloc_inode = notabarrier_alloc_inode,
	.free_inode = notabarrier_free_inode,
};

static int notabarrier_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &notabarrier_sops;
	return 0;
}

static int notabarrier_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, notabarrier_fill_super);
}

static const struct fs_context_operations notabarrier_context = {
	.get_tree = notabarrier_get_tree,
};

static int notabarrier_init_context(struct fs_context *fc)
{
	fc->ops = &notabarrier_context;
	return 0;
}

static struct file_system_type notabarrier_type = {
	.owner = THIS_MODULE,
	.name = "notabarrier",
	.init_fs_context = notabarrier_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit notabarrier_exit(void)
{
	unregister_filesystem(&notabarrier_type);
	synchronize_rcu();
	kmem_cache_destroy(notabarrier_cachep);
}
module_exit(notabarrier_exit);
