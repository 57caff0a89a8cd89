/*
 * evict_inode frees the pointer and leaves it, and free_inode frees it once more. (two
 * hooks, one pointer)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct bothfree_inode {
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *bothfree_cachep;

static inline struct bothfree_inode *bothfree_I(struct inode *inode)
{
	return container_of(inode, struct bothfree_inode, vfs_inode);
}

static struct inode *bothfree_alloc_inode(struct super_block *sb)
{
	struct bothfree_inode *fresh = alloc_inode_sb(sb, bothfree_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void bothfree_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(bothfree_I(inode)->body);
	bothfree_I(inode)->body = NULL;
}

static void bothfree_free_inode(struct inode *inode)
{
	kfree(bothfree_I(inode)->body);
	kmem_cache_free(bothfree_cachep, bothfree_I(inode));
}

static const struct super_operations bothfree_sops = {
	.alloc_inode = bothfree_alloc_inode,
	.evict_inode = bothfree_evict_inode,
	.free_inode = bothfree_free_inode,
};

static int bothfree_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &bothfree_sops;
	return 0;
}

static int bothfree_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, bothfree_fill_super);
}

static const struct fs_context_operations bothfree_context = {
	.get_tree = bothfree_get_tree,
};

static int bothfree_init_context(struct fs_context *fc)
{
	fc->ops = &bothfree_context;
	return 0;
}

static struct file_system_type bothfree_type = {
	.owner = THIS_MODULE,
	.name = "bothfree",
	.init_fs_context = bothfree_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit bothfree_exit(void)
{
	unregister_filesystem(&bothfree_type);
	rcu_barrier();
	kmem_cache_destroy(bothfree_cachep);
}
module_exit(bothfree_exit);
