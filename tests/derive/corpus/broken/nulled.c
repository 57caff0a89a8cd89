/*
 * destroy_inode puts a dentry and forgets it; permission reads the pointer under RCU and
 * does not test it. (CVE-2023-53260)
 *
 * Must say: crash.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct nulled_inode {
	struct dentry *upper;
	struct inode vfs_inode;
};

static struct kmem_cache *nulled_cachep;

static inline struct nulled_inode *nulled_I(struct inode *inode)
{
	return container_of(inode, struct nulled_inode, vfs_inode);
}

static struct inode *nulled_alloc_inode(struct super_block *sb)
{
	struct nulled_inode *fresh = alloc_inode_sb(sb, nulled_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->upper = NULL;
	return &fresh->vfs_inode;
}

static void nulled_destroy_inode(struct inode *inode)
{
	struct nulled_inode *own = nulled_I(inode);

	dput(own->upper);
	own->upper = NULL;
}

static int nulled_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	struct dentry *upper = READ_ONCE(nulled_I(inode)->upper);

	return upper->d_flags;
}

static void nulled_free_inode(struct inode *inode)
{
	kmem_cache_free(nulled_cachep, nulled_I(inode));
}

static const struct super_operations nulled_sops = {
	.alloc_inode = nulled_alloc_inode,
	.destroy_inode = nulled_destroy_inode,
	.free_inode = nulled_free_inode,
};

const struct inode_operations nulled_permission_iops = {
	.permission = nulled_permission,
};

static int nulled_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &nulled_sops;
	return 0;
}

static int nulled_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, nulled_fill_super);
}

static const struct fs_context_operations nulled_context = {
	.get_tree = nulled_get_tree,
};

static int nulled_init_context(struct fs_context *fc)
{
	fc->ops = &nulled_context;
	return 0;
}

static struct file_system_type nulled_type = {
	.owner = THIS_MODULE,
	.name = "nulled",
	.init_fs_context = nulled_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit nulled_exit(void)
{
	unregister_filesystem(&nulled_type);
	rcu_barrier();
	kmem_cache_destroy(nulled_cachep);
}
module_exit(nulled_exit);
