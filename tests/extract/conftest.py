"""A kernel tree of our own, small, with one of everything that extraction knows."""

import textwrap

import pytest

FILES = {
    "Makefile": """
        VERSION = 9
        PATCHLEVEL = 8
        SUBLEVEL = 7
        EXTRAVERSION =
        """,
    "include/linux/fs.h": """
        struct toy_lock;
        struct super_operations {
            struct inode *(*alloc_inode)(struct super_block *sb);
            void (*destroy_inode)(struct inode *);
            void (*free_inode)(struct inode *);
            int (*drop_inode)(struct inode *);
            void (*evict_inode)(struct inode *);
        };
        struct file_operations {
            int (*open)(struct inode *, struct file *);
            int (*release)(struct inode *, struct file *);
        };
        struct address_space_operations {
            void (*free_folio)(struct folio *);
        };
        struct address_space {
            struct inode *host;
            const struct address_space_operations *a_ops;
        #ifdef CONFIG_TOY
            void *i_toy, *i_other;
        #endif
        } __attribute__((aligned(8)));
        struct inode {
            const struct super_block *i_sb;
            union {
                const struct file_operations *i_fop;
                void (*free_inode)(struct inode *);
            };
            struct address_space i_data;
            unsigned long i_state : 3, i_flags;
            char i_name[8];
        };
        struct file { const struct file_operations *f_op; };
        struct super_block { const struct super_operations *s_op; };
        static inline void toy_get(struct inode *inode) { toy_count(inode); }
        #define toy_alloc(sb, cache) kmem_cache_alloc(cache, sb)
        DEFINE_GUARD(toy, struct toy_lock *, toy_lock(_T), toy_unlock(_T))
        DEFINE_FREE(toy_put, struct inode *, if (_T) toy_put(_T))
        """,
    "fs/inode.c": """
        static void toy_callback(struct rcu_head *head)
        {
            struct inode *inode = container_of(head, struct inode, i_rcu);

            if (inode->free_inode)
                inode->free_inode(inode);
            else
                free_toy(inode);
        }

        static void destroy_inode(struct inode *inode)
        {
            const struct super_operations *ops = inode->i_sb->s_op;

            if (ops->destroy_inode) {
                ops->destroy_inode(inode);
                if (!ops->free_inode)
                    return;
            }
            inode->free_inode = ops->free_inode;
            call_rcu(&inode->i_rcu, toy_callback);
        }

        static void evict(struct inode *inode)
        {
            const struct super_operations *op = inode->i_sb->s_op;

            if (op->evict_inode) {
                op->evict_inode(inode);
            } else {
                truncate_toy(&inode->i_data);
                clear_inode(inode);
            }
            destroy_inode(inode);
        }

        void iput(struct inode *inode)
        {
            toy_get(inode);
            evict(inode);
        }
        """,
    "fs/toyfs/super.c": """
        static void toyfs_evict(struct inode *inode)
        {
            truncate_toy(&inode->i_data);
        }

        static const struct super_operations toyfs_ops = {
            .alloc_inode	= NULL,
            .evict_inode	= toyfs_evict,
        #ifdef CONFIG_TOY
            .free_inode	= &toyfs_free,
        #endif
        };

        static int toyfs_fill(struct super_block *sb)
        {
            sb->s_op = &toyfs_ops;
            return 0;
        }

        static const struct file_operations toyfs_file = { .release = toyfs_release };

        static struct file_system_type toyfs_type = {
            .name	= "toyfs",
            .get_tree	= toyfs_fill,
            .kill_sb	= kill_toy,
        };
        """,
}


@pytest.fixture
def write_tree(tmp_path):
    """Return a function that writes the tree, with files added or replaced."""

    def write(**more):
        changed = {name.replace("__", "/") + ".c": text for name, text in more.items()}
        for path, text in {**FILES, **changed}.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text))
        return tmp_path

    return write
