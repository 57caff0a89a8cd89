/*
 * A struct given back at once, whose pages others look at without a reference.
 * (fdb0da89f4ba, with pages)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct structmap_inode {
	int flags;
	struct inode vfs_inode;
};

static struct kmem_cache *structmap_cachep;

static inline const struct structmap_inode *structmap_const(const struct inode *inode)
{
	return container_of_const(inode, struct structmap_inode, vfs_inode);
}

#define structmap_I(inode) ((struct structmap_inode *)structmap_const(inode))

static struct inode *structmap_alloc_inode(struct super_block *sb)
{
	struct structmap_inode *fresh = alloc_inode_sb(sb, structmap_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	return &fresh->vfs_inode;
}

static void structmap_destroy_inode(struct inode *inode)
{
	kmem_cache_free(structmap_cachep, structmap_I(inode));
}

static void structmap_invalidate_folio(struct folio *folio, size_t offset, size_t length)
{
	folio_clear_dirty(folio);
}

static const struct super_operations structmap_sops = {
	.alloc_inode = structmap_alloc_inode,
	.destroy_inode = structmap_destroy_inode,
};

const struct address_space_operations structmap_aops = {
	.invalidate_folio = structmap_invalidate_folio,
};

static int structmap_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &structmap_sops;
	return 0;
}

static int structmap_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, structmap_fill_super);
}

static const struct fs_context_operations structmap_context = {
	.get_tree = structmap_get_tree,
};

static int structmap_init_context(struct fs_context *fc)
{
	fc->ops = &structmap_context;
	return 0;
}

static struct file_system_type structmap_type = {
	.owner = THIS_MODULE,
	.name = "structmap",
	.init_fs_context = structmap_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit structmap_exit(void)
{
	unregister_filesystem(&structmap_type);
	rcu_barrier();
	kmem_cache_destroy(structmap_cachep);
}
module_exit(structmap_exit);
