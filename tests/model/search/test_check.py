"""A Report: shortest runs, reasons, and what is refused as vacuous."""

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.model import SCENARIOS, Design, check
from gmemviz.study import gallery
from tests.model.search.cell import design


def test_a_counterexample_is_a_shortest_run():
    report = check(design("free-all", "shareability-tree"))
    path = report.counterexample
    assert path.defect.code == "sleep-in-softirq"
    depths = {
        e.world.scenario.name: e.found["sleep-in-softirq"].depth
        for e in report.explorations
        if e.found
    }
    assert len(path) == min(depths.values())
    assert path.world.scenario.name == min(depths, key=depths.get)


def test_a_vacuous_scenario_is_refused():
    never = SCENARIOS["last-close"].__class__(
        "never", "N", "nothing that can happen", SCENARIOS["last-close"].actors,
        sometimes=(("pigs fly", lambda _: False),),
    )  # fmt: skip
    with pytest.raises(GmemvizError, match="vacuous: never reached pigs fly"):
        check(gallery("guest_memfd-7.3"), scenarios=(never,))


def test_a_scenario_that_asks_by_itself_says_that_it_got_nowhere():
    """The page cache is never filled, so no folio outlives the inode, and nobody reads."""
    text = """
    kernel = "6.12"
    mount = "own"
    filled = false
    metadata.state = { placement = "i_private", read_by = ["last folio_put"] }
    hooks.free_inode = ["free state", "free to inode_cachep"]
    """
    report = check(Design.from_text(text))
    assert report.verdict == "not-asked"
    assert report.not_asked[-1].startswith("scenario pinned-folio is vacuous: never reached")


def test_a_list_that_nobody_walks_is_said():
    """An object that is freed while it is on the list is found by who walks it, and only so."""
    text = """
    kernel = "6.12"
    mount = "own"
    lists = ["all"]
    metadata.blob = { placement = "containing-struct" }
    hooks.alloc_inode = ["alloc container", "init blob"]
    hooks.release = ["put blob on all"]
    hooks.free_inode = ["free blob", "free struct"]
    """
    silent = check(Design.from_text(text))
    assert silent.not_asked == ("no body walks all, so nobody reads what is on it",)
    walker = 'actors.walker = { from = "close", times = 1, does = ["walk all"] }'
    assert check(Design.from_text(text + walker)).defects == ("use-after-free",)


def test_a_reason_has_the_right_subject():
    lost = check(design("evict-without-clear", "shared_policy", placement="file-private_data"))
    assert lost.reasons["unreachable-hook"].startswith("evict_inode is set, but a hook that is")
    leaky = check(design("none", "shared_policy", placement="i_private"))
    assert leaky.why.startswith("shared_policy is still allocated when no step is left")
    assert leaky.counterexample.is_at_end


ASKED_BEFORE = """
name = "asked"
kernel = "7.3"
mount = "own"
allocator = "new_inode"
root_sets = ["index"]
fails_early = false

[metadata.index]
placement = "containing-struct"
[metadata.body]
placement = "containing-struct"

[hooks]
alloc_inode = ["alloc container"]
evict_inode = [
    "truncate", "if index not set: clear_inode", "if index set: clear_inode",
    "free index", "free body",
]
free_inode = ["free struct"]
"""


def test_one_kind_alone_keeps_what_is_asked_before_something_is_done():
    """Of `if index set: clear_inode` no run without an index is this Design's."""
    stale = Design.from_text(ASKED_BEFORE)  # the root inode has an earlier owner's body
    assert check(stale).defects == ("double-free",)
    body, index = stale.keeps
    assert (stale.only(body).keeps, stale.only(index).keeps) == ((body, index), (index,))
    never = Design.from_text(ASKED_BEFORE.replace(', "if index set: clear_inode"', ""))
    assert "assertion" in check(never).defects
    always = ASKED_BEFORE.replace("if index not set: ", "").replace(
        '"if index set: clear_inode",', ""
    )
    apart = Design.from_text(always)
    assert [apart.only(kept).keeps for kept in apart.keeps] == [(kept,) for kept in apart.keeps]
