/* a counted context is given back at its last put, at once, and permission reads it in RCU walk */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <linux/kref.h>

struct krefctx_ctx {
	struct kref ref;
	struct rcu_head rcu;
	kuid_t owner;
};

struct krefctx_inode {
	struct krefctx_ctx *ctx;
	struct inode vfs_inode;
};

static struct kmem_cache *krefctx_cachep;

static inline struct krefctx_inode *KC(struct inode *inode)
{
	return container_of(inode, struct krefctx_inode, vfs_inode);
}

static void krefctx_release(struct kref *ref)
{
	struct krefctx_ctx *ctx = container_of(ref, struct krefctx_ctx, ref);

	kfree(ctx);
}

static inline void krefctx_put(struct krefctx_ctx *ctx)
{
	if (ctx)
		kref_put(&ctx->ref, krefctx_release);
}

static struct inode *krefctx_alloc_inode(struct super_block *sb)
{
	struct krefctx_inode *kc = alloc_inode_sb(sb, krefctx_cachep, GFP_KERNEL);

	if (!kc)
		return NULL;
	kc->ctx = NULL;
	return &kc->vfs_inode;
}

static void krefctx_evict_inode(struct inode *inode)
{
	struct krefctx_inode *kc = KC(inode);

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	krefctx_put(kc->ctx);
}

static void krefctx_free_inode(struct inode *inode)
{
	kmem_cache_free(krefctx_cachep, KC(inode));
}

static int krefctx_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	struct krefctx_ctx *ctx = KC(inode)->ctx;

	if (ctx && !uid_eq(ctx->owner, current_fsuid()))
		return -EPERM;
	return 0;
}

const struct inode_operations krefctx_iops = {
	.permission = krefctx_permission,
};

static const struct super_operations krefctx_sops = {
	.alloc_inode = krefctx_alloc_inode,
	.evict_inode = krefctx_evict_inode,
	.free_inode = krefctx_free_inode,
};

static int krefctx_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &krefctx_sops;
	return 0;
}

static int krefctx_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, krefctx_fill_super);
}

static const struct fs_context_operations krefctx_context_ops = {
	.get_tree = krefctx_get_tree,
};

static int krefctx_init_fs_context(struct fs_context *fc)
{
	fc->ops = &krefctx_context_ops;
	return 0;
}

static struct file_system_type krefctx_fs_type = {
	.owner = THIS_MODULE,
	.name = "krefctx",
	.init_fs_context = krefctx_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit krefctx_exit(void)
{
	unregister_filesystem(&krefctx_fs_type);
	rcu_barrier();
	kmem_cache_destroy(krefctx_cachep);
}
module_exit(krefctx_exit);
MODULE_LICENSE("GPL");
