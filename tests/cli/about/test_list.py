"""gmemviz list: every list by its name, a line a name, and which lists there are."""

import json

import pytest

from gmemviz.cli.about.list import LISTS
from gmemviz.model import SCENARIOS
from gmemviz.model.design import DEFECTS
from gmemviz.record import recordings
from gmemviz.study import designs, lists

ASKED = {
    "gallery": designs(), "codes": DEFECTS, "scenarios": SCENARIOS, "recordings": recordings(),
    "kernels": ("6.1", "6.12", "7.3"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "words"), ASKED.items())
def test_a_list_has_a_line_for_each_name(run, name, words):
    status, out, _ = run("list", name)
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == list(words)


def test_a_line_says_what_the_name_means(run):
    _, out, _ = run("list scenarios")
    assert "umount                a file that was closed goes with its filesystem, at last" in out
    _, out, _ = run("list recordings")
    assert "on 7.3: an O_PATH fd holds the inode" in out


def test_without_a_name_the_lists_are_listed(run):
    status, out, _ = run("list")
    assert (status, [line.split()[0] for line in out.splitlines()]) == (0, list(LISTS))
    rows = json.loads(run("list --json")[1])
    assert {row["list"]: row["names"] for row in rows}["codes"] == len(DEFECTS)


def test_every_list_is_one_that_explain_has():
    assert set(LISTS.values()) <= set(lists(LISTS.values()))


def test_the_same_as_json(run):
    rows = json.loads(run("list codes --json")[1])
    assert [row["word"] for row in rows] == list(DEFECTS)


def test_a_wrong_name_is_refused_with_the_nearest(refused):
    assert "did you mean scenarios?" in refused("list scenaros")
