"""A second look at a tree reads what has changed and what rests on it, and says what a first would.

Each case changes one file beside toyfs, whose own file stays as it is: what is said from then on
must be what somebody says who has never seen the tree.
"""

import json
import os

import pytest

from gmemviz.kept import Store
from gmemviz.study.tables import answers, check_tables, earlier
from tests.derive.test_tree import write_tree

FREED = "kfree(TOY_I(inode)->target);"
LATER = "kfree_rcu(TOY_I(inode)->target, rcu);"
DONE = "void toy_done(struct inode *inode)\n{{\n\t{}\n}}\n"
OPS = "struct toy_calls {\n\tvoid (*done)(struct inode *inode);\n};\n"
SET = "\nstatic const struct toy_calls toy_calls = {{\n\t.done = {},\n}};\n"
MADE = (
    "#define TOY_MAKE(name, call) \\\nstatic inline void toy_##name(struct inode *inode) {{ {} }}\n"
)
GUARD = "DEFINE_GUARD(toy, struct inode *, toy_in(_T), {})\n"
TYPES = "struct toy_part {{\n\t{}text;\n}};\n"

CASES = {
    "a callee's body": ("toy_done(inode);", "fs/toyfs/lib.c", DONE.format(LATER), DONE.format(FREED)),
    "a callee far away": ("toy_done(inode);", "mm/toy.c", DONE.format(LATER), DONE.format(FREED)),
    "a callee that comes": ("toy_done(inode);", "fs/toyfs/lib.c", None, DONE.format(FREED)),
    "a callee that goes": ("toy_done(inode);", "fs/toyfs/lib.c", DONE.format(FREED), None),
    "a header's macro": (
        "toy_end(inode);", "include/linux/toy.h",
        f"#define toy_end(inode) {LATER[:-1]}\n", f"#define toy_end(inode) {FREED[:-1]}\n",
    ),
    "a function that a macro makes": (
        "toy_gone(inode);", "fs/toyfs/toy.h",
        MADE.format(LATER) + "TOY_MAKE(gone, 1)\n", MADE.format(FREED) + "TOY_MAKE(gone, 1)\n",
    ),
    "what a table has for a pointer": (
        "TOY_I(inode)->calls->done(inode);", "fs/toyfs/lib.c",
        OPS + DONE.format(FREED) + SET.format("NULL"),
        OPS + DONE.format(FREED) + SET.format("toy_done"),
    ),
    "a class of scopes": (
        "guard(toy)(inode);", "include/linux/toy.h",
        GUARD.format("toy_out(_T)"), GUARD.format("kfree(TOY_I(_T)->target)"),
    ),
}  # fmt: skip


def write(folder, path, text):
    """Write a file, or take it away."""
    file = folder / path
    if text is None:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"\n{text}")


@pytest.fixture
def look(monkeypatch, tmp_path):
    """Return a function that checks a tree with all that is kept, and whose tables it read."""
    monkeypatch.setenv("GMEMVIZ_CACHE", str(tmp_path / "cache"))
    read = []
    derive_table = answers.derive_table

    def counted(deeds, table, *more, **named):
        read.append(table.path)
        return derive_table(deeds, table, *more, **named)

    monkeypatch.setattr(answers, "derive_table", counted)

    def looked(tree):
        read.clear()
        found = check_tables(tree)
        return json.dumps([[each.row, each.mail, each.designs] for each in found]), list(read)

    return looked


def fresh(monkeypatch, look, tree):
    """Return what somebody says who keeps nothing."""
    with monkeypatch.context() as change:
        change.setenv("GMEMVIZ_CACHE", "")
        return look(tree)[0]


def toys(folder, evict):
    """Write a tree with toyfs, whose evict_inode says so, and plainfs, which has nothing of it."""
    tree = write_tree(folder, EVICT=evict, FREE="")
    plain = write_tree(folder.parent / "plain") / "fs/toyfs/super.c"
    (tree / "fs/plainfs").mkdir()
    text = plain.read_text().replace("toy", "plain").replace("TOY", "PLAIN")
    (tree / "fs/plainfs/super.c").write_text(text)
    return tree


@pytest.mark.parametrize("case", CASES)
def test_a_change_elsewhere_is_seen(case, look, tmp_path, monkeypatch):
    evict, path, before, after = CASES[case]
    tree = toys(tmp_path / "tree", evict)
    write(tree, path, before)
    first, read = look(tree)
    assert read == ["fs/plainfs/super.c", "fs/toyfs/super.c"]
    assert look(tree) == (first, [])
    write(tree, path, after)
    second, read = look(tree)
    assert read == ["fs/toyfs/super.c"]
    assert second == fresh(monkeypatch, look, tree) != first
    write(tree, path, before)
    assert look(tree)[0] == first


def test_a_file_that_nobody_reads_changes_nothing(look, tmp_path):
    tree = toys(tmp_path / "tree", "")
    first = look(tree)[0]
    write(tree, "mm/other.c", DONE.format(FREED))
    assert look(tree) == (first, [])


def test_a_file_of_the_same_size_and_time_is_read_while_it_is_young(look, tmp_path, monkeypatch):
    tree = toys(tmp_path / "tree", "toy_done(inode);")
    file = tree / "fs/toyfs/lib.c"
    write(tree, "fs/toyfs/lib.c", DONE.format(f"{FREED}         "))
    times = file.stat()
    first = look(tree)[0]
    file.write_text(f"\n{DONE.format(LATER)}")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert file.stat().st_size == times.st_size
    assert look(tree)[0] == fresh(monkeypatch, look, tree) != first


def test_where_nothing_is_kept_all_is_read(tmp_path):
    found = earlier.Earlier(Store(), ["tree"])
    assert not found.scans
    assert not found.answers
    found = earlier.Earlier(Store(tmp_path), ["tree"])
    assert not found.answers
