/*
 * The elements of a list are freed one by one in evict_inode; permission walks it under RCU.
 * (a list in evict_inode)
 *
 * Must say: use-after-free.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct elements_inode {
	struct list_head rules;
	struct inode vfs_inode;
};

static struct kmem_cache *elements_cachep;

static inline struct elements_inode *elements_I(struct inode *inode)
{
	return container_of(inode, struct elements_inode, vfs_inode);
}

static struct inode *elements_alloc_inode(struct super_block *sb)
{
	struct elements_inode *fresh = alloc_inode_sb(sb, elements_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	INIT_LIST_HEAD(&fresh->rules);
	return &fresh->vfs_inode;
}

static void elements_evict_inode(struct inode *inode)
{
	struct elements_inode *own = elements_I(inode);
	struct elements_rule *rule, *next;

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	list_for_each_entry_safe(rule, next, &own->rules, link) {
		list_del_rcu(&rule->link);
		kfree(rule);
	}
}

static int elements_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	struct elements_rule *rule;

	list_for_each_entry_rcu(rule, &elements_I(inode)->rules, link)
		if (rule->mask & mask)
			return -EACCES;
	return 0;
}

static void elements_free_inode(struct inode *inode)
{
	kmem_cache_free(elements_cachep, elements_I(inode));
}

static const struct super_operations elements_sops = {
	.alloc_inode = elements_alloc_inode,
	.evict_inode = elements_evict_inode,
	.free_inode = elements_free_inode,
};

const struct inode_operations elements_permission_iops = {
	.permission = elements_permission,
};

static int elements_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &elements_sops;
	return 0;
}

static int elements_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, elements_fill_super);
}

static const struct fs_context_operations elements_context = {
	.get_tree = elements_get_tree,
};

static int elements_init_context(struct fs_context *fc)
{
	fc->ops = &elements_context;
	return 0;
}

static struct file_system_type elements_type = {
	.owner = THIS_MODULE,
	.name = "elements",
	.init_fs_context = elements_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit elements_exit(void)
{
	unregister_filesystem(&elements_type);
	rcu_barrier();
	kmem_cache_destroy(elements_cachep);
}
module_exit(elements_exit);
