/* permission looks at the table before it says that it may not block */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct permlate_acl_table {
	int entries;
	u32 allow[16];
};

struct permlate_inode {
	struct inode inode;
	struct permlate_acl_table *table;
};

static struct kmem_cache *permlate_cachep;

#define to_permlate(i)	container_of_const(i, struct permlate_inode, inode)

static struct inode *permlate_alloc_inode(struct super_block *sb)
{
	struct permlate_inode *pi = alloc_inode_sb(sb, permlate_cachep, GFP_KERNEL);

	if (pi == NULL)
		return NULL;
	pi->table = NULL;
	return &pi->inode;
}

static void permlate_free_inode(struct inode *inode)
{
	kmem_cache_free(permlate_cachep, to_permlate(inode));
}

static void permlate_evict_inode(struct inode *inode)
{
	struct permlate_inode *pi = to_permlate(inode);

	truncate_inode_pages_final(inode->i_mapping);
	clear_inode(inode);
	if (pi->table) {
		kvfree(pi->table);
		pi->table = NULL;
	}
}

static int permlate_refresh(struct inode *inode)
{
	return filemap_write_and_wait(inode->i_mapping);
}

static int permlate_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	struct permlate_acl_table *table;
	int error;

	table = to_permlate(inode)->table;
	if (!table)
		return -EACCES;
	if (table->entries == 0)
		return 0;
	if (mask & MAY_NOT_BLOCK)
		return -ECHILD;
	error = permlate_refresh(inode);
	if (error)
		return error;
	return table->allow[0] & mask ? 0 : -EACCES;
}

const struct inode_operations permlate_iops = {
	.permission = permlate_permission,
	.setattr = simple_setattr,
};

static const struct super_operations permlate_sops = {
	.alloc_inode = permlate_alloc_inode,
	.free_inode = permlate_free_inode,
	.evict_inode = permlate_evict_inode,
};

static int permlate_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &permlate_sops;
	return 0;
}

static int permlate_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, permlate_fill_super);
}

static const struct fs_context_operations permlate_context_ops = {
	.get_tree = permlate_get_tree,
};

static int permlate_init_fs_context(struct fs_context *fc)
{
	fc->ops = &permlate_context_ops;
	return 0;
}

static struct file_system_type permlate_fs_type = {
	.owner = THIS_MODULE,
	.name = "permlate",
	.init_fs_context = permlate_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit permlate_exit(void)
{
	unregister_filesystem(&permlate_fs_type);
	rcu_barrier();
	kmem_cache_destroy(permlate_cachep);
}
module_exit(permlate_exit);
MODULE_LICENSE("GPL");
