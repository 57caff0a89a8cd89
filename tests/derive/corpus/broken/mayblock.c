/*
 * permission may say that it must not be asked without a reference. (permission in RCU walk)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct mayblock_inode {
	struct mayblock_acl *body;
	struct inode vfs_inode;
};

static struct kmem_cache *mayblock_cachep;

static inline struct mayblock_inode *mayblock_I(struct inode *inode)
{
	return container_of(inode, struct mayblock_inode, vfs_inode);
}

static struct inode *mayblock_alloc_inode(struct super_block *sb)
{
	struct mayblock_inode *fresh = alloc_inode_sb(sb, mayblock_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void mayblock_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(mayblock_I(inode)->body);
}

static int mayblock_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	return mayblock_I(inode)->body->mode & mask;
}

static void mayblock_free_inode(struct inode *inode)
{
	kmem_cache_free(mayblock_cachep, mayblock_I(inode));
}

static const struct super_operations mayblock_sops = {
	.alloc_inode = mayblock_alloc_inode,
	.evict_inode = mayblock_evict_inode,
	.free_inode = mayblock_free_inode,
};

const struct inode_operations mayblock_permission_iops = {
	.permission = mayblock_permission,
};

static int mayblock_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &mayblock_sops;
	return 0;
}

static int mayblock_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, mayblock_fill_super);
}

static const struct fs_context_operations mayblock_context = {
	.get_tree = mayblock_get_tree,
};

static int mayblock_init_context(struct fs_context *fc)
{
	fc->ops = &mayblock_context;
	return 0;
}

static struct file_system_type mayblock_type = {
	.owner = THIS_MODULE,
	.name = "mayblock",
	.init_fs_context = mayblock_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit mayblock_exit(void)
{
	unregister_filesystem(&mayblock_type);
	rcu_barrier();
	kmem_cache_destroy(mayblock_cachep);
}
module_exit(mayblock_exit);
