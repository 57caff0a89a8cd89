"""Whole files of our own words: a table, its hooks, its module, read and judged."""

import pytest

from gmemviz.derive import derive_table, judge_derived, open_tree, read_table, tables_of
from gmemviz.errors import UnknownNameError

SOURCE = """
struct toy {
	char *target;
	struct inode vfs_inode;
};

static inline struct toy *TOY_I(struct inode *inode)
{
	return container_of(inode, struct toy, vfs_inode);
}

static struct inode *toy_alloc_inode(struct super_block *sb)
{
	struct toy *toy = alloc_inode_sb(sb, toy_cachep, GFP_KERNEL);

	if (!toy)
		return NULL;
	SET
	return &toy->vfs_inode;
}

static void toy_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	EVICT
}

static void toy_free_inode(struct inode *inode)
{
	FREE
	kmem_cache_free(toy_cachep, TOY_I(inode));
}

static const char *toy_get_link(struct dentry *dentry, struct inode *inode)
{
	BAIL
	return TOY_I(inode)->target->text;
}

const struct super_operations toy_ops = {
	.alloc_inode	= toy_alloc_inode,
	.evict_inode	= toy_evict_inode,
	.free_inode	= toy_free_inode,
};

const struct inode_operations toy_link = {
	.get_link	= toy_get_link,
};

static int toy_fill(struct super_block *sb)
{
	sb->s_op = &toy_ops;
	return 0;
}

static struct file_system_type toy_type = {
	.name		= "toyfs",
	.init_fs_context = toy_fill,
};

static void __exit toy_exit(void)
{
	BARRIER
	kmem_cache_destroy(toy_cachep);
}
module_exit(toy_exit);
"""
MENDED = {"SET": "toy->target = NULL;", "EVICT": "", "FREE": "kfree(TOY_I(inode)->target);",
          "BAIL": "", "BARRIER": "rcu_barrier();"}  # fmt: skip


def write_tree(folder, **changed):
    """Write a tree with toyfs in it, all right but for what is changed."""
    text = SOURCE
    for word, line in {**MENDED, **changed}.items():
        text = text.replace(word, line)
    files = {"Makefile": "VERSION = 6\nPATCHLEVEL = 12\n", "fs/inode.c": "\nint x;\n",
             "fs/toyfs/super.c": text}  # fmt: skip
    for path, words in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(words)
    return folder


@pytest.fixture
def verdict(tmp_path):
    def judged(**changed):
        deeds = open_tree(write_tree(tmp_path, **changed), "toyfs")
        (table,) = tables_of(deeds, "toyfs")
        return judge_derived(derive_table(deeds, table))

    return judged


FREED = "kfree(TOY_I(inode)->target);"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, ""),
        ({"EVICT": FREED, "FREE": ""}, "use-after-free"),
        ({"EVICT": FREED, "BAIL": "if (!dentry)\n\t\treturn NULL;"}, "double-free"),
        ({"EVICT": FREED, "FREE": "", "BAIL": "if (!dentry)\n\t\treturn NULL;"}, ""),
        ({"EVICT": "kfree_rcu(TOY_I(inode)->target, rcu);", "FREE": ""}, ""),
        ({"SET": ""}, "double-free"),
        ({"BARRIER": ""}, "objects-remain"),
        ({"BARRIER": "synchronize_rcu();"}, "objects-remain"),
    ],
)
def test_a_filesystem_is_judged_by_its_source(verdict, changed, code):
    found = verdict(**changed)
    assert found.derived.unread == ()
    assert code in found.sentence
    assert found.word == ("defects" if code else "correct")


CREATOR = """struct inode *toy_iget(struct super_block *sb)
{
	struct inode *inode = new_inode(sb);

	FIRST
	if (toy_fails())
		iput(inode);
	SECOND
	return inode;
}
"""


@pytest.mark.parametrize(("first", "code"), [(True, ""), (False, "double-free")])
def test_a_creator_is_read_where_alloc_inode_sets_nothing(tmp_path, first, code):
    sets = "TOY_I(inode)->target = NULL;"
    creator = CREATOR.replace("FIRST" if first else "SECOND", sets)
    creator = creator.replace("SECOND" if first else "FIRST", "")
    folder = write_tree(
        tmp_path, SET="", EVICT=FREED, FREE="", BAIL="if (!dentry)\n\t\treturn NULL;"
    )
    file = folder / "fs/toyfs/super.c"
    file.write_text(file.read_text() + creator)
    deeds = open_tree(folder, "toyfs")
    (table,) = tables_of(deeds, "toyfs")
    found = judge_derived(derive_table(deeds, table))
    assert [made.function for made in (read_table(deeds, table, "6.12").creators)] == ["toy_iget"]
    assert code in found.sentence
    assert bool(found.broken) == bool(code)


@pytest.mark.parametrize(("ends", "code"), [("kfree", "use-after-free"), ("kfree_rcu", "")])
def test_kill_sb_and_what_path_walk_reads(tmp_path, ends, code):
    free = "kfree(sb->s_fs_info);" if ends == "kfree" else "kfree_rcu(sb->s_fs_info, rcu);"
    folder = write_tree(tmp_path, BAIL="toy_use(inode->i_sb->s_fs_info->text);")
    file = folder / "fs/toyfs/super.c"
    kill = (
        f"static void toy_kill(struct super_block *sb)\n{{\n\tkill_anon_super(sb);\n\t{free}\n}}\n"
    )
    text = file.read_text().replace("static struct file_system_type toy_type = {",
                                    kill + "static struct file_system_type toy_type = {\n"
                                    "\t.kill_sb = toy_kill,")  # fmt: skip
    file.write_text(text)
    deeds = open_tree(folder, "toyfs")
    (table,) = tables_of(deeds, "toyfs")
    found = judge_derived(derive_table(deeds, table))
    assert "kill_sb" in found.derived.texts[0]["hooks"]
    assert code in found.sentence
    assert bool(found.broken) == bool(code)


def test_an_unknown_function_leaves_it_open(verdict):
    found = verdict(EVICT="toy_forget(inode);")
    assert found.word == "correct as far as read"
    assert str(found.derived.unread[0]).startswith("fs/toyfs/super.c:")


def test_an_unknown_filesystem_is_refused(verdict, tmp_path):
    verdict()
    with pytest.raises(UnknownNameError, match="toyfs"):
        tables_of(open_tree(tmp_path, "toyfs"), "toysf")
