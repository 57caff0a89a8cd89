"""Which types carry a table, on small trees of each shape that the kernel has."""

import pytest

from gmemviz.extract import extract

TWO_TYPES = """
    static const struct super_operations toyfs_ops = { .evict_inode = toyfs_evict };

    int toyfs_fill(struct super_block *sb)
    {
        sb->s_op = &toyfs_ops;
        return 0;
    }

    static struct file_system_type toyfs_type = { .name = "toyfs", .get_tree = toyfs_fill };
    """
OTHER = """
    static int other_get(struct fs_context *fc)
    {
        return get_tree_bdev(fc, toyfs_fill);
    }

    static const struct fs_context_operations other_context = { .get_tree = other_get };

    static int other_init(struct fs_context *fc)
    {
        fc->ops = &other_context;
        return 0;
    }

    static struct file_system_type other_type = {
        .name = "otherfs", .init_fs_context = other_init, .kill_sb = kill_other,
    };
    """
LIBRARY = """
    static const struct super_operations simple_ops = { .statfs = simple_statfs };

    static int fill(struct super_block *s)
    {
        s->s_op = ctx->ops ?: &simple_ops;
        return 0;
    }

    static int get(struct fs_context *fc)
    {
        return get_tree_nodev(fc, fill);
    }

    static const struct fs_context_operations pseudo_context = { .get_tree = get };

    int init_pseudo(struct fs_context *fc)
    {
        fc->ops = &pseudo_context;
        return 0;
    }

    int is_simple(struct super_block *s)
    {
        return s->s_op == &simple_ops;
    }
    """
BORROWER = """
    static int lent_init(struct fs_context *fc)
    {
        return CALL(fc);
    }

    static struct file_system_type lent_type = { .name = "lentfs", .init_fs_context = lent_init };
    """


def carriers(folder):
    return {
        table.name: table.carriers
        for table in extract(folder).tables
        if table.struct == "super_operations"
    }


def test_two_types_of_a_folder(write_tree):
    folder = write_tree(fs__toyfs__super=TWO_TYPES, fs__toyfs__other=OTHER)
    assert carriers(folder) == {"toyfs_ops": ("otherfs", "toyfs")}


@pytest.mark.parametrize(
    ("call", "expected"), [("init_pseudo", ("lentfs",)), ("is_simple", ()), ("kill", ())]
)
def test_a_table_of_the_library(write_tree, call, expected):
    text = BORROWER.replace("CALL", call)
    folder = write_tree(fs__library=LIBRARY, drivers__lent__lent=text)
    assert carriers(folder)["simple_ops"] == expected


def test_a_type_with_a_table_of_its_own_borrows_none(write_tree):
    own = """
        static const struct super_operations own_ops = { .evict_inode = own_evict };

        static int own_init(struct fs_context *fc)
        {
            init_pseudo(fc);
            ctx->ops = &own_ops;
            return 0;
        }

        static struct file_system_type own_type = { .name = "ownfs", .init_fs_context = own_init };
        """
    folder = write_tree(fs__library=LIBRARY, mm__own=own)
    assert carriers(folder) == {
        "simple_ops": (), "own_ops": ("ownfs",), "toyfs_ops": ("toyfs",)
    }  # fmt: skip


def test_a_type_that_stands_beside_the_table(write_tree):
    text = """
        static const struct super_operations one_ops = { .evict_inode = one_evict };

        static struct file_system_type one_type = { .name = "onefs", .get_tree = one_get };

        static struct toy_version one_version = { .type = &one_type, .sops = &one_ops };
        """
    assert carriers(write_tree(fs__one__one=text))["one_ops"] == ("onefs",)
