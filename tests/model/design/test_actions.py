"""Actions: a line of a hook's body, read and said again."""

import pytest

from gmemviz.errors import DesignError, UnknownNameError
from gmemviz.model.design.actions import VERBS, Action, hooks_of, refuse_body

LINES = [
    ("truncate", Action("truncate"), "every folio leaves the page cache"),
    ("free resv_map", Action("free", "resv_map"), "resv_map is freed"),
    ("clear flags", Action("free", "flags", is_word=True), "flags is cleared"),
    ("init resv_map", Action("init", "resv_map"), "the pointer to resv_map is NULL"),
    ("attach resv_map", Action("attach", "resv_map"), "resv_map is allocated and attached"),
    (
        "free resv_map untested via resv_map_release",
        Action("free", "resv_map", "resv_map_release", untested=True),
        "resv_map is freed",
    ),
    (
        "clear_inode via truncate_inode_pages_final",
        Action("clear_inode", via="truncate_inode_pages_final"),
        "i_state becomes I_FREEING | I_CLEAR",
    ),
]


@pytest.mark.parametrize(("line", "action", "says"), LINES)
def test_a_line_is_read_and_said_again(line, action, says):
    assert Action.parse(line) == action
    assert (str(action), action.says) == (line, says)


def test_every_plain_verb_is_its_own_line():
    for verb, row in VERBS.items():
        if not row.operands:
            assert Action.parse(verb) == Action(verb)
            assert Action(verb).says == row.says


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("truncat", UnknownNameError, "unknown action: 'truncat' (must be one of alloc struct, "),
        ("free nothing", DesignError, "the Design keeps no such metadata (it keeps flags, "),
        ("truncate via while", DesignError, "must be a name in C"),
    ],
)
def test_a_wrong_line_is_refused(line, error, said):
    with pytest.raises(error) as refused:
        Action.parse(line)
    assert said in str(refused.value)


@pytest.mark.parametrize("verb", [verb for verb, row in VERBS.items() if row.needs_memory])
def test_a_word_has_no_memory_to_be_queued_or_linked(verb):
    line = VERBS[verb].form.replace("M", "{}").replace("LIST", "all")
    names = {"LIST": ["all"]}
    assert Action.parse(line.format("resv_map"), names=names).verb == verb
    with pytest.raises(DesignError, match="flags is a word: it has no memory"):
        Action.parse(line.format("flags"), names=names)


def test_the_nearest_line_is_named():
    with pytest.raises(UnknownNameError, match="did you mean free resv_map"):
        Action.parse("fre resv_map")


def test_bodies_stand_in_the_order_of_the_hooks():
    parsed = hooks_of({"free_inode": ("free struct",), "alloc_inode": ("alloc struct",)})
    assert parsed == (
        ("alloc_inode", (Action("alloc struct"),)), ("free_inode", (Action("free struct"),)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hook", "verbs", "said"),
    [
        ("evict_inode", ("return 1",), "evict_inode cannot return 1: only drop_inode can"),
        ("drop_inode", (), "drop_inode must say what it returns: .* here the body is empty"),
        ("drop_inode", ("truncate",), "here the body ends with 'truncate'"),
        ("drop_inode", ("return 0", "return 1"), "never gets to return 1: return 0 comes before"),
        (
            "drop_inode",
            ("drop i_lock", "return 1"),
            "drop_inode cannot return 1 without i_lock: take i_lock before it",
        ),
        ("drop_inode", ("take i_lock", "return 1"), "cannot take i_lock: i_lock is held already"),
        (
            "drop_inode",
            ("drop i_lock", "drop i_lock", "take i_lock", "return 1"),
            "cannot drop i_lock: i_lock is not held",
        ),
        ("alloc_inode", (), "alloc_inode must begin with alloc container or alloc struct, once"),
        ("alloc_inode", ("alloc struct", "alloc struct"), "alloc_inode must begin with"),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused(hook, verbs, said):
    with pytest.raises(DesignError, match=said):
        refuse_body(hook, tuple(map(Action, verbs)))
    refuse_body("drop_inode", (Action("truncate"), Action("return 0")))
