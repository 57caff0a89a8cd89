/*
 * kill_sb frees what path walk without a reference reads through s_fs_info. (c1b967d03c5d)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct sbgone_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *sbgone_cachep;

static inline struct sbgone_inode *sbgone_I(struct inode *inode)
{
	return container_of(inode, struct sbgone_inode, vfs_inode);
}

static struct inode *sbgone_alloc_inode(struct super_block *sb)
{
	struct sbgone_inode *fresh = alloc_inode_sb(sb, sbgone_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void sbgone_kill_sb(struct super_block *sb)
{
	struct sbgone_server *server = sb->s_fs_info;

	kill_anon_super(sb);
	kfree_rcu(server, rcu);
}

static int sbgone_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	struct sbgone_server *server = inode->i_sb->s_fs_info;

	return server->is_strict;
}

static void sbgone_free_inode(struct inode *inode)
{
	kmem_cache_free(sbgone_cachep, sbgone_I(inode));
}

static const struct super_operations sbgone_sops = {
	.alloc_inode = sbgone_alloc_inode,
	.free_inode = sbgone_free_inode,
};

const struct inode_operations sbgone_permission_iops = {
	.permission = sbgone_permission,
};

static int sbgone_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &sbgone_sops;
	return 0;
}

static int sbgone_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, sbgone_fill_super);
}

static const struct fs_context_operations sbgone_context = {
	.get_tree = sbgone_get_tree,
};

static int sbgone_init_context(struct fs_context *fc)
{
	fc->ops = &sbgone_context;
	return 0;
}

static struct file_system_type sbgone_type = {
	.owner = THIS_MODULE,
	.name = "sbgone",
	.init_fs_context = sbgone_init_context,
	.kill_sb = sbgone_kill_sb,
};

static void __exit sbgone_exit(void)
{
	unregister_filesystem(&sbgone_type);
	rcu_barrier();
	kmem_cache_destroy(sbgone_cachep);
}
module_exit(sbgone_exit);
