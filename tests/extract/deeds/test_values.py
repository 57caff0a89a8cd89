"""Expressions, by what is given back through them."""

import pytest

from tests.extract.deeds.conftest import spell


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        ("inode->i_link", ["i_link"]),
        ("(*inode).i_link", ["i_link"]),
        ("(&TOY_I(inode)->vfs_inode)->i_link", ["i_link"]),
        ("(char *)inode->i_private", ["i_private"]),
        ("x ? inode->i_link : inode->i_private", ["i_link", "i_private"]),
        ("inode->i_link ?: inode->i_private", ["i_link", "i_private"]),
        ("x = inode->i_link", ["i_link"]),
        ("(x(), inode->i_link)", ["i_link"]),
        ("({ char *y = inode->i_link; y; })", ["i_link"]),
        ("TOY_I(inode)->parts[2]", []),
        ("NULL", []),
        ("READ_ONCE(inode->i_link)", ["i_link"]),
        ("xchg(&inode->i_link, NULL)", ["i_link"]),
    ],
)
def test_what_an_expression_leads_to(of_body, expression, paths):
    found = of_body(f"char *x;\nkfree({expression});")
    assert [line.split()[2] for line in spell(found, "given back")] == paths


def test_pointer_arithmetic_is_not_followed(of_body):
    found = of_body("kfree((void *)inode + 8);")
    assert spell(found) == []
    assert [entry.why for entry in found.unread] == ["what it is was not followed"]
