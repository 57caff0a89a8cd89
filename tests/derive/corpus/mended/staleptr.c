/*
 * A creator fails before it has set the pointer: an earlier life's is freed once more.
 * (7ea71af)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct staleptr_inode {
	char *body;
	struct inode vfs_inode;
};

static struct kmem_cache *staleptr_cachep;

static inline struct staleptr_inode *staleptr_I(struct inode *inode)
{
	return container_of(inode, struct staleptr_inode, vfs_inode);
}

static struct inode *staleptr_alloc_inode(struct super_block *sb)
{
	struct staleptr_inode *fresh = alloc_inode_sb(sb, staleptr_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	return &fresh->vfs_inode;
}

static void staleptr_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(staleptr_I(inode)->body);
}

struct inode *staleptr_make(struct super_block *sb, char *name)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	if (insert_inode_locked(inode) < 0) {
		iput(inode);
		return NULL;
	}
	staleptr_I(inode)->body = kstrdup(name, GFP_KERNEL);
	return inode;
}

static void staleptr_free_inode(struct inode *inode)
{
	kmem_cache_free(staleptr_cachep, staleptr_I(inode));
}

static const struct super_operations staleptr_sops = {
	.alloc_inode = staleptr_alloc_inode,
	.evict_inode = staleptr_evict_inode,
	.free_inode = staleptr_free_inode,
};

static int staleptr_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &staleptr_sops;
	return 0;
}

static int staleptr_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, staleptr_fill_super);
}

static const struct fs_context_operations staleptr_context = {
	.get_tree = staleptr_get_tree,
};

static int staleptr_init_context(struct fs_context *fc)
{
	fc->ops = &staleptr_context;
	return 0;
}

static struct file_system_type staleptr_type = {
	.owner = THIS_MODULE,
	.name = "staleptr",
	.init_fs_context = staleptr_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit staleptr_exit(void)
{
	unregister_filesystem(&staleptr_type);
	rcu_barrier();
	kmem_cache_destroy(staleptr_cachep);
}
module_exit(staleptr_exit);
