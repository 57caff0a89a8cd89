/*
 * A mutex in the callback that frees the inode. (RFC v2 of hugetlb guest_memfd)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct locksleeps_inode {
	struct mutex lock;
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *locksleeps_cachep;

static inline struct locksleeps_inode *locksleeps_I(struct inode *inode)
{
	return container_of(inode, struct locksleeps_inode, vfs_inode);
}

static struct inode *locksleeps_alloc_inode(struct super_block *sb)
{
	struct locksleeps_inode *fresh = alloc_inode_sb(sb, locksleeps_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	mutex_init(&fresh->lock);
	return &fresh->vfs_inode;
}

static void locksleeps_destroy_inode(struct inode *inode)
{
	struct locksleeps_inode *own = locksleeps_I(inode);

	mutex_lock(&own->lock);
	kfree(own->body);
	own->body = NULL;
	mutex_unlock(&own->lock);
}

static void locksleeps_free_inode(struct inode *inode)
{
	kmem_cache_free(locksleeps_cachep, locksleeps_I(inode));
}

static const struct super_operations locksleeps_sops = {
	.alloc_inode = locksleeps_alloc_inode,
	.destroy_inode = locksleeps_destroy_inode,
	.free_inode = locksleeps_free_inode,
};

static int locksleeps_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &locksleeps_sops;
	return 0;
}

static int locksleeps_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, locksleeps_fill_super);
}

static const struct fs_context_operations locksleeps_context = {
	.get_tree = locksleeps_get_tree,
};

static int locksleeps_init_context(struct fs_context *fc)
{
	fc->ops = &locksleeps_context;
	return 0;
}

static struct file_system_type locksleeps_type = {
	.owner = THIS_MODULE,
	.name = "locksleeps",
	.init_fs_context = locksleeps_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit locksleeps_exit(void)
{
	unregister_filesystem(&locksleeps_type);
	rcu_barrier();
	kmem_cache_destroy(locksleeps_cachep);
}
module_exit(locksleeps_exit);
