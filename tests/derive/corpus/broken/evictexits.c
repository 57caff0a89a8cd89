/* evict_inode has three ends, one of which forgets clear_inode */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct evictexits_inode {
	unsigned int blocks;
	struct inode vfs_inode;
};

static struct kmem_cache *evictexits_cachep;

static inline struct evictexits_inode *evictexits_I(struct inode *inode)
{
	return container_of(inode, struct evictexits_inode, vfs_inode);
}

static struct inode *evictexits_alloc_inode(struct super_block *sb)
{
	struct evictexits_inode *own = alloc_inode_sb(sb, evictexits_cachep, GFP_KERNEL);

	if (!own)
		return NULL;
	return &own->vfs_inode;
}

static int evictexits_journal(struct inode *inode)
{
	if (sb_rdonly(inode->i_sb))
		return -EROFS;
	return 0;
}

static void evictexits_evict_inode(struct inode *inode)
{
	int err;

	truncate_inode_pages_final(&inode->i_data);
	if (inode->i_nlink)
		goto no_delete;
	sb_start_intwrite(inode->i_sb);
	err = evictexits_journal(inode);
	if (err) {
		sb_end_intwrite(inode->i_sb);
		return;
	}
	evictexits_I(inode)->blocks = 0;
	inode->i_size = 0;
	clear_inode(inode);
	sb_end_intwrite(inode->i_sb);
	return;
no_delete:
	clear_inode(inode);
}

static void evictexits_free_inode(struct inode *inode)
{
	kmem_cache_free(evictexits_cachep, evictexits_I(inode));
}
static const struct super_operations evictexits_sops = {
	.alloc_inode = evictexits_alloc_inode,
	.evict_inode = evictexits_evict_inode,
	.free_inode = evictexits_free_inode,
};

static int evictexits_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &evictexits_sops;
	return 0;
}

static int evictexits_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, evictexits_fill_super);
}

static const struct fs_context_operations evictexits_context_ops = {
	.get_tree = evictexits_get_tree,
};

static int evictexits_init_fs_context(struct fs_context *fc)
{
	fc->ops = &evictexits_context_ops;
	return 0;
}

static struct file_system_type evictexits_fs_type = {
	.owner = THIS_MODULE,
	.name = "evictexits",
	.init_fs_context = evictexits_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit evictexits_exit(void)
{
	unregister_filesystem(&evictexits_fs_type);
	rcu_barrier();
	kmem_cache_destroy(evictexits_cachep);
}
module_exit(evictexits_exit);
MODULE_LICENSE("GPL");
