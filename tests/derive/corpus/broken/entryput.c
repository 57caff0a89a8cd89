/*
 * The directory entry is put in evict_inode, and get_link reads it under RCU. (procfs of 6.1
 * against 6.12)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct entryput_inode {
	struct entryput_entry *entry;
	struct inode vfs_inode;
};

static struct kmem_cache *entryput_cachep;

static inline struct entryput_inode *entryput_I(struct inode *inode)
{
	return container_of(inode, struct entryput_inode, vfs_inode);
}

static struct inode *entryput_alloc_inode(struct super_block *sb)
{
	struct entryput_inode *fresh = alloc_inode_sb(sb, entryput_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->entry = NULL;
	return &fresh->vfs_inode;
}

static void entryput_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(entryput_I(inode)->entry);
}

static void entryput_free_inode(struct inode *inode)
{
	kmem_cache_free(entryput_cachep, entryput_I(inode));
}

static const char *entryput_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	return entryput_I(inode)->entry->target;
}

static const struct super_operations entryput_sops = {
	.alloc_inode = entryput_alloc_inode,
	.evict_inode = entryput_evict_inode,
	.free_inode = entryput_free_inode,
};

const struct inode_operations entryput_get_link_iops = {
	.get_link = entryput_get_link,
};

static int entryput_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &entryput_sops;
	return 0;
}

static int entryput_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, entryput_fill_super);
}

static const struct fs_context_operations entryput_context = {
	.get_tree = entryput_get_tree,
};

static int entryput_init_context(struct fs_context *fc)
{
	fc->ops = &entryput_context;
	return 0;
}

static struct file_system_type entryput_type = {
	.owner = THIS_MODULE,
	.name = "entryput",
	.init_fs_context = entryput_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit entryput_exit(void)
{
	unregister_filesystem(&entryput_type);
	rcu_barrier();
	kmem_cache_destroy(entryput_cachep);
}
module_exit(entryput_exit);
