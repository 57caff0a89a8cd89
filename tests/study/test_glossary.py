"""Every word is explained, by what the model knows of it, and what is said to show it does."""

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.facts import CONTEXTS, HOOKS
from gmemviz.model.design import DEFECTS
from gmemviz.model.design.design import KEYS
from gmemviz.model.design.toml import NEEDS
from gmemviz.study import State, designs, explain, lists, replay
from gmemviz.study.glossary import OF_FACTS, OF_WORDS, RUNS_IN, SAID_OF, SHOWN_BY, VERDICTS
from tests.model.test_language import design_of

OF_OWN_DESIGNS = {"busy-inodes", "double-free", "hang"}
NOWHERE = {"unlink", "unlink-reader", "?", "not-asked", "undecided"} | OF_OWN_DESIGNS
"""What no Design of the gallery, no cell and no line of the language shows."""
WORDS = [word for several in lists().values() for word in several]
STATES = sorted({word.state for word in WORDS if word.state})


def test_every_word_has_a_meaning():
    assert all(word.says and word.word for word in WORDS)
    assert len(WORDS) == len(set(WORDS))


@pytest.mark.parametrize("state", STATES)
def test_what_is_said_to_show_a_word_can_be_replayed(state):
    is_applicable = state != SAID_OF["not-applicable"]
    assert replay(State.parse(state)).report.applicable == is_applicable


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
        ("guest_memfd", ["filesystem", "word of the kernel"]),
        ("7.3", ["kernel"]),
        ("walk LIST", ["line of a body"]),
        ("failed store", ["how a memslot is unbound"]),
        ("walk", ["line of a body"]),
        ("free tree", ["line of a body"]),
        ("if symlink: free tree after a grace period via kfree_rcu", ["line of a body"]),
        ("not-asked", ["verdict"]),
        ("6.1", ["kernel"]),
        ("7.3-gmem", ["recording"]),
        ("ext4", ["filesystem"]),
        ("metadata", ["word of gmemviz", "key of a Design"]),
        ("iput_final", ["function of the kernel"]),
        ("action", ["word of gmemviz"]),
        ("KVM", ["word of the kernel"]),
        ("RCU", ["word of the kernel"]),
        ("`.Evict_inode()`", ["hook"]),
        ("superblocks", ["word of the kernel"]),
        ("USE-AFTER-FREE", ["defect code"]),
    ],
)
def test_a_word_is_found_in_each_list_that_has_it(typed, of):
    assert [word.of for word in explain(typed)] == of


def test_a_word_that_needs_no_facts_reads_none(monkeypatch):
    monkeypatch.setattr("gmemviz.study.glossary.load", None)
    assert [found.of for found in explain("attach M")] == ["line of a body", "line of a body"]


def test_no_kernel_and_no_filesystem_is_called_as_another_word():
    """So that whoever has found a word in the other lists need not look into those."""
    words = {name: {found.word for found in several} for name, several in lists().items()}
    of_facts = words["kernel"] | words["filesystem"]
    of_facts |= words["recording"]
    others = [words[name] for name in words if name not in (*OF_FACTS, *OF_WORDS)]
    assert of_facts.isdisjoint(set().union(*others))
    assert words["hook"] == set(HOOKS)


def test_the_beginning_of_a_line_gives_all_that_begin_so():
    assert {"free struct", "free M [untested]"} <= {word.word for word in explain("free")}


def test_every_design_is_a_word():
    for name in designs():
        assert explain(name)[0].state == name


def test_every_key_of_a_design_is_a_word():
    told = {word.word for word in lists(["key of a Design"])["key of a Design"]}
    assert told == {*KEYS, *NEEDS, "read_by", "release", "of", "placement"}


def test_an_unknown_word_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="use-after-free"):
        explain("use-after-fre")


@pytest.mark.parametrize(
    ("typed", "near"),
    [("evict_inod", "evict_inode"), ("hok", "hook"), ("softrq", "softirq")],
)
def test_what_is_near_is_near(typed, near):
    with pytest.raises(UnknownNameError, match="did you mean ") as refused:
        explain(typed)
    assert near in str(refused.value)


@pytest.mark.parametrize("typed", ["btree", "Kubernetes", "vm", "nonsense", "", "é", "x" * 400])
def test_where_no_word_is_near_the_lists_are_named(typed):
    with pytest.raises(
        UnknownNameError, match="no word is near; the lists are: verdict"
    ) as refused:
        explain(typed)
    assert len(str(refused.value)) < 700


def test_a_line_with_names_of_its_own_is_the_form_that_it_has():
    (found,) = explain("free tree after a grace period")
    assert (found.word, "blob" in found.example) == ("free M after a grace period", True)
    assert found.source == "mm/slab_common.c:kvfree_call_rcu@v7.3.4"


def test_a_source_names_the_newest_kernel_that_has_it_there():
    assert explain("iput")[0].source == "fs/inode.c:iput@v7.3.4"
    assert explain("leak")[0].source.endswith("@v6.12")
    assert explain("wait for ACTOR")[0].source == ""


def test_only_what_nothing_shows_has_neither_state_nor_example():
    told = [word for word in WORDS if word.of not in OF_WORDS]
    assert {word.word for word in told if not (word.state or word.example)} == NOWHERE


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_is_shown_by_a_design_of_which_it_is_said(verdict):
    if verdict in SAID_OF:
        assert replay(State.parse(SAID_OF[verdict])).report.verdict == verdict


@pytest.mark.parametrize("letter", CONTEXTS)
def test_a_context_is_shown_by_a_run_with_a_step_in_it(letter):
    assert (letter in RUNS_IN) == (letter != "?")
    if letter in RUNS_IN:
        steps = replay(State.parse(RUNS_IN[letter])).steps
        assert letter in {step.event.context for step in steps}


NAMES = {
    "NAME": "reader", "read M": "read blob", "free M": "free blob", "metadata.M": "metadata.blob",
}  # fmt: skip
TOML = [
    pytest.param(word, id=f"{word.of}: {word.word}")
    for word in WORDS
    if word.example and not word.example.startswith("gmemviz ")
]


@pytest.mark.parametrize("word", TOML)
def test_an_example_is_what_a_design_may_say(word):
    line = word.example
    for name, own in NAMES.items():
        line = line.replace(name, own)
    if word.of == "where a callback runs":
        queued = {"rcu": "call_rcu", "srcu": "call_srcu"}.get(word.word, "queue")
        line = line.replace("reader", "work") + f'\nhooks.release = ["{queued} work"]'
    if word.word == "lock":  # one is held by its name
        line = line.replace('"lock"', '"lock guard"') + '\nlocks.guard = "spinlock"'
    if word.of == "lock":
        line += '\nhooks.release = ["lock reader", "unlock reader"]'
    assert design_of(line).kernel
