"""gmemviz explain: a word, all lists, and what no list has."""

import json

import pytest


def test_a_code_says_what_it_means_and_what_shows_it(run):
    status, out, _ = run("explain", "leak")
    assert status == 0
    assert out.startswith("leak (defect code)\n  metadata is still allocated")
    assert "gmemviz check --state 7.3/own/i_private/none/shared_policy/to-leak" in out


def test_a_line_of_a_body_needs_no_quotes(run):
    status, out, _ = run("explain", "free", "M", "in", "a", "worker")
    assert status == 0
    assert "kernel/workqueue.c:queue_work_on" in out


def test_without_a_word_all_lists_are_printed(run):
    status, out, _ = run("explain")
    assert status == 0
    assert "hook: alloc_inode, drop_inode," in out


@pytest.mark.parametrize("words", [(), ("evict_inode",)])
def test_the_same_as_json(run, words):
    status, out, _ = run("explain", *words, "--json")
    assert status == 0
    found = json.loads(out)
    assert ("evict_inode" in found["hook"]) if not words else (found[0]["of"] == "hook")


def test_a_word_that_no_list_has(run):
    status, _, complaint = run("explain", "evict_inod")
    assert (status, "evict_inode" in complaint) == (2, True)


def test_a_command_is_a_word(run):
    status, out, _ = run("explain", "census")
    assert (status, out.splitlines()[0]) == (0, "census (word of gmemviz)")
    status, out, _ = run("explain", "validate")
    assert (status, out.splitlines()[0]) == (0, "validate (command)")
    assert "gmemviz help validate" in out
