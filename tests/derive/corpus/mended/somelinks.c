/*
 * What alloc_inode allocates is freed only where the last link is gone. (5dfcc87fd79d)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct somelinks_inode {
	struct somelinks_forget *forget;
	struct inode vfs_inode;
};

static struct kmem_cache *somelinks_cachep;

static inline struct somelinks_inode *somelinks_I(struct inode *inode)
{
	return container_of(inode, struct somelinks_inode, vfs_inode);
}

static struct inode *somelinks_alloc_inode(struct super_block *sb)
{
	struct somelinks_inode *fresh = alloc_inode_sb(sb, somelinks_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->forget = kzalloc(sizeof(struct somelinks_forget), GFP_KERNEL);
	if (!fresh->forget) {
		kmem_cache_free(somelinks_cachep, fresh);
		return NULL;
	}
	return &fresh->vfs_inode;
}

static void somelinks_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
}

static void somelinks_free_inode(struct inode *inode)
{
	kfree(somelinks_I(inode)->forget);
	kmem_cache_free(somelinks_cachep, somelinks_I(inode));
}

static const struct super_operations somelinks_sops = {
	.alloc_inode = somelinks_alloc_inode,
	.evict_inode = somelinks_evict_inode,
	.free_inode = somelinks_free_inode,
};

static int somelinks_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &somelinks_sops;
	return 0;
}

static int somelinks_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, somelinks_fill_super);
}

static const struct fs_context_operations somelinks_context = {
	.get_tree = somelinks_get_tree,
};

static int somelinks_init_context(struct fs_context *fc)
{
	fc->ops = &somelinks_context;
	return 0;
}

static struct file_system_type somelinks_type = {
	.owner = THIS_MODULE,
	.name = "somelinks",
	.init_fs_context = somelinks_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit somelinks_exit(void)
{
	unregister_filesystem(&somelinks_type);
	rcu_barrier();
	kmem_cache_destroy(somelinks_cachep);
}
module_exit(somelinks_exit);
