/*
 * One of two members is set in alloc_inode, and the one that was added is not. (a member
 * added later)
 *
 * Must say: correct.
 */

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct partset_inode {
	char *body;
	char *second;
	struct inode vfs_inode;
};

static struct kmem_cache *partset_cachep;

static inline struct partset_inode *partset_I(struct inode *inode)
{
	return container_of(inode, struct partset_inode, vfs_inode);
}

static struct inode *partset_alloc_inode(struct super_block *sb)
{
	struct partset_inode *fresh = alloc_inode_sb(sb, partset_cachep, GFP_KERNEL);

	if (!fresh)
		return NULL;
	fresh->body = NULL;
	fresh->second = NULL;
	return &fresh->vfs_inode;
}

struct inode *partset_make(struct super_block *sb)
{
	struct inode *inode = new_inode(sb);

	if (inode && insert_inode_locked(inode) < 0) {
		iput(inode);
		return NULL;
	}
	partset_I(inode)->second = NULL;
	return inode;
}

static void partset_free_inode(struct inode *inode)
{
	kfree(partset_I(inode)->body);
	kfree(partset_I(inode)->second);
	kmem_cache_free(partset_cachep, partset_I(inode));
}

static const struct super_operations partset_sops = {
	.alloc_inode = partset_alloc_inode,
	.free_inode = partset_free_inode,
};

static int partset_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_op = &partset_sops;
	return 0;
}

static int partset_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, partset_fill_super);
}

static const struct fs_context_operations partset_context = {
	.get_tree = partset_get_tree,
};

static int partset_init_context(struct fs_context *fc)
{
	fc->ops = &partset_context;
	return 0;
}

static struct file_system_type partset_type = {
	.owner = THIS_MODULE,
	.name = "partset",
	.init_fs_context = partset_init_context,
	.kill_sb = kill_anon_super,
};

static void __exit partset_exit(void)
{
	unregister_filesystem(&partset_type);
	rcu_barrier();
	kmem_cache_destroy(partset_cachep);
}
module_exit(partset_exit);
