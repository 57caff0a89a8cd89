/* a chain of blocks is freed by a loop of its own in two hooks */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

struct chain_block { struct chain_block *next; u64 start; };
struct chain_inode {
	struct chain_block *head;
	struct inode vfs_inode;
};

static struct kmem_cache *chain_cachep;

static inline struct chain_inode *chain_I(struct inode *inode)
{
	return container_of(inode, struct chain_inode, vfs_inode);
}

static struct inode *chain_alloc_inode(struct super_block *sb)
{
	struct chain_inode *own = alloc_inode_sb(sb, chain_cachep, GFP_KERNEL);

	if (!own)
		return NULL;
	own->head = NULL;
	return &own->vfs_inode;
}

static void chain_drop(struct chain_inode *own)
{
	struct chain_block *block, *next;

	for (block = own->head; block; block = next) {
		next = block->next;
		kfree(block);
	}
}

static void chain_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	chain_drop(chain_I(inode));
}

static void chain_free_inode(struct inode *inode)
{
	struct chain_inode *own = chain_I(inode);

	chain_drop(own);
	kmem_cache_free(chain_cachep, own);
}

static const struct super_operations chain_sops = {
	.alloc_inode = chain_alloc_inode,
	.evict_inode = chain_evict_inode,
	.free_inode = chain_free_inode,
};

static int chain_fill_super(struct super_block *sb, struct fs_context *fc)
{
	sb->s_magic = 0x18;
	sb->s_op = &chain_sops;
	return 0;
}

static int chain_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, chain_fill_super);
}

static const struct fs_context_operations chain_context_ops = {
	.get_tree = chain_get_tree,
};

static int chain_init_fs_context(struct fs_context *fc)
{
	fc->ops = &chain_context_ops;
	return 0;
}

static struct file_system_type chain_fs_type = {
	.owner = THIS_MODULE,
	.name = "chain",
	.init_fs_context = chain_init_fs_context,
	.kill_sb = kill_anon_super,
};

static void __exit chain_exit(void)
{
	unregister_filesystem(&chain_fs_type);
	rcu_barrier();
	kmem_cache_destroy(chain_cachep);
}
module_exit(chain_exit);
MODULE_LICENSE("GPL");
