/* guard(mutex) in free_inode */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <linux/cleanup.h>
#include <linux/mutex.h>

struct mutexguard_inode {
	struct list_head link;
	struct inode vfs_inode;
};
static DEFINE_MUTEX(mutexguard_lock);
static struct kmem_cache *mutexguard_cachep;

static inline struct mutexguard_inode *MG(struct inode *inode)
{
	return container_of(inode, struct mutexguard_inode, vfs_inode);
}
static struct inode *mutexguard_alloc_inode(struct super_block *sb)
{
	struct mutexguard_inode *mg = alloc_inode_sb(sb, mutexguard_cachep, GFP_KERNEL);

	if (!mg)
		return NULL;
	INIT_LIST_HEAD(&mg->link);
	return &mg->vfs_inode;
}
static void mutexguard_unlink(struct mutexguard_inode *mg)
{
	guard(mutex)(&mutexguard_lock);
	list_del_init(&mg->link);
}
static void mutexguard_destroy_inode(struct inode *inode)
{
	mutexguard_unlink(MG(inode));
}

static void mutexguard_free_inode(struct inode *inode)
{
	struct mutexguard_inode *mg = MG(inode);

	kmem_cache_free(mutexguard_cachep, mg);
}
static const struct super_operations mutexguard_sops = {
	.alloc_inode = mutexguard_alloc_inode,
	.destroy_inode = mutexguard_destroy_inode,
	.free_inode = mutexguard_free_inode,
};

static int mutexguard_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &mutexguard_sops;
	return 0;
}

static int mutexguard_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, mutexguard_fill_super);
}

static const struct fs_context_operations mutexguard_context_ops = {
	.get_tree = mutexguard_get_tree,
};

static int mutexguard_init_fs_context(struct fs_context *fc)
{
	fc->ops = &mutexguard_context_ops;
	return 0;
}

static struct file_system_type mutexguard_fs_type = {
	.owner = THIS_MODULE,
	.name = "mutexguard",
	.init_fs_context = mutexguard_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit mutexguard_exit(void)
{
	unregister_filesystem(&mutexguard_fs_type);
	rcu_barrier();
	kmem_cache_destroy(mutexguard_cachep);
}
module_exit(mutexguard_exit);
MODULE_LICENSE("GPL");
