"""Calls through members: whom the tables of a struct name, and where nobody can say."""

import pytest

from gmemviz.extract.deeds.targets import folder_of, is_shared
from tests.extract.deeds.conftest import spell

OPS = """
struct toy_ops {
	void (*forget)(struct inode *inode);
	void (*rest)(struct inode *inode);
};
struct toy_box {
	const struct toy_ops *ops;
};
static void first(struct inode *inode)
{
	kfree(inode->i_link);
}
static void second(struct inode *inode)
{
	kfree(inode->i_private);
}
static inline struct toy_ops *BOX(struct inode *inode)
{
	return inode->i_private;
}
"""
FIRST = "static const struct toy_ops one_ops = {\n\t.forget = first,\n};\n"
SECOND = "static const struct toy_ops other_ops = {\n\t.forget\t= &second,\n};\n"
BOTH = ["given back i_link if case", "given back i_private if case"]
BOX = "struct toy_box *box = inode->i_private;\n"


@pytest.mark.parametrize(
    ("tables", "body", "expected"),
    [
        (FIRST, f"{BOX}box->ops->forget(inode);", ["given back i_link"]),
        (FIRST + SECOND, f"{BOX}box->ops->forget(inode);", BOTH),
        (FIRST + SECOND, f"{BOX}(*box->ops->forget)(inode);", BOTH),
        (FIRST + SECOND, "BOX(inode)->forget(inode);", BOTH),
        (FIRST, f"void (*forget)(struct inode *) = NULL;\n{BOX}forget = box->ops->forget;\nif (forget)\n\tforget(inode);",
         ["given back i_link if i_private member"]),
        (FIRST, f"{BOX}box->ops->rest(inode);", []),
    ],
)  # fmt: skip
def test_the_functions_of_the_tables_are_read(of_body, tables, body, expected):
    found = of_body(body, OPS + tables)
    assert [line.replace(" not case", "") for line in spell(found, "given back")] == expected
    assert found.unread == ()


@pytest.mark.parametrize(
    "tables",
    ["", f"{FIRST}static const struct toy_ops more_ops = MADE_BY_A_MACRO;\n",
     f"{FIRST}static const struct toy_ops more_ops = {{\n\tfirst, second,\n}};\n"],
)  # fmt: skip
def test_where_a_table_is_not_understood_nobody_is_named(of_body, tables):
    (entry,) = of_body(f"{BOX}box->ops->forget(inode);", OPS + tables).unread
    assert (entry.could.split("(")[0], entry.why) == ("forget", "it is called through a pointer")


def test_what_is_stored_in_a_table_is_called_too(of_body):
    more = f"{FIRST}void swap(struct toy_ops *ops)\n{{\n\tops->forget = second;\n}}\n"
    assert spell(of_body(f"{BOX}box->ops->forget(inode);", OPS + more), "given back") == BOTH


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("walk(inode, first);", ["given back i_link"]),
        ("walk(inode, first);\nwalk(inode, second);", ["given back i_link", "given back i_private"]),
        ("walk(inode, kfree);", ["given back inode"]),
        ("walk(inode, inode->i_nlink ? first : second);",
         ["given back i_link if case", "given back i_private if case"]),
    ],
)  # fmt: skip
def test_a_function_that_is_handed_in_is_known(of_body, body, expected):
    walk = "static void walk(struct inode *inode, void (*step)(struct inode *))\n{\n\tstep(inode);\n}\n"
    found = of_body(body, OPS + walk)
    if "?" in body:  # which of two it is, is not followed into a callee
        assert [entry.why for entry in found.unread] == ["it is called through a pointer"]
    else:
        assert spell(found, "given back") == expected


@pytest.mark.parametrize(
    ("path", "home", "shared"),
    [("fs/xfs/libxfs/xfs_btree.c", "fs/xfs/", False), ("mm/shmem.c", "mm/shmem.c", True)],
)
def test_the_part_of_the_kernel_that_a_file_is_of(path, home, shared):
    assert folder_of(path) == home
    assert is_shared(home) is shared
