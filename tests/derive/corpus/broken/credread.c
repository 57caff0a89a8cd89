/*
 * put_cred waits for readers by itself; kfree of a copy does not. (credentials that
 * permission reads)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct credread_inode {
	struct credread_cred *cred;
	struct inode vfs_inode;
};

static struct kmem_cache *credread_cachep;

static inline struct credread_inode *credread_I(struct inode *inode)
{
	return container_of(inode, struct credread_inode, vfs_inode);
}

static struct inode *credread_alloc_inode(struct super_block *sb)
{
	struct credread_inode *fresh = alloc_inode_sb(sb, credread_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->cred = NULL;
	return &fresh->vfs_inode;
}

static void credread_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(credread_I(inode)->cred);
}

static int credread_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	return credread_I(inode)->cred->fsuid == inode->i_uid ? 0 : -EACCES;
}

static void credread_free_inode(struct inode *inode)
{
	kmem_cache_free(credread_cachep, credread_I(inode));
}

static const struct super_operations credread_sops = {
	.alloc_inode = credread_alloc_inode,
	.evict_inode = credread_evict_inode,
	.free_inode = credread_free_inode,
};

const struct inode_operations credread_permission_iops = {
	.permission = credread_permission,
};

static int credread_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &credread_sops;
	return 0;
}

static int credread_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, credread_fill_super);
}

static const struct fs_context_operations credread_context = {
	.get_tree = credread_get_tree,
};

static int credread_init_context(struct fs_context *fc)
{
	fc->ops = &credread_context;
	return 0;
}

static struct file_system_type credread_type = {
	.owner = THIS_MODULE,
	.name = "credread",
	.init_fs_context = credread_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit credread_exit(void)
{
	unregister_filesystem(&credread_type);
	rcu_barrier();
	kmem_cache_destroy(credread_cachep);
}
module_exit(credread_exit);
