"""Tables of a tree: a row each, the same from every executor, and searched once for one content."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from gmemviz.derive import derive, judged, overlay_of
from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.model import check
from gmemviz.processes import Workers
from gmemviz.shown import text
from gmemviz.study.tables import answers, check_shipped, check_tables
from tests.derive.test_tree import FREED, SOURCE, write_tree

KEYS = [
    "table", "path", "line", "filesystem", "kernel", "derived", "verdict", "why", "ways", "assumed",
    "unread", "deeper", "defects", "counterexample", "confirmed",
]  # fmt: skip


@pytest.fixture
def tree(tmp_path):
    """Return a tree with toyfs, broken, and one that was copied from it with a hook unread."""
    folder = write_tree(tmp_path / "tree", EVICT=FREED, FREE="")
    (folder / "fs/copy").mkdir()
    broken = (folder / "fs/toyfs/super.c").read_text()
    unread = broken.replace("clear_inode(inode);", "clear_inode(inode);\n\ttoy_forget(inode);")
    (folder / "fs/copy/super.c").write_text(unread.replace("toyfs", "copyfs"))
    return folder


def test_a_row_a_table_in_the_order_of_their_paths(tree):
    found = check_tables(tree)
    rows = [each.row for each in found]
    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert [(row["path"], row["filesystem"], row["derived"]) for row in rows] == [
        ("fs/copy/super.c", "copyfs", "part"), ("fs/toyfs/super.c", "toyfs", "full"),
    ]  # fmt: skip
    part, full = rows
    assert (full["verdict"], full["defects"]) == ("defects", ["use-after-free"])
    assert full["counterexample"][-1]["source"] == "fs/toyfs/super.c:38"
    assert full["confirmed"] is None
    # What is unread may be what mends it: no defect is reported.
    assert (part["verdict"], part["defects"], part["counterexample"]) == ("undecided", [], [])
    assert "use-after-free on 1 of 1 ways, but 1 statements are unread" in part["why"]
    assert text(found).splitlines()[-3:] == [
        "2 tables on the road of 6.12, as the source reads", "    1 undecided",
        "    1 use-after-free",
    ]  # fmt: skip


def test_a_table_may_be_named_with_its_path(tree):
    assert len(check_tables(tree, table="toy_ops")) == 2
    (found,) = check_tables(tree, table="fs/toyfs/super.c:toy_ops")
    assert found.key == ("fs/toyfs/super.c", "toy_ops")
    assert "kfree: target is freed. [fs/toyfs/super.c:26]" in text(found)
    with pytest.raises(UnknownNameError, match=r"did you mean fs/toyfs/super\.c:toy_ops"):
        check_tables(tree, table="fs/toyfs/super.c:toy_osp")
    with pytest.raises(UnknownNameError, match="unknown table: 'toyfs'"):
        check_tables(tree, table="toyfs")


@pytest.mark.parametrize(
    "executor",
    [Workers(2), ThreadPoolExecutor(2), ProcessPoolExecutor(1)],
    ids=["workers", "threads", "pool"],
)
def test_any_executor_answers_the_same(tree, executor):
    assert check_tables(tree, executor=executor) == check_tables(tree)


@pytest.fixture
def searched(monkeypatch, tmp_path):
    """Return the designs that are searched, while verdicts are kept in a folder of the test's."""
    monkeypatch.setenv("GMEMVIZ_CACHE", str(tmp_path / "cache"))
    found = []

    def counted(design, **more):
        found.append(design.name)
        return check(design, **more)

    monkeypatch.setattr("gmemviz.derive.verdict.check", counted)
    return found


def test_only_what_is_read_otherwise_is_searched_again(tree, searched, tmp_path):
    first = check_tables(tree)
    assert searched == ["copyfs", "toyfs"]
    assert check_tables(tree) == first
    assert searched == ["copyfs", "toyfs"]
    source = tree / "fs/toyfs/super.c"
    source.write_text(source.read_text().replace(FREED, f"kfree_rcu{FREED[5:-2]}, rcu);"))
    assert [found.row["verdict"] for found in check_tables(tree)] == ["undecided", "correct"]
    assert searched == ["copyfs", "toyfs", "toyfs"]
    for file in (tmp_path / "cache/tables").iterdir():
        file.write_bytes(b"damaged")
    check_tables(tree, "toyfs")
    assert searched[3:] == ["toyfs"]


def test_a_table_that_makes_no_design_leaves_the_others(tree, monkeypatch):
    def refusing(deeds, table, kernel, *, overlay):
        if table.filesystem == "copyfs":
            raise UnknownNameError("too many actions")
        return tables_derive(deeds, table, kernel, overlay=overlay)

    tables_derive = answers.derive_table
    monkeypatch.setattr(answers, "derive_table", refusing)
    refused, found = check_tables(tree)
    assert refused.row["why"] == "undecided: too many actions"
    assert found.row["defects"] == ["use-after-free"]


def test_an_overlay_is_said_with_the_verdict(tree):
    inert = {"inert": {"toy_forget": {"at": "fs/copy/super.c:toy_forget"}}}
    copied, _ = check_tables(tree, overlay=overlay_of(inert, "mine.toml"))
    assert copied.row["defects"] == ["use-after-free"]
    assert "mine.toml says: toy_forget is inert" in copied.row["assumed"]


def test_a_drivers_filesystem_is_found(tree):
    (tree / "drivers/toy").mkdir(parents=True)
    (tree / "drivers/toy/main.c").write_text("int nothing_here;\n")
    (tree / "drivers/usb").mkdir()
    (tree / "drivers/usb/f.c").write_text(
        (tree / "fs/toyfs/super.c").read_text().replace("toyfs", "usbfs")
    )
    assert [found.row["filesystem"] for found in check_tables(tree)] == ["usbfs", "copyfs", "toyfs"]
    assert len(check_tables(tree, "usbfs")) == 1
    assert "toyfs" in SOURCE


def test_what_is_shipped_is_answered_without_a_tree():
    found = check_shipped("7.3", "9p", executor=ThreadPoolExecutor(2))
    rows = [each.row for each in found]
    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert [row["table"] for row in rows] == ["v9fs_super_ops", "v9fs_super_ops_dotl"]
    stored = judged("7.3")
    for row in rows:
        key = f"{row['path']}:{row['line']} {row['table']}"
        assert row["verdict"] == stored[key].verdict
    assert check_shipped("7.3", "9p") == found
    with pytest.raises(UnknownNameError, match="ext4"):
        check_shipped("7.3", "ext5")


def test_a_table_that_is_refused_leaves_the_others_answered(monkeypatch):
    def refuse(read):
        if read.table.name == "v9fs_super_ops":
            raise GmemvizError("free_inode has 70 actions, and may have 64")
        return derive(read)

    monkeypatch.setattr(answers, "derive", refuse)
    refused, answered = (each.row for each in check_shipped("7.3", "9p"))
    assert refused["why"] == "undecided: free_inode has 70 actions, and may have 64"
    assert (refused["verdict"], refused["ways"]) == ("undecided", [])
    assert answered["ways"]
