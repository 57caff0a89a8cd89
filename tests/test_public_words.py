"""What the public functions do not know they refuse: no word is answered, nothing breaks inside."""

import inspect
from importlib import import_module

import pytest

import gmemviz
from gmemviz.errors import UnknownNameError
from gmemviz.facts import load

FACTS = load("7.3")
CELL = {
    "kernel": "7.3", "mount": "own", "placement": "i_private", "cleanup": "free-all",
    "metadata": "flags",
}  # fmt: skip
NEAR = {
    "kernel": ("7.4", "7.3"), "mount": ("onw", "own"), "placement": ("i_privat", "i_private"),
    "cleanup": ("Free_all", "free-all"), "metadata": ("flag", "flags"),
    "state": ("shmem-7.2", "shmem-7.3"), "scenario": ("last-clsoe", "last-close"),
}  # fmt: skip
"""A word that nobody knows for each keyword, and the one that it was meant for."""

WORDS = [
    ("gmemviz", "design_from_choices", CELL, CELL),
    ("gmemviz", "Explorer", {}, (*CELL, "state")),
    ("gmemviz", "Driver", {}, (*CELL, "scenario")),
    ("gmemviz", "MatrixExplorer", {}, ("kernel", "mount")),
    ("gmemviz", "designs_for", {"metadata": ["flags"], "kernel": "7.3"}, ("kernel", "mount")),
    ("gmemviz", "load", {"kernel": "7.3"}, ("kernel",)),
]
NAMES = [
    ("gmemviz", "gallery", ("shmem7.3",), "shmem-7.3"),
    ("gmemviz", "load_recording", ("7.3-gmen",), "7.3-gmem"),
    ("gmemviz", "load_report", ("7.2",), "7.3"),
    ("gmemviz", "ask_or_load", ("7.2",), "7.3"),
    ("gmemviz", "designs_for", (["Flag"],), "flags"),
    ("gmemviz.facts", "callees", (FACTS, "evict_"), "evict"),
    ("gmemviz.facts", "callers", (FACTS, "iputt"), "iput"),
    ("gmemviz.facts", "setters", (FACTS, "evict_inod"), "evict_inode"),
    ("gmemviz.facts", "setters", (FACTS, "evict_inode", "super_operation"), "super_operations"),
    ("gmemviz.facts", "reached", (FACTS, "free_inod"), "free_inode"),
    ("gmemviz.facts", "defaults", (FACTS, "evict_inod"), "evict_inode"),
    ("gmemviz.facts", "through", (FACTS, "evict_inod"), "evict_inode"),
    ("gmemviz.facts", "road", (FACTS, "iput", "evictt"), "evict"),
    ("gmemviz.study", "matrix", (["7.4"],), "7.3"),
    ("gmemviz.evidence", "confirm_cells", ("7.4",), "7.3"),
    ("gmemviz.render", "draw_road", (FACTS, "iputt"), "iput"),
    ("gmemviz.record", "record", ("gmme",), "gmem"),
    ("gmemviz.probe", "perform", ("mapped-pages",), ""),
]
NOTHING_ASKED = {"Design", "Film", "Report", "GmemvizError"}
"""Classes of results: their parts are what our own functions put there."""


def public(room, name):
    return getattr(import_module(room), name)


def parameters(function):
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [one for one in inspect.signature(function).parameters.values() if one.kind not in kinds]


@pytest.mark.parametrize(
    ("room", "name", "given", "key"),
    [(room, name, given, key) for room, name, given, keys in WORDS for key in keys],
)
def test_a_word_under_a_keyword(room, name, given, key):
    wrong, near = NEAR[key]
    with pytest.raises(UnknownNameError, match=f"did you mean {near}") as refused:
        public(room, name)(**{**given, key: wrong})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("room", "name", "given", "near"), NAMES)
def test_a_word_by_position(room, name, given, near):
    function = public(room, name)
    asked = {"kernel": "7.3"} if name in ("designs_for", "record") else {}
    with pytest.raises(UnknownNameError) as refused:
        function(*given, **asked)
    assert near in str(refused.value).partition("must be one of")[2] + str(refused.value)[-40:]


@pytest.mark.parametrize("name", sorted(set(gmemviz.EXPORTS) - NOTHING_ASKED))
def test_a_misspelt_keyword(name):
    function = getattr(gmemviz, name)
    needed = {
        one.name: None for one in parameters(function) if one.default is inspect.Parameter.empty
    }
    for keyword in [one.name for one in parameters(function)] or ["any"]:
        with pytest.raises((TypeError, UnknownNameError), match=f"{keyword}x"):
            function(**needed, **{f"{keyword}x": 1})


@pytest.mark.parametrize("name", sorted(set(gmemviz.EXPORTS) - NOTHING_ASKED))
def test_an_object_of_another_kind(name):
    function = getattr(gmemviz, name)
    asked = [one for one in parameters(function) if one.default is inspect.Parameter.empty]
    if not asked:
        return
    for wrong in ("shmem-7.3x", object(), 3, None, ["x"]):
        if wrong is None and name == "Driver":
            continue
        with pytest.raises((TypeError, ValueError)) as refused:
            function(**{one.name: wrong for one in asked})
        assert len(str(refused.value)) < 700
        assert "has no attribute" not in str(refused.value)


@pytest.mark.parametrize(
    ("room", "name", "given", "more"),
    [
        ("gmemviz.study", "matrix", (["7.3", "7.3"],), {}),
        ("gmemviz.study", "matrix", ("7.3",), {}),
        ("gmemviz.study", "matrix", ([],), {"executor": "threads"}),
        ("gmemviz", "designs_for", ("flags",), {"kernel": "7.3"}),
        ("gmemviz", "designs_for", (["flags"],), {"kernel": "7.3", "first": 0}),
        ("gmemviz", "designs_for", (["flags"],), {"kernel": "7.3", "executor": 2}),
        ("gmemviz", "check", (gmemviz.gallery("shmem-7.3"),), {"limit": 0}),
        ("gmemviz", "check", (gmemviz.gallery("shmem-7.3"),), {"scenarios": ["last-clsoe"]}),
        ("gmemviz", "confirm", (gmemviz.gallery("shmem-7.3"),), {"accel": "tgc"}),
        ("gmemviz", "Driver", (gmemviz.gallery("shmem-7.3"),), {"kernel": "7.3"}),
        ("gmemviz", "ask_kernel", (), {"time_limit": float("nan")}),
        ("gmemviz.record", "record", ("gmem",), {"kernel": "7.3", "limit": float("inf")}),
        ("gmemviz.record", "record", ("gmem",), {"kernel": "7.3", "accel": "tgc"}),
        ("gmemviz.study", "replay", ("shmem-7.3",), {}),
        ("gmemviz.render", "draw_matrix", ([{}],), {}),
        ("gmemviz.facts", "callees", (FACTS, "iput"), {"depth": 0}),
    ],
)
def test_what_cannot_be_meant(room, name, given, more):
    with pytest.raises((TypeError, ValueError, gmemviz.GmemvizError)) as refused:
        public(room, name)(*given, **more)
    assert "has no attribute" not in str(refused.value)
    assert "\n" not in str(refused.value)
