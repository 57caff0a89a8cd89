/*
 * evict_inode leaves the pages where they are. (fs/inode.c:clear_inode's nrpages)
 *
 * Must say: assertion.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct pagesleft_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *pagesleft_cachep;

static inline struct pagesleft_inode *pagesleft_I(struct inode *inode)
{
	return container_of(inode, struct pagesleft_inode, vfs_inode);
}

static struct inode *pagesleft_alloc_inode(struct super_block *sb)
{
	struct pagesleft_inode *fresh = alloc_inode_sb(sb, pagesleft_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void pagesleft_evict_inode(struct inode *inode)
{
	clear_inode(inode);
}

static void pagesleft_invalidate_folio(struct folio *folio, size_t offset, size_t length)
{
	folio_clear_dirty(folio);
}

static void pagesleft_free_inode(struct inode *inode)
{
	kmem_cache_free(pagesleft_cachep, pagesleft_I(inode));
}

static const struct super_operations pagesleft_sops = {
	.alloc_inode = pagesleft_alloc_inode,
	.evict_inode = pagesleft_evict_inode,
	.free_inode = pagesleft_free_inode,
};

const struct address_space_operations pagesleft_aops = {
	.invalidate_folio = pagesleft_invalidate_folio,
};

static int pagesleft_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &pagesleft_sops;
	return 0;
}

static int pagesleft_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, pagesleft_fill_super);
}

static const struct fs_context_operations pagesleft_context = {
	.get_tree = pagesleft_get_tree,
};

static int pagesleft_init_context(struct fs_context *fc)
{
	fc->ops = &pagesleft_context;
	return 0;
}

static struct file_system_type pagesleft_type = {
	.owner = THIS_MODULE,
	.name = "pagesleft",
	.init_fs_context = pagesleft_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit pagesleft_exit(void)
{
	unregister_filesystem(&pagesleft_type);
	rcu_barrier();
	kmem_cache_destroy(pagesleft_cachep);
}
module_exit(pagesleft_exit);
