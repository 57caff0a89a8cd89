/*
 * destroy_inode without free_inode frees nothing, and nobody else does. (fdb0da89f4ba, the
 * fourth row)
 *
 * Must say: inode-leak.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct neverfreed_inode {
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *neverfreed_cachep;

static inline struct neverfreed_inode *neverfreed_I(struct inode *inode)
{
	return container_of(inode, struct neverfreed_inode, vfs_inode);
}

static struct inode *neverfreed_alloc_inode(struct super_block *sb)
{
	struct neverfreed_inode *fresh = alloc_inode_sb(sb, neverfreed_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void neverfreed_destroy_inode(struct inode *inode)
{
	kfree(neverfreed_I(inode)->body);
	neverfreed_I(inode)->body = NULL;
}

static const struct super_operations neverfreed_sops = {
	.alloc_inode = neverfreed_alloc_inode,
	.destroy_inode = neverfreed_destroy_inode,
};

static int neverfreed_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &neverfreed_sops;
	return 0;
}

static int neverfreed_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, neverfreed_fill_super);
}

static const struct fs_context_operations neverfreed_context = {
	.get_tree = neverfreed_get_tree,
};

static int neverfreed_init_context(struct fs_context *fc)
{
	fc->ops = &neverfreed_context;
	return 0;
}

static struct file_system_type neverfreed_type = {
	.owner = THIS_MODULE,
	.name = "neverfreed",
	.init_fs_context = neverfreed_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit neverfreed_exit(void)
{
	unregister_filesystem(&neverfreed_type);
	rcu_barrier();
	kmem_cache_destroy(neverfreed_cachep);
}
module_exit(neverfreed_exit);
