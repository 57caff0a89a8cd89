/* iget5_locked's set callback sets the key, or only who fills the inode does */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct iget5set_key {
	struct kref ref;
	u64 id;
};

struct iget5set_inode {
	struct iget5set_key *key;
	struct inode vfs_inode;
};

static struct kmem_cache *iget5set_cachep;

static inline struct iget5set_inode *to_i5(struct inode *inode)
{
	return container_of(inode, struct iget5set_inode, vfs_inode);
}

static struct inode *iget5set_alloc_inode(struct super_block *sb)
{
	struct iget5set_inode *n = alloc_inode_sb(sb, iget5set_cachep, GFP_KERNEL);

	if (!n)
		return NULL;
	return &n->vfs_inode;
}

static int iget5set_test(struct inode *inode, void *data)
{
	u64 *id = data;

	return inode->i_ino == *id;
}

static int iget5set_set(struct inode *inode, void *data)
{
	u64 *id = data;

	inode->i_ino = *id;
	return 0;
}

struct inode *iget5set_iget(struct super_block *sb, u64 id)
{
	struct inode *inode;

	inode = iget5_locked(sb, id, iget5set_test, iget5set_set, &id);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!(inode->i_state & I_NEW))
		return inode;
	if (id > 4096) {
		iget_failed(inode);
		return ERR_PTR(-ESTALE);
	}
	to_i5(inode)->key = kzalloc(sizeof(struct iget5set_key), GFP_KERNEL);
	unlock_new_inode(inode);
	return inode;
}

static void iget5set_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	kfree(to_i5(inode)->key);
}

static void iget5set_free_inode(struct inode *inode)
{
	kmem_cache_free(iget5set_cachep, to_i5(inode));
}

static const struct super_operations iget5set_sops = {
	.alloc_inode = iget5set_alloc_inode,
	.evict_inode = iget5set_evict_inode,
	.free_inode = iget5set_free_inode,
};

static int iget5set_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &iget5set_sops;
	return 0;
}

static int iget5set_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, iget5set_fill_super);
}

static const struct fs_context_operations iget5set_context_ops = {
	.get_tree = iget5set_get_tree,
};

static int iget5set_init_fs_context(struct fs_context *fc)
{
	fc->ops = &iget5set_context_ops;
	return 0;
}

static struct file_system_type iget5set_fs_type = {
	.owner = THIS_MODULE,
	.name = "iget5set",
	.init_fs_context = iget5set_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit iget5set_exit(void)
{
	unregister_filesystem(&iget5set_fs_type);
	rcu_barrier();
	kmem_cache_destroy(iget5set_cachep);
}
module_exit(iget5set_exit);
MODULE_LICENSE("GPL");
