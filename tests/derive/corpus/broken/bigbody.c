/*
 * vfree defers by itself in a callback, and down_write does not. (vfree against a lock)
 *
 * Must say: sleep-in-softirq.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct bigbody_inode {
	struct rw_semaphore sem;
	void *body;
	struct inode vfs_inode;
};

static struct kmem_cache *bigbody_cachep;

static inline struct bigbody_inode *bigbody_I(struct inode *inode)
{
	return container_of(inode, struct bigbody_inode, vfs_inode);
}

static struct inode *bigbody_alloc_inode(struct super_block *sb)
{
	struct bigbody_inode *fresh = alloc_inode_sb(sb, bigbody_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	init_rwsem(&fresh->sem);
	return &fresh->vfs_inode;
}

static void bigbody_free_inode(struct inode *inode)
{
	struct bigbody_inode *own = bigbody_I(inode);

	down_write(&own->sem);
	vfree(own->body);
	up_write(&own->sem);
	kmem_cache_free(bigbody_cachep, own);
}

static const struct super_operations bigbody_sops = {
	.alloc_inode = bigbody_alloc_inode,
	.free_inode = bigbody_free_inode,
};

static int bigbody_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &bigbody_sops;
	return 0;
}

static int bigbody_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, bigbody_fill_super);
}

static const struct fs_context_operations bigbody_context = {
	.get_tree = bigbody_get_tree,
};

static int bigbody_init_context(struct fs_context *fc)
{
	fc->ops = &bigbody_context;
	return 0;
}

static struct file_system_type bigbody_type = {
	.owner = THIS_MODULE,
	.name = "bigbody",
	.init_fs_context = bigbody_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit bigbody_exit(void)
{
	unregister_filesystem(&bigbody_type);
	rcu_barrier();
	kmem_cache_destroy(bigbody_cachep);
}
module_exit(bigbody_exit);
