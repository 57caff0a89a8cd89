import pytest

from tests.extract.deeds.conftest import spell


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ("S_ISDIR(inode->i_mode)", "inode directory"),
        ("special_file(inode->i_mode)", "inode special"),
        ("inode->i_nlink > 0", "not inode nlink 0"),
        ("inode->i_link != NULL", "i_link set"),
        ("!inode->i_link", "not i_link set"),
        ("list_empty(&TOY_I(inode)->parts)", "container.parts empty"),
        ("refcount_dec_and_test(&TOY_I(inode)->flags)", "container.flags last reference"),
        ("IS_ERR(x)", "failed"),
        ("mask & MAY_NOT_BLOCK", "rcu walk"),
        ("likely(inode->i_link)", "i_link set"),
        ("inode->i_flags & 4", "i_flags member"),
        ("x == 3", "if"),
        ("!(is_bad_inode(inode) || inode->i_link)", "not inode bad and not i_link set"),
    ],
)
def test_a_condition_has_a_class(of_body, condition, asked):
    found = of_body(f"int x = y();\nif ({condition})\n\tclear_inode(inode);")
    assert spell(found) == [f"clears inode if {asked}"]


def test_what_was_stored_answers(of_body):
    body = "inode->i_link = NULL;\nif (inode->i_link)\n\tclear_inode(inode);"
    assert spell(of_body(body), "clears") == []
