/*
 * invalidate_folio reads, as pages are truncated, what evict_inode has freed before. (what
 * truncation needs)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct mapfirst_inode {
	struct mapfirst_map *map;
	struct inode vfs_inode;
};

static struct kmem_cache *mapfirst_cachep;

static inline struct mapfirst_inode *mapfirst_I(struct inode *inode)
{
	return container_of(inode, struct mapfirst_inode, vfs_inode);
}

static struct inode *mapfirst_alloc_inode(struct super_block *sb)
{
	struct mapfirst_inode *fresh = alloc_inode_sb(sb, mapfirst_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->map = NULL;
	return &fresh->vfs_inode;
}

static void mapfirst_evict_inode(struct inode *inode)
{
	kfree(mapfirst_I(inode)->map);
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
}

static void mapfirst_invalidate_folio(struct folio *folio, size_t offset, size_t length)
{
	struct mapfirst_map *map = mapfirst_I(folio->mapping->host)->map;

	map->dirty -= length;
}

static void mapfirst_free_inode(struct inode *inode)
{
	kmem_cache_free(mapfirst_cachep, mapfirst_I(inode));
}

static const struct super_operations mapfirst_sops = {
	.alloc_inode = mapfirst_alloc_inode,
	.evict_inode = mapfirst_evict_inode,
	.free_inode = mapfirst_free_inode,
};

const struct address_space_operations mapfirst_aops = {
	.invalidate_folio = mapfirst_invalidate_folio,
};

static int mapfirst_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &mapfirst_sops;
	return 0;
}

static int mapfirst_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, mapfirst_fill_super);
}

static const struct fs_context_operations mapfirst_context = {
	.get_tree = mapfirst_get_tree,
};

static int mapfirst_init_context(struct fs_context *fc)
{
	fc->ops = &mapfirst_context;
	return 0;
}

static struct file_system_type mapfirst_type = {
	.owner = THIS_MODULE,
	.name = "mapfirst",
	.init_fs_context = mapfirst_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit mapfirst_exit(void)
{
	unregister_filesystem(&mapfirst_type);
	rcu_barrier();
	kmem_cache_destroy(mapfirst_cachep);
}
module_exit(mapfirst_exit);
