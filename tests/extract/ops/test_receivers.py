import pytest

from gmemviz.extract.code.lexer import tokenize
from gmemviz.extract.index import Index
from gmemviz.extract.ops.receivers import Receivers, chain, declared
from gmemviz.extract.tree.tree import Tree


@pytest.fixture
def receivers(write_tree):
    tree = Tree(write_tree())
    index = Index(tree)
    for path in tree.files([""]):
        index.add(path)
    return Receivers(index)


def test_declared():
    text = "f(struct inode *inode, const struct toy __rcu **toy) { struct file file; int n; }"
    assert declared(text) == {"inode": "inode", "toy": "toy", "file": "file"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file->f_op->release(x)", ["file", "f_op"]),
        ("sb.ops[n].release(x)", ["sb", "ops"]),
        ("toy_of(inode)->ops->release(x)", ["", "ops"]),
        ("a = b->release(x)", ["b"]),
    ],
)
def test_chain(text, expected):
    tokens = tokenize(text)
    assert chain(tokens, tokens.words.index("release")) == expected


@pytest.mark.parametrize(
    ("names", "hook", "expected"),
    [
        (["inode", "i_sb", "s_op"], "drop_inode", "super_operations"),
        (["inode", "i_fop"], "open", "file_operations"),
        (["", "a_ops"], "free_folio", "address_space_operations"),  # by the name of the pointer
        (["who"], "evict_inode", "super_operations"),  # no other struct of hooks has it
        (["who"], "nonsense", ""),
        (["inode"], "odd", "inode"),
    ],
)
def test_owner(receivers, names, hook, expected):
    assert receivers.owner(names, hook, {"inode": "inode"}, "fs/toyfs/super.c") == expected


def test_a_hook_that_was_copied_out_is_still_its_tables(receivers):
    types = {"inode": "inode"}
    assert receivers.is_copied("free_inode", "fs/inode.c")
    assert receivers.owner(["inode"], "free_inode", types, "fs/inode.c") == "super_operations"
    assert receivers.owner(["inode"], "free_inode", types, "fs/toyfs/super.c") == "inode"


def test_members(receivers):
    members = receivers.members("inode", "fs/inode.c")
    assert {"i_sb", "i_fop", "free_inode", "i_data", "i_state", "i_flags"} <= set(members)
    assert members["i_data"].struct == "address_space"
    assert receivers.members("nonsense", "fs/inode.c") == {}
