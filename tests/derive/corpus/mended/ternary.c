/* a conditional expression says which of two members is freed */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct ternary_inode {
	char *link;
	void *index;
	struct inode vfs_inode;
};

static struct kmem_cache *ternary_cachep;

static inline struct ternary_inode *ternary_I(struct inode *inode)
{
	return container_of(inode, struct ternary_inode, vfs_inode);
}

static struct inode *ternary_alloc_inode(struct super_block *sb)
{
	struct ternary_inode *own = alloc_inode_sb(sb, ternary_cachep, GFP_KERNEL);

	if (!own)
		return NULL;
	own->link = NULL;
	own->index = NULL;
	return &own->vfs_inode;
}

static void ternary_evict_inode(struct inode *inode)
{
	struct ternary_inode *own = ternary_I(inode);

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(S_ISLNK(inode->i_mode) ? NULL : own->index);
}

static void ternary_free_inode(struct inode *inode)
{
	struct ternary_inode *own = ternary_I(inode);

	kfree(S_ISLNK(inode->i_mode) ? own->link : NULL);
	kmem_cache_free(ternary_cachep, own);
}

static const struct super_operations ternary_sops = {
	.alloc_inode = ternary_alloc_inode,
	.evict_inode = ternary_evict_inode,
	.free_inode = ternary_free_inode,
};

static int ternary_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &ternary_sops;
	return 0;
}

static int ternary_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, ternary_fill_super);
}

static const struct fs_context_operations ternary_context_ops = {
	.get_tree = ternary_get_tree,
};

static int ternary_init_fs_context(struct fs_context *fc)
{
	fc->ops = &ternary_context_ops;
	return 0;
}

static struct file_system_type ternary_fs_type = {
	.owner = THIS_MODULE,
	.name = "ternary",
	.init_fs_context = ternary_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit ternary_exit(void)
{
	unregister_filesystem(&ternary_fs_type);
	rcu_barrier();
	kmem_cache_destroy(ternary_cachep);
}
module_exit(ternary_exit);
MODULE_LICENSE("GPL");
