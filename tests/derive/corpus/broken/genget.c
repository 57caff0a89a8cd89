/* the getter is _Generic over const and plain inodes */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct genget_rule {
	struct rcu_head rcu;
	umode_t deny;
};

struct genget_node {
	struct genget_rule *rule;
	struct inode vnode;
};

#define GENGET_I(p) _Generic((p),						\
	const struct inode *: ((const struct genget_node *)container_of((p), struct genget_node, vnode)), \
	struct inode *: container_of((p), struct genget_node, vnode))

static struct kmem_cache *genget_cachep;

static struct inode *genget_alloc_inode(struct super_block *sb)
{
	struct genget_node *node = alloc_inode_sb(sb, genget_cachep, GFP_NOFS);

	if (unlikely(!node))
		return NULL;
	node->rule = NULL;
	return &node->vnode;
}

static void genget_evict_inode(struct inode *inode)
{
	struct genget_node *node = GENGET_I(inode);

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(node->rule);
}

static void genget_free_inode(struct inode *inode)
{
	kmem_cache_free(genget_cachep, GENGET_I(inode));
}

static int genget_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	const struct genget_rule *rule = READ_ONCE(GENGET_I((const struct inode *)inode)->rule);

	if (rule && (rule->deny & mask))
		return -EACCES;
	return generic_permission(idmap, inode, mask);
}

const struct inode_operations genget_dir_iops = {
	.permission	= genget_permission,
};

static const struct super_operations genget_sops = {
	.alloc_inode	= genget_alloc_inode,
	.free_inode	= genget_free_inode,
	.evict_inode	= genget_evict_inode,
	.statfs		= simple_statfs,
};

static int genget_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &genget_sops;
	return 0;
}

static int genget_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, genget_fill_super);
}

static const struct fs_context_operations genget_context_ops = {
	.get_tree = genget_get_tree,
};

static int genget_init_fs_context(struct fs_context *fc)
{
	fc->ops = &genget_context_ops;
	return 0;
}

static struct file_system_type genget_fs_type = {
	.owner = THIS_MODULE,
	.name = "genget",
	.init_fs_context = genget_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit genget_exit(void)
{
	unregister_filesystem(&genget_fs_type);
	rcu_barrier();
	kmem_cache_destroy(genget_cachep);
}
module_exit(genget_exit);
MODULE_LICENSE("GPL");
