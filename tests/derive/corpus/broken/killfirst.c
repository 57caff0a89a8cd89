/* kill_sb gives s_fs_info back before the superblock is shut down, and evict_inode follows it */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct killfirst_sb {
	spinlock_t lock;
	unsigned long used;
};

struct killfirst_inode {
	unsigned int blocks;
	struct inode vfs_inode;
};

static struct kmem_cache *killfirst_cachep;

static inline struct killfirst_inode *KF(struct inode *inode)
{
	return container_of(inode, struct killfirst_inode, vfs_inode);
}

static struct inode *killfirst_alloc_inode(struct super_block *sb)
{
	struct killfirst_inode *ki = alloc_inode_sb(sb, killfirst_cachep, GFP_KERNEL);

	if (!ki)
		return NULL;
	ki->blocks = 0;
	return &ki->vfs_inode;
}

static void killfirst_evict_inode(struct inode *inode)
{
	struct killfirst_sb *sbi = inode->i_sb->s_fs_info;

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	spin_lock(&sbi->lock);
	sbi->used -= KF(inode)->blocks;
	spin_unlock(&sbi->lock);
}

static void killfirst_free_inode(struct inode *inode)
{
	kmem_cache_free(killfirst_cachep, KF(inode));
}

static void killfirst_kill_sb(struct super_block *sb)
{
	struct killfirst_sb *sbi = sb->s_fs_info;

	kfree(sbi);
	kill_anon_super(sb);
}

static const struct super_operations killfirst_sops = {
	.alloc_inode = killfirst_alloc_inode,
	.evict_inode = killfirst_evict_inode,
	.free_inode = killfirst_free_inode,
	.statfs = simple_statfs,
};

static int killfirst_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &killfirst_sops;
	return 0;
}

static int killfirst_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, killfirst_fill_super);
}

static const struct fs_context_operations killfirst_context_ops = {
	.get_tree = killfirst_get_tree,
};

static int killfirst_init_fs_context(struct fs_context *fc)
{
	fc->ops = &killfirst_context_ops;
	return 0;
}

static struct file_system_type killfirst_fs_type = {
	.owner = THIS_MODULE,
	.name = "killfirst",
	.init_fs_context = killfirst_init_fs_context,
	.kill_sb = killfirst_kill_sb,
};

static void __exit killfirst_exit(void)
{
	unregister_filesystem(&killfirst_fs_type);
	rcu_barrier();
	kmem_cache_destroy(killfirst_cachep);
}
module_exit(killfirst_exit);
MODULE_LICENSE("GPL");
