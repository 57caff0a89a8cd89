"""Two trees held against each other: what a patch changes, and nothing else."""

import json

import pytest

from gmemviz.shown import text
from gmemviz.study.tables import changed_tables, check_tables
from gmemviz.study.tables.against import first_of_each
from tests.derive.test_tree import FREED, MENDED, write_tree


@pytest.fixture
def changes(tmp_path):
    """Return how a tree differs from the mended one."""

    def changed(**words):
        old = check_tables(write_tree(tmp_path / "old"))
        return changed_tables(check_tables(write_tree(tmp_path / "new", **words)), old)

    return changed


def test_a_verdict_that_differs_is_said_with_the_first_deed(changes):
    (change,) = found = changes(EVICT=FREED, FREE="")
    assert (change.change, change.before, change.after) == ("verdict", "correct", "use-after-free")
    assert text(found).splitlines() == [
        "toyfs toy_ops (fs/toyfs/super.c:41): correct -> use-after-free",
        "  + evict_inode: free target via kfree [fs/toyfs/super.c:26]",
        "  - free_inode: free target via kfree [fs/toyfs/super.c:31]",
    ]
    plain = json.loads(json.dumps(change.answer()))
    assert plain["added"]["at"] == "fs/toyfs/super.c:26"


def test_a_design_may_differ_where_the_verdict_does_not(changes):
    (change,) = changes(FREE=FREED.replace("kfree", "kvfree"))
    assert (change.change, change.after) == ("design", "correct")
    assert change.added.line == "free target via kvfree"


def test_lines_that_moved_are_no_difference(changes):
    found = changes(SET="\n\n" + MENDED["SET"])
    assert (found, text(found)) == ([], "no table differs, as the source reads")


def test_tables_come_and_go_and_move(tmp_path):
    old, new = write_tree(tmp_path / "old"), write_tree(tmp_path / "new")
    (new / "fs/toyfs/super.c").rename(new / "fs/toyfs/moved.c")
    assert changed_tables(check_tables(new), check_tables(old)) == []
    (new / "fs/toyfs/moved.c").write_text("int x;\n")
    (gone,) = changed_tables(check_tables(new), check_tables(old))
    assert (gone.change, gone.before, gone.after) == ("went", "correct", "no table")
    (come,) = changed_tables(check_tables(old), check_tables(new))
    assert (come.change, come.before, come.after) == ("came", "no table", "correct")


def hooks(*does, **more):
    return [{"hooks": {"evict_inode": {"does": list(does)}}, **more}]


def test_the_first_line_of_each_side():
    added, removed = first_of_each(hooks("truncate", "free a"), hooks("free a", "truncate"))
    assert (added.line, removed.line) == ("truncate", "free a")  # their order differs
    added, removed = first_of_each(hooks("free a", "free a"), hooks("free a"))
    assert (f"{added}", removed) == ("evict_inode: free a", None)
    added, removed = first_of_each(hooks(barrier=True), hooks(barrier=False))
    assert (f"{added}", f"{removed}") == ("barrier: True", "barrier: False")
    assert first_of_each(hooks(), [{"hooks": {}}])[0].line == "nothing"
    assert first_of_each(hooks("free a"), hooks("free a")) == (None, None)
