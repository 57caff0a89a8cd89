/*
 * free_inode frees a table and then follows the pointer for its statistics. (a read behind
 * the free)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct laterused_inode {
	struct laterused_table *body;
	struct inode vfs_inode;
};

static struct kmem_cache *laterused_cachep;

static inline struct laterused_inode *laterused_I(struct inode *inode)
{
	return container_of(inode, struct laterused_inode, vfs_inode);
}

static struct inode *laterused_alloc_inode(struct super_block *sb)
{
	struct laterused_inode *fresh = alloc_inode_sb(sb, laterused_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static int laterused_total;

static void laterused_count(int entries)
{
	laterused_total += entries;
}

static void laterused_free_inode(struct inode *inode)
{
	struct laterused_inode *own = laterused_I(inode);

	kfree(own->body);
	laterused_count(own->body->entries);
	kmem_cache_free(laterused_cachep, own);
}

static const struct super_operations laterused_sops = {
	.alloc_inode = laterused_alloc_inode,
	.free_inode = laterused_free_inode,
};

static int laterused_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &laterused_sops;
	return 0;
}

static int laterused_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, laterused_fill_super);
}

static const struct fs_context_operations laterused_context = {
	.get_tree = laterused_get_tree,
};

static int laterused_init_context(struct fs_context *fc)
{
	fc->ops = &laterused_context;
	return 0;
}

static struct file_system_type laterused_type = {
	.owner = THIS_MODULE,
	.name = "laterused",
	.init_fs_context = laterused_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit laterused_exit(void)
{
	unregister_filesystem(&laterused_type);
	rcu_barrier();
	kmem_cache_destroy(laterused_cachep);
}
module_exit(laterused_exit);
