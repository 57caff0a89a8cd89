/* drop_inode gives a cache back, and evict_inode once more */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct dropfree_inode {
	void *readahead;
	struct inode vfs_inode;
};

static struct kmem_cache *dropfree_cachep;

static inline struct dropfree_inode *dropfree_I(struct inode *inode)
{
	return container_of(inode, struct dropfree_inode, vfs_inode);
}

static struct inode *dropfree_alloc_inode(struct super_block *sb)
{
	struct dropfree_inode *own = alloc_inode_sb(sb, dropfree_cachep, GFP_KERNEL);

	if (!own)
		return NULL;
	own->readahead = NULL;
	return &own->vfs_inode;
}

static int dropfree_drop_inode(struct inode *inode)
{
	struct dropfree_inode *own = dropfree_I(inode);

	kfree(own->readahead);
	own->readahead = NULL;
	return generic_drop_inode(inode);
}

static void dropfree_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(dropfree_I(inode)->readahead);
}

static void dropfree_free_inode(struct inode *inode)
{
	kmem_cache_free(dropfree_cachep, dropfree_I(inode));
}
static const struct super_operations dropfree_sops = {
	.alloc_inode = dropfree_alloc_inode,
	.drop_inode = dropfree_drop_inode,
	.evict_inode = dropfree_evict_inode,
	.free_inode = dropfree_free_inode,
};

static int dropfree_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &dropfree_sops;
	return 0;
}

static int dropfree_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, dropfree_fill_super);
}

static const struct fs_context_operations dropfree_context_ops = {
	.get_tree = dropfree_get_tree,
};

static int dropfree_init_fs_context(struct fs_context *fc)
{
	fc->ops = &dropfree_context_ops;
	return 0;
}

static struct file_system_type dropfree_fs_type = {
	.owner = THIS_MODULE,
	.name = "dropfree",
	.init_fs_context = dropfree_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit dropfree_exit(void)
{
	unregister_filesystem(&dropfree_fs_type);
	rcu_barrier();
	kmem_cache_destroy(dropfree_cachep);
}
module_exit(dropfree_exit);
MODULE_LICENSE("GPL");
