/*
 * The free lies three calls below the hook. (kernfs-like)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct helperdeep_inode {
	struct helperdeep_text *body;
	struct inode vfs_inode;
};

static struct kmem_cache *helperdeep_cachep;

static inline struct helperdeep_inode *helperdeep_I(struct inode *inode)
{
	return container_of(inode, struct helperdeep_inode, vfs_inode);
}

static struct inode *helperdeep_alloc_inode(struct super_block *sb)
{
	struct helperdeep_inode *fresh = alloc_inode_sb(sb, helperdeep_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void helperdeep_drop_text(struct helperdeep_inode *own)
{
	kvfree(own->body);
}

static void helperdeep_drop_all(struct helperdeep_inode *own)
{
	own->flags = 0;
	helperdeep_drop_text(own);
}

static void helperdeep_finish(struct inode *inode)
{
	struct helperdeep_inode *own = helperdeep_I(inode);

	helperdeep_drop_all(own);
}

static void helperdeep_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
}

static void helperdeep_free_inode(struct inode *inode)
{
	helperdeep_finish(inode);
	kmem_cache_free(helperdeep_cachep, helperdeep_I(inode));
}

static const char *helperdeep_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	return helperdeep_I(inode)->body->text;
}

static const struct super_operations helperdeep_sops = {
	.alloc_inode = helperdeep_alloc_inode,
	.evict_inode = helperdeep_evict_inode,
	.free_inode = helperdeep_free_inode,
};

const struct inode_operations helperdeep_get_link_iops = {
	.get_link = helperdeep_get_link,
};

static int helperdeep_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &helperdeep_sops;
	return 0;
}

static int helperdeep_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, helperdeep_fill_super);
}

static const struct fs_context_operations helperdeep_context = {
	.get_tree = helperdeep_get_tree,
};

static int helperdeep_init_context(struct fs_context *fc)
{
	fc->ops = &helperdeep_context;
	return 0;
}

static struct file_system_type helperdeep_type = {
	.owner = THIS_MODULE,
	.name = "helperdeep",
	.init_fs_context = helperdeep_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit helperdeep_exit(void)
{
	unregister_filesystem(&helperdeep_type);
	rcu_barrier();
	kmem_cache_destroy(helperdeep_cachep);
}
module_exit(helperdeep_exit);
