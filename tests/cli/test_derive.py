"""gmemviz derive, and check --tree: a filesystem's own source, by its status and as a page."""

import json
from functools import partial

import pytest

from gmemviz.model import Design
from tests.derive.test_tree import FREED, write_tree


@pytest.fixture
def tree(tmp_path):
    return partial(write_tree, tmp_path)


def test_a_page_that_check_takes_back(run, tree):
    status, out, err = run(f"derive --tree {tree()} --fs toyfs")
    assert (status, err) == (0, "")
    assert Design.from_text(out).name == "toyfs"


def test_what_is_unread_stands_in_front(run, tree):
    status, out, _ = run(f"derive --tree {tree(EVICT='toy_forget(inode);')} --fs toyfs")
    assert status == 3
    assert "# unread: fs/toyfs/super.c:" in out


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({}, 0, "correct"),
        ({"EVICT": FREED, "FREE": ""}, 1, "use-after-free on 1 of 1 ways"),
        ({"EVICT": "toy_forget(inode);"}, 0, "correct as far as read, 1 statements unread"),
    ],
)
def test_a_verdict_by_its_status(run, tree, changed, status, words):
    found, out, _ = run(f"check --tree {tree(**changed)} --fs toyfs")
    assert found == status
    assert words in out.splitlines()[0]


def test_as_data(run, tree):
    _, out, _ = run(f"check --tree {tree()} --fs toyfs --json")
    (table,) = json.loads(out)
    assert (table["table"], table["derived"], table["verdict"]) == ("toy_ops", "full", "correct")


@pytest.mark.parametrize(
    "line", ["check --tree {tree}", "check --fs toyfs", "check shmem-7.3 --tree {tree} --fs toyfs"]
)
def test_half_a_question_is_refused(run, tree, line):
    status, out, err = run(line.format(tree=tree()))
    assert (status, out, err.count("\n")) == (2, "", 1)
