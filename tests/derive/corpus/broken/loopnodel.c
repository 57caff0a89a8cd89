/* a list's elements are freed and never taken off, by two hooks */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct loopnodel_item { struct list_head link; };
struct loopnodel_inode;
struct loopnodel_inode {
	struct list_head items;
	struct inode vfs_inode;
};

static struct kmem_cache *loopnodel_cachep;

static inline struct loopnodel_inode *loopnodel_I(struct inode *inode)
{
	return container_of(inode, struct loopnodel_inode, vfs_inode);
}

static struct inode *loopnodel_alloc_inode(struct super_block *sb)
{
	struct loopnodel_inode *own = alloc_inode_sb(sb, loopnodel_cachep, GFP_KERNEL);

	if (!own)
		return NULL;
	INIT_LIST_HEAD(&own->items);
	return &own->vfs_inode;
}

static void loopnodel_evict_inode(struct inode *inode)
{
	struct loopnodel_item *item, *next;

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	list_for_each_entry_safe(item, next, &loopnodel_I(inode)->items, link) {
		kfree(item);
	}
}

static void loopnodel_free_inode(struct inode *inode)
{
	struct loopnodel_item *item, *next;

	list_for_each_entry_safe(item, next, &loopnodel_I(inode)->items, link)
		kfree(item);
	kmem_cache_free(loopnodel_cachep, loopnodel_I(inode));
}

static const struct super_operations loopnodel_sops = {
	.alloc_inode = loopnodel_alloc_inode,
	.evict_inode = loopnodel_evict_inode,
	.free_inode = loopnodel_free_inode,
};

static int loopnodel_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &loopnodel_sops;
	return 0;
}

static int loopnodel_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, loopnodel_fill_super);
}

static const struct fs_context_operations loopnodel_context_ops = {
	.get_tree = loopnodel_get_tree,
};

static int loopnodel_init_fs_context(struct fs_context *fc)
{
	fc->ops = &loopnodel_context_ops;
	return 0;
}

static struct file_system_type loopnodel_fs_type = {
	.owner = THIS_MODULE,
	.name = "loopnodel",
	.init_fs_context = loopnodel_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit loopnodel_exit(void)
{
	unregister_filesystem(&loopnodel_fs_type);
	rcu_barrier();
	kmem_cache_destroy(loopnodel_cachep);
}
module_exit(loopnodel_exit);
MODULE_LICENSE("GPL");
