/* the first hook frees and forgets to set NULL, the second sets it */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct wrongnull_inode {
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *wrongnull_cachep;

static inline struct wrongnull_inode *wrongnull_I(struct inode *inode)
{
	return container_of(inode, struct wrongnull_inode, vfs_inode);
}

static struct inode *wrongnull_alloc_inode(struct super_block *sb)
{
	struct wrongnull_inode *own = alloc_inode_sb(sb, wrongnull_cachep, GFP_KERNEL);

	if (!own)
		return NULL;
	own->body = NULL;
	return &own->vfs_inode;
}

static void wrongnull_evict_inode(struct inode *inode)
{
	struct wrongnull_inode *own = wrongnull_I(inode);

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(own->body);
	own->body = NULL;
}

static void wrongnull_free_inode(struct inode *inode)
{
	struct wrongnull_inode *own = wrongnull_I(inode);

	kfree(own->body);
	own->body = NULL;
	kmem_cache_free(wrongnull_cachep, own);
}

static const struct super_operations wrongnull_sops = {
	.alloc_inode = wrongnull_alloc_inode,
	.evict_inode = wrongnull_evict_inode,
	.free_inode = wrongnull_free_inode,
};

static int wrongnull_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &wrongnull_sops;
	return 0;
}

static int wrongnull_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, wrongnull_fill_super);
}

static const struct fs_context_operations wrongnull_context_ops = {
	.get_tree = wrongnull_get_tree,
};

static int wrongnull_init_fs_context(struct fs_context *fc)
{
	fc->ops = &wrongnull_context_ops;
	return 0;
}

static struct file_system_type wrongnull_fs_type = {
	.owner = THIS_MODULE,
	.name = "wrongnull",
	.init_fs_context = wrongnull_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit wrongnull_exit(void)
{
	unregister_filesystem(&wrongnull_fs_type);
	rcu_barrier();
	kmem_cache_destroy(wrongnull_cachep);
}
module_exit(wrongnull_exit);
MODULE_LICENSE("GPL");
