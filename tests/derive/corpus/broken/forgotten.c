/*
 * alloc_inode allocates two buffers, and free_inode frees one. (a member added, and not its
 * end)
 *
 * Must say: leak.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct forgotten_inode {
	char *first;
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *forgotten_cachep;

static inline struct forgotten_inode *forgotten_I(struct inode *inode)
{
	return container_of(inode, struct forgotten_inode, vfs_inode);
}

static struct inode *forgotten_alloc_inode(struct super_block *sb)
{
	struct forgotten_inode *fresh = alloc_inode_sb(sb, forgotten_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = kzalloc(32, GFP_KERNEL);
	fresh->first = kzalloc(32, GFP_KERNEL);
	return &fresh->vfs_inode;
}

static void forgotten_free_inode(struct inode *inode)
{
	struct forgotten_inode *own = forgotten_I(inode);

	kfree(own->first);
	kmem_cache_free(forgotten_cachep, own);
}

static const struct super_operations forgotten_sops = {
	.alloc_inode = forgotten_alloc_inode,
	.free_inode = forgotten_free_inode,
};

static int forgotten_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &forgotten_sops;
	return 0;
}

static int forgotten_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, forgotten_fill_super);
}

static const struct fs_context_operations forgotten_context = {
	.get_tree = forgotten_get_tree,
};

static int forgotten_init_context(struct fs_context *fc)
{
	fc->ops = &forgotten_context;
	return 0;
}

static struct file_system_type forgotten_type = {
	.owner = THIS_MODULE,
	.name = "forgotten",
	.init_fs_context = forgotten_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit forgotten_exit(void)
{
	unregister_filesystem(&forgotten_type);
	rcu_barrier();
	kmem_cache_destroy(forgotten_cachep);
}
module_exit(forgotten_exit);
