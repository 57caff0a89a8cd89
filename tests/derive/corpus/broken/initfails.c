/*
 * The module's init fails after inodes were made, and destroys the cache without a barrier.
 * (6.12-like guest_memfd init)
 *
 * Must say: objects-remain.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct initfails_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *initfails_cachep;

static inline struct initfails_inode *initfails_I(struct inode *inode)
{
	return container_of(inode, struct initfails_inode, vfs_inode);
}

static struct inode *initfails_alloc_inode(struct super_block *sb)
{
	struct initfails_inode *fresh = alloc_inode_sb(sb, initfails_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static int __init initfails_init(void)
{
	int error;

	initfails_cachep = kmem_cache_create("initfails", sizeof(struct initfails_inode), 0, SLAB_ACCOUNT, NULL);
	if (!initfails_cachep)
		return -ENOMEM;
	initfails_mnt = kern_mount(&initfails_type);
	error = initfails_fill();
	if (error) {
		kern_unmount(initfails_mnt);
		kmem_cache_destroy(initfails_cachep);
	}
	return error;
}
module_init(initfails_init);

static void initfails_free_inode(struct inode *inode)
{
	kmem_cache_free(initfails_cachep, initfails_I(inode));
}

static const struct super_operations initfails_sops = {
	.alloc_inode = initfails_alloc_inode,
	.free_inode = initfails_free_inode,
};

static int initfails_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &initfails_sops;
	return 0;
}

static int initfails_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, initfails_fill_super);
}

static const struct fs_context_operations initfails_context = {
	.get_tree = initfails_get_tree,
};

static int initfails_init_context(struct fs_context *fc)
{
	fc->ops = &initfails_context;
	return 0;
}

static struct file_system_type initfails_type = {
	.owner = THIS_MODULE,
	.name = "initfails",
	.init_fs_context = initfails_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit initfails_exit(void)
{
	unregister_filesystem(&initfails_type);
	rcu_barrier();
	kmem_cache_destroy(initfails_cachep);
}
module_exit(initfails_exit);
