"""What one file defines, kept by the file: taken again while it is that file, and else read."""

import json
import os

import pytest

from gmemviz.extract.scans import YOUNG, Scans, names_in, packed, scan_file, unpacked
from gmemviz.extract.tree import Tree

TEXT = b"""
struct toy_calls {
	void (*done)(struct inode *inode);
};
#define toy_put(toy) kfree(toy)
#define TOY_MAKE(name) void toy_##name(void) { }
DEFINE_GUARD(toy, struct inode *, toy_in(_T), toy_out(_T))
static const struct toy_calls plain_calls = {
	.done = plain_done,
};
static inline void toy_done(struct inode *inode)
{
}
static const struct super_operations toy_ops = {
	.evict_inode = toy_done,
};
"""
HEADER = "include/linux/toy.h"


@pytest.fixture
def tree(write_tree):
    """Return a tree of which one file is old."""
    found = Tree(write_tree())
    file = found.folder / HEADER
    file.write_bytes(TEXT)
    os.utime(file, ns=(0, 0))
    return found


def later(scans):
    """Let so much time go by that nothing of what was written is young."""
    scans.now += 2 * YOUNG
    return scans


def test_what_is_kept_of_a_file_is_what_was_found():
    found = scan_file(TEXT, HEADER)
    kept = packed(found, [0, 0, 0, 0], "")
    again = unpacked(kept, HEADER)
    assert again.defined == found.defined
    assert [vars(table) for table in again.tables] == [vars(table) for table in found.tables]
    assert json.loads(json.dumps(kept)) == list(kept)


def test_a_file_is_the_answer_for_whatever_it_defines():
    names = names_in(TEXT, scan_file(TEXT, HEADER))
    assert names >= {
        "toy_calls", "done", "toy_put", "TOY_MAKE", "##", "toy", "toy_done",
    }  # fmt: skip
    assert names.isdisjoint({"plain_done", "super_operations"})  # only mentioned; everybody's


def test_a_file_that_is_as_it_was_is_not_opened(tree, monkeypatch):
    first = later(Scans(tree))
    found = first.of(HEADER)
    kept = json.loads(json.dumps(first.plain()))
    again = later(Scans(Tree(tree.folder), kept))
    with monkeypatch.context() as change:
        change.setattr(Tree, "opened", None)
        assert again.of(HEADER).defined == found.defined
    assert not again.changed
    (tree.folder / HEADER).write_bytes(TEXT.replace(b"toy_done", b"toy_gone"))
    other = later(Scans(Tree(tree.folder), kept))
    other.of(HEADER)
    assert other.changed == {HEADER}
    assert {"toy_done", "toy_gone"} <= other.names(other.changed)


def test_files_that_came_or_went_have_changed(tree):
    kept = {"files": later(Scans(tree)).plain()["files"]}
    came = Scans(tree, kept)
    came.of(HEADER)
    went = Scans(tree, came.plain())
    assert (came.changed, went.changed) == ({HEADER}, {HEADER})
    assert "toy_put" in came.names(came.changed) & went.names(went.changed)


def test_what_is_young_is_read_again(tree):
    first = Scans(tree)
    (tree.folder / HEADER).write_bytes(TEXT)
    assert first.stamp(HEADER)[-1] == -1
    assert later(first).stamp(HEADER)[-1] > 0


def test_a_far_file_counts_where_it_has_a_filesystem(tree):
    scans = Scans(tree)
    assert scans.has_super(HEADER)
    (tree.folder / "drivers").mkdir()
    (tree.folder / "drivers/toy.c").write_bytes(b"int x;\n")
    assert not scans.has_super("drivers/toy.c")
    assert not scans.has_super("drivers/gone.c")
    assert scans.of("drivers/gone.c") is None
    assert tree.skipped["drivers/gone.c"] == "No such file or directory"
