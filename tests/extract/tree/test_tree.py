import pytest

from gmemviz.errors import FactsError, UnknownNameError
from gmemviz.extract.tree import tree as tree_module
from gmemviz.extract.tree.tree import Tree, read_release

INODE = "fs/inode.c"


@pytest.mark.parametrize(
    ("makefile", "release", "kernel"),
    [
        ("VERSION = 9\nPATCHLEVEL = 8\nSUBLEVEL = 7\nEXTRAVERSION =\n", "9.8.7", "9.8"),
        ("VERSION = 9\nPATCHLEVEL = 8\nSUBLEVEL =\nEXTRAVERSION = -rc5\n", "9.8-rc5", "9.8"),
        ("# comment\nVERSION=10\nPATCHLEVEL\t=\t0\n", "10.0", "10.0"),
    ],
)
def test_release(write_tree, makefile, release, kernel):
    folder = write_tree()
    (folder / "Makefile").write_text(makefile)
    assert read_release(folder) == release
    assert (Tree(folder).release, Tree(folder).kernel) == (release, kernel)


@pytest.mark.parametrize(
    "makefile", ["", "all:\n", "VERSION = x\nPATCHLEVEL = 1\n", "VERSION = 9\n"]
)
def test_no_release(write_tree, makefile):
    folder = write_tree()
    (folder / "Makefile").write_text(makefile)
    with pytest.raises(FactsError, match="has no kernel Makefile"):
        read_release(folder)


def test_files_of_some_folders_and_of_all(write_tree):
    tree = Tree(write_tree(tools__toy="", mm__other=""))
    assert tree.files(["fs"]) == [INODE, "fs/toyfs/super.c"]
    assert tree.files(["fs/toyfs/", INODE]) == [INODE, "fs/toyfs/super.c"]
    assert tree.files([""]) == [INODE, "fs/toyfs/super.c", "include/linux/fs.h", "mm/other.c"]
    assert tree.files(["nowhere"]) == []


def test_must_have_names_what_lies_beside(write_tree):
    tree = Tree(write_tree())
    tree.must_have("")
    tree.must_have("fs/toyfs")
    with pytest.raises(UnknownNameError, match="fs/toyfs"):
        tree.must_have("fs/toyfz")


def test_lines(write_tree):
    tree = Tree(write_tree(fs__lines="one\n\nthree\n"))
    text = tree.read("fs/lines.c")
    places = [text.index(word) for word in (b"one", b"\n", b"three")]
    assert [tree.line("fs/lines.c", offset) for offset in places] == [1, 1, 3]


def test_what_cannot_be_read(write_tree):
    tree = Tree(write_tree())
    assert tree.can_read(INODE)
    assert not tree.can_read("fs/gone.c")
    assert tree.skipped == {"fs/gone.c": "No such file or directory"}
    with pytest.raises(FactsError, match=r"cannot read .*fs/gone\.c: No such file"):
        tree.read("fs/gone.c")


def test_the_last_files_are_kept(write_tree, monkeypatch):
    monkeypatch.setattr(tree_module, "CACHED", 2)
    tree = Tree(write_tree(fs__one="1", fs__two="2"))
    for path in (INODE, "fs/one.c", "fs/two.c"):
        tree.read(path)
    assert list(tree.cache) == ["fs/two.c"]
    (tree.folder / "fs/two.c").unlink()
    assert tree.read("fs/two.c") == b"2"
