"""Every word is explained, by what the model knows of it, and what is said to show it does."""

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.facts import HOOKS
from gmemviz.model.design import DEFECTS
from gmemviz.study import State, designs, explain, lists, replay
from gmemviz.study.glossary import OF_FACTS, SHOWN_BY

OF_OWN_DESIGNS = {"busy-inodes", "double-free", "hang"}
WORDS = [word for several in lists().values() for word in several]
STATES = sorted({word.state for word in WORDS if word.state})


def test_every_word_has_a_meaning():
    assert all(word.says and word.word for word in WORDS)
    assert len(WORDS) == len(set(WORDS))


@pytest.mark.parametrize("state", STATES)
def test_what_is_said_to_show_a_word_can_be_replayed(state):
    assert replay(State.parse(state)).report.applicable


@pytest.mark.parametrize("code", DEFECTS)
def test_a_code_is_shown_by_a_run_that_ends_with_it(code):
    (found,) = explain(code)
    assert bool(found.state) == (code not in OF_OWN_DESIGNS)
    if found.state:
        assert replay(State.parse(found.state)).path.defect.code == code
    assert (code in SHOWN_BY) == bool(found.state)


@pytest.mark.parametrize(
    ("hook", "caller"),
    [
        ("evict_inode", "fs/inode.c:evict"),
        ("free_inode", "fs/inode.c:i_callback"),
        ("d_release", "fs/dcache.c:dentry_kill"),
        ("free_folio", "mm/filemap.c:filemap_free_folio"),
        ("kill_sb", "fs/super.c:deactivate_locked_super"),
    ],
)
def test_a_hook_says_which_function_calls_it(hook, caller):
    assert caller in explain(hook)[0].source
    assert [word.word for word in lists()["hook"] if not word.source] == ["unlink"]


@pytest.mark.parametrize(
    ("typed", "of"),
    [
        ("use-after-free", ["defect code"]),
        ("B", ["context"]),
        ("i_link", ["placement", "member of struct inode"]),
        ("directory", ["condition", "kind of inode"]),
        ("last-close", ["scenario"]),
        ("guest_memfd-7.3", ["Design, kernel"]),
        ("guest_memfd", ["filesystem"]),
        ("7.3", ["kernel"]),
        ("walk LIST", ["line of a body"]),
        ("failed store", ["how a memslot is unbound"]),
        ("walk", ["line of a body"]),
    ],
)
def test_a_word_is_found_in_each_list_that_has_it(typed, of):
    assert [word.of for word in explain(typed)] == of


def test_a_word_that_needs_no_facts_reads_none(monkeypatch):
    monkeypatch.setattr("gmemviz.study.glossary.load", None)
    assert [found.of for found in explain("iput")] == ["line of a body"]


def test_no_kernel_and_no_filesystem_is_called_as_another_word():
    """So that whoever has found a word in the other lists need not look into those."""
    words = {name: {found.word for found in several} for name, several in lists().items()}
    of_facts = words["kernel"] | words["filesystem"]
    others = [several for name, several in words.items() if name not in OF_FACTS]
    assert of_facts.isdisjoint(set().union(*others))
    assert words["hook"] == set(HOOKS)


def test_the_beginning_of_a_line_gives_all_that_begin_so():
    assert {"free struct", "free M [untested]"} <= {word.word for word in explain("free")}


def test_every_design_is_a_word():
    for name in designs():
        assert explain(name)[0].state == name


def test_an_unknown_word_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="use-after-free"):
        explain("use-after-fre")
