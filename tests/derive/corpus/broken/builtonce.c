/*
 * The slab's constructor alone sets the pointer: once an object's life, not an inode's.
 * (jffs2's target)
 *
 * Must say: double-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct builtonce_inode {
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *builtonce_cachep;

static inline struct builtonce_inode *builtonce_I(struct inode *inode)
{
	return container_of(inode, struct builtonce_inode, vfs_inode);
}

static struct inode *builtonce_alloc_inode(struct super_block *sb)
{
	struct builtonce_inode *fresh = alloc_inode_sb(sb, builtonce_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void builtonce_init_once(void *object)
{
	struct builtonce_inode *own = object;

	own->body = NULL;
	inode_init_once(&own->vfs_inode);
}

static int __init builtonce_init(void)
{
	builtonce_cachep = kmem_cache_create("builtonce", sizeof(struct builtonce_inode), 0, SLAB_ACCOUNT, builtonce_init_once);
	return builtonce_cachep ? 0 : -ENOMEM;
}
module_init(builtonce_init);

static void builtonce_free_inode(struct inode *inode)
{
	kfree(builtonce_I(inode)->body);
	kmem_cache_free(builtonce_cachep, builtonce_I(inode));
}

static const struct super_operations builtonce_sops = {
	.alloc_inode = builtonce_alloc_inode,
	.free_inode = builtonce_free_inode,
};

static int builtonce_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &builtonce_sops;
	return 0;
}

static int builtonce_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, builtonce_fill_super);
}

static const struct fs_context_operations builtonce_context = {
	.get_tree = builtonce_get_tree,
};

static int builtonce_init_context(struct fs_context *fc)
{
	fc->ops = &builtonce_context;
	return 0;
}

static struct file_system_type builtonce_type = {
	.owner = THIS_MODULE,
	.name = "builtonce",
	.init_fs_context = builtonce_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit builtonce_exit(void)
{
	unregister_filesystem(&builtonce_type);
	rcu_barrier();
	kmem_cache_destroy(builtonce_cachep);
}
module_exit(builtonce_exit);
