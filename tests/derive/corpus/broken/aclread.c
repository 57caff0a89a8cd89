/* get_acl and d_hash read under RCU what evict_inode frees */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct aclread_acl { int count; };
struct aclread_inode {
	struct aclread_acl *own_acl;
	struct inode vfs_inode;
};

static struct kmem_cache *aclread_cachep;

static inline struct aclread_inode *aclread_I(struct inode *inode)
{
	return container_of(inode, struct aclread_inode, vfs_inode);
}

static struct inode *aclread_alloc_inode(struct super_block *sb)
{
	struct aclread_inode *own = alloc_inode_sb(sb, aclread_cachep, GFP_KERNEL);

	if (!own)
		return NULL;
	own->own_acl = NULL;
	own->vfs_inode.i_acl = own->vfs_inode.i_default_acl = ACL_DONT_CACHE;
	return &own->vfs_inode;
}

static void aclread_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(aclread_I(inode)->own_acl);
}

static void aclread_free_inode(struct inode *inode)
{
	kmem_cache_free(aclread_cachep, aclread_I(inode));
}
static struct posix_acl *aclread_get_inode_acl(struct inode *inode, int type, bool rcu)
{
	if (aclread_I(inode)->own_acl && aclread_I(inode)->own_acl->count == 0)
		return NULL;
	return ERR_PTR(-EAGAIN);
}

const struct inode_operations aclread_iops = { .get_inode_acl = aclread_get_inode_acl };
static const struct super_operations aclread_sops = {
	.alloc_inode = aclread_alloc_inode,
	.evict_inode = aclread_evict_inode,
	.free_inode = aclread_free_inode,
};

static int aclread_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &aclread_sops;
	return 0;
}

static int aclread_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, aclread_fill_super);
}

static const struct fs_context_operations aclread_context_ops = {
	.get_tree = aclread_get_tree,
};

static int aclread_init_fs_context(struct fs_context *fc)
{
	fc->ops = &aclread_context_ops;
	return 0;
}

static struct file_system_type aclread_fs_type = {
	.owner = THIS_MODULE,
	.name = "aclread",
	.init_fs_context = aclread_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit aclread_exit(void)
{
	unregister_filesystem(&aclread_fs_type);
	rcu_barrier();
	kmem_cache_destroy(aclread_cachep);
}
module_exit(aclread_exit);
MODULE_LICENSE("GPL");
