/* evict_inode frees; another way of it sets NULL without a free before */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct nullother_inode {
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *nullother_cachep;

static inline struct nullother_inode *nullother_I(struct inode *inode)
{
	return container_of(inode, struct nullother_inode, vfs_inode);
}

static struct inode *nullother_alloc_inode(struct super_block *sb)
{
	struct nullother_inode *own = alloc_inode_sb(sb, nullother_cachep, GFP_KERNEL);

	if (!own)
		return NULL;
	own->body = NULL;
	return &own->vfs_inode;
}

static void nullother_evict_inode(struct inode *inode)
{
	struct nullother_inode *own = nullother_I(inode);

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (S_ISDIR(inode->i_mode)) {
		kfree(own->body);
		own->body = NULL;
	} else {
		kfree(own->body);
	}
}

static void nullother_free_inode(struct inode *inode)
{
	struct nullother_inode *own = nullother_I(inode);

	kfree(own->body);
	kmem_cache_free(nullother_cachep, own);
}

static const struct super_operations nullother_sops = {
	.alloc_inode = nullother_alloc_inode,
	.evict_inode = nullother_evict_inode,
	.free_inode = nullother_free_inode,
};

static int nullother_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &nullother_sops;
	return 0;
}

static int nullother_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, nullother_fill_super);
}

static const struct fs_context_operations nullother_context_ops = {
	.get_tree = nullother_get_tree,
};

static int nullother_init_fs_context(struct fs_context *fc)
{
	fc->ops = &nullother_context_ops;
	return 0;
}

static struct file_system_type nullother_fs_type = {
	.owner = THIS_MODULE,
	.name = "nullother",
	.init_fs_context = nullother_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit nullother_exit(void)
{
	unregister_filesystem(&nullother_fs_type);
	rcu_barrier();
	kmem_cache_destroy(nullother_cachep);
}
module_exit(nullother_exit);
MODULE_LICENSE("GPL");
