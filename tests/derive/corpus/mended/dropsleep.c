/* drop_inode takes a mutex under i_lock */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct dropsleep_inode { struct mutex lock; bool stale; struct inode vfs_inode; };
static struct kmem_cache *dropsleep_cachep;
static inline struct dropsleep_inode *DS(struct inode *inode)
{
	return container_of(inode, struct dropsleep_inode, vfs_inode);
}
static struct inode *dropsleep_alloc_inode(struct super_block *sb)
{
	struct dropsleep_inode *ds = alloc_inode_sb(sb, dropsleep_cachep, GFP_KERNEL);

	if (!ds)
		return NULL;
	mutex_init(&ds->lock);
	ds->stale = false;
	return &ds->vfs_inode;
}
static int dropsleep_drop_inode(struct inode *inode)
{
	struct dropsleep_inode *ds = DS(inode);
	bool stale;

	stale = ds->stale;
	return stale || generic_drop_inode(inode);
}
static void dropsleep_free_inode(struct inode *inode)
{
	kmem_cache_free(dropsleep_cachep, DS(inode));
}
static const struct super_operations dropsleep_sops = {
	.alloc_inode = dropsleep_alloc_inode,
	.drop_inode = dropsleep_drop_inode,
	.free_inode = dropsleep_free_inode,
};

static int dropsleep_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &dropsleep_sops;
	return 0;
}

static int dropsleep_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, dropsleep_fill_super);
}

static const struct fs_context_operations dropsleep_context_ops = {
	.get_tree = dropsleep_get_tree,
};

static int dropsleep_init_fs_context(struct fs_context *fc)
{
	fc->ops = &dropsleep_context_ops;
	return 0;
}

static struct file_system_type dropsleep_fs_type = {
	.owner = THIS_MODULE,
	.name = "dropsleep",
	.init_fs_context = dropsleep_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit dropsleep_exit(void)
{
	unregister_filesystem(&dropsleep_fs_type);
	rcu_barrier();
	kmem_cache_destroy(dropsleep_cachep);
}
module_exit(dropsleep_exit);
MODULE_LICENSE("GPL");
