/*
 * The getter is a macro, and the reader gets there through a local. (the same behind a
 * macro)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct macroget_inode {
	int flags;
	struct macroget_text *body;
	struct inode vfs_inode;
};

static struct kmem_cache *macroget_cachep;

#define macroget_I(inode) container_of(inode, struct macroget_inode, vfs_inode)

static struct inode *macroget_alloc_inode(struct super_block *sb)
{
	struct macroget_inode *fresh = alloc_inode_sb(sb, macroget_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void macroget_evict_inode(struct inode *inode)
{
	struct macroget_text *text = macroget_I(inode)->body;

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree_rcu(text, rcu);
}

static int macroget_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	struct macroget_inode *own = macroget_I(inode);
	struct macroget_text *text = own->body;

	if (!text)
		return 0;
	return text->allowed & mask ? 0 : -EACCES;
}

static void macroget_free_inode(struct inode *inode)
{
	kmem_cache_free(macroget_cachep, macroget_I(inode));
}

static const struct super_operations macroget_sops = {
	.alloc_inode = macroget_alloc_inode,
	.evict_inode = macroget_evict_inode,
	.free_inode = macroget_free_inode,
};

const struct inode_operations macroget_permission_iops = {
	.permission = macroget_permission,
};

static int macroget_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &macroget_sops;
	return 0;
}

static int macroget_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, macroget_fill_super);
}

static const struct fs_context_operations macroget_context = {
	.get_tree = macroget_get_tree,
};

static int macroget_init_context(struct fs_context *fc)
{
	fc->ops = &macroget_context;
	return 0;
}

static struct file_system_type macroget_type = {
	.owner = THIS_MODULE,
	.name = "macroget",
	.init_fs_context = macroget_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit macroget_exit(void)
{
	unregister_filesystem(&macroget_type);
	rcu_barrier();
	kmem_cache_destroy(macroget_cachep);
}
module_exit(macroget_exit);
