"""Reasons: object, freer, toucher and what is wrong, and runs that differ in them."""

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.model import Design, check
from gmemviz.model.search import steps
from gmemviz.model.search.reasons import NOBODY, freed_in, reason_of, tasks_of
from gmemviz.study import gallery
from tests.model.search.cell import design
from tests.model.search.designs import READ_LATE, made


def told(report, code):
    """Return the parts of a reason that names of Designs stand in."""
    found = report.findings[code]
    return found.object, str(found.freer), str(found.toucher)


def test_a_reason_names_object_freer_toucher_and_where_each_ran():
    report = check(made(READ_LATE))
    assert told(report, "use-after-free") == (
        "blob", "destroy_inode", "actor permission, under RCU,",
    )  # fmt: skip
    found = report.findings["use-after-free"]
    assert found.reason == "reads blob, whose memory is freed"
    assert (found.scenario, found.step) == ("actor permission", len(report.run))
    assert found.sentence == report.why == report.reason("use-after-free")
    assert found.answer()["touched_where"] == "under RCU"
    for word in ("blob", "destroy_inode", "actor permission", "under RCU"):
        assert word in report.why


def test_a_free_in_softirq_says_so():
    late = made(
        READ_LATE.replace('destroy_inode = ["free blob"]', "destroy_inode = []")
        .replace('free_inode = ["free struct"]', 'free_inode = ["free blob", "free struct"]')
        .replace('holds = "rcu"', 'holds = "nothing"')
    )
    found = check(late).findings["use-after-free"]
    assert (found.freer.name, found.freer.where) == ("free_inode", "in softirq")
    assert found.toucher.who == "actor permission"


@pytest.mark.parametrize(
    ("hook", "more", "freer"),
    [
        ("free blob after a grace period", {}, "kfree_rcu's callback, in softirq,"),
        ("free blob after a grace period via iput", {}, "its RCU callback, in softirq,"),
        ("free blob in a worker", {}, "its worker"),
        ("call_rcu later", {"callbacks.later": '{ does = ["free blob"] }'},
         "callback later, in softirq,"),
    ],
)  # fmt: skip
def test_what_is_freed_later_has_a_freer_with_a_name(hook, more, freer):
    text = f"""
    kernel = "6.12"
    mount = "own"
    metadata.blob = {{ placement = "i_private" }}
    hooks.release = ["{hook}"]
    actors.user = {{ holds = "dentry", does = ["read blob"], times = 1 }}
    """
    found = check(made(text, **more)).findings["use-after-free"]
    assert (found.object, str(found.freer)) == ("blob", freer)
    assert found.toucher.who == "actor user"


def test_a_road_of_the_kernel_says_whose_it_is():
    text = READ_LATE.replace('holds = "rcu"', 'holds = "inode"')
    found = check(made(text)).findings["use-after-free"]
    assert found.toucher.who == "iput of actor permission"


def test_where_something_slept_is_said_once():
    slept = check(design("free-all", "shareability-tree"))
    assert slept.why.count("in softirq") == 1
    assert slept.findings["sleep-in-softirq"].toucher.where == "in softirq"


def test_nobody_frees_and_nobody_comes_where_something_leaks():
    found = check(design("none", "shared_policy", placement="i_private")).findings["leak"]
    assert (found.freer, found.toucher, found.step) == (NOBODY, NOBODY, 0)
    assert found.sentence.startswith("shared_policy is still allocated")


def test_the_second_of_an_actor_has_the_title_of_the_first():
    titles = tasks_of(made(READ_LATE))
    assert titles["permission"] == titles["permission 2"] == "actor permission"


def test_what_a_run_frees_is_told_by_its_last_step():
    report = check(made(READ_LATE))
    path = report.path("use-after-free")
    run = tuple(steps(path, report.facts))
    assert freed_in(run)["blob"].hook == "destroy_inode"
    assert reason_of(path, run) == report.findings["use-after-free"]


TWO_READERS = READ_LATE + 'actors.get_link = { holds = "rcu", does = ["if blob set: read blob"] }\n'


def keys(report, code, count):
    """Return what tells runs apart, as a reader sees it."""
    found = []
    for path in report.runs(code, count):
        reason = reason_of(path, tuple(steps(path, report.facts)))
        found.append((reason.scenario, reason.object, str(reason.freer), str(reason.toucher)))
    return found


def test_runs_differ_by_scenario_and_then_by_who_does_it():
    report = check(made(TWO_READERS))
    found = keys(report, "use-after-free", 9)
    assert len(found) == len(set(found)) == 4
    first = [scenario for scenario, *_ in found[:3]]
    assert set(first) == {"actor permission", "actor get_link", "all actors"}
    assert {toucher for *_, toucher in found} == {
        "actor permission, under RCU,", "actor get_link, under RCU,",
    }  # fmt: skip


def test_the_first_run_is_the_counterexample_and_a_few_are_the_first_of_many():
    report = check(gallery("rfc-v1-free_inode"))
    for code in report.defects:
        many = report.runs(code, 99)
        assert many[0] == report.path(code)
        assert report.runs(code, 2) == many[:2]
        depths = {path.world.scenario.name: len(path) for path in reversed(many)}
        assert len(many[0]) == min(depths.values())


def test_each_run_ends_where_its_defect_is():
    report = check(made(TWO_READERS))
    for path in report.runs("use-after-free", 9):
        last = tuple(steps(path, report.facts))[-1]
        assert "whose memory is freed" in last.event.sentence


def test_an_unreachable_hook_has_its_one_run():
    lost = check(design("evict-without-clear", "shared_policy", placement="file-private_data"))
    assert len(lost.runs("unreachable-hook", 5)) == 1


def test_a_code_that_was_not_found_is_refused_and_so_is_no_run():
    report = check(made(READ_LATE))
    with pytest.raises(UnknownNameError, match=r"unknown defect of this Design: 'leak'.*use-after"):
        report.runs("leak", 1)
    with pytest.raises(UnknownNameError, match="count must be a whole number from 1 on, not 0"):
        report.runs("use-after-free", 0)


DEFERS = """
kernel = "6.12"
mount = "own"
filled = false
metadata.blob = { placement = "i_private" }
"""


@pytest.mark.parametrize(
    ("more", "freer"),
    [
        ('hooks.evict_inode = ["truncate", "clear_inode", "free blob"]', "in evict_inode"),
        (
            'hooks.evict_inode = ["truncate", "clear_inode", "free blob after a grace period"]',
            "by kfree_rcu's callback",
        ),
        (
            """
            hooks.destroy_inode = ["call_rcu later"]
            callbacks.later = { does = ["free blob", "free struct"] }
            """,
            "by callback later",
        ),
    ],
    ids=["a hook", "a deferred free", "a callback"],
)
def test_a_correct_design_says_who_freed(more, freer):
    why = check(Design.from_text(DEFERS + more)).why
    assert f"blob is freed {freer}" in why


def test_a_run_that_frees_nothing_says_so():
    keeps = """
        allocator = "new_inode"
        kinds = ["regular", "directory"]
        hooks.drop_inode = ["if directory: return 1"]
        hooks.evict_inode = ["truncate", "clear_inode", "free blob"]
    """
    report = check(Design.from_text(DEFERS + keeps))
    assert report.verdict == "correct"
    assert report.why.startswith("nothing is freed (last-close); ")


def test_under_rcu_is_said_until_its_unlock():
    """Behind it, atomic is who holds a spinlock."""
    more = """
    metadata.tree = { placement = "s_fs_info", read_by = [] }
    locks.guard = "spinlock"
    hooks.put_super = ["free tree"]
    actors.reader = { holds = "rcu", does = ["rcu_read_unlock", "lock guard", "read tree", "unlock guard"] }
    """
    behind = check(Design.from_text(f'kernel = "6.12"\nmount = "own"\n{more}'))
    assert behind.findings["use-after-free"].toucher.where == "in atomic context"
    under = check(Design.from_text(f'kernel = "6.12"\nmount = "own"\n{more.replace(UNLOCK, "")}'))
    assert under.findings["use-after-free"].toucher.where == "under RCU"


UNLOCK = '"rcu_read_unlock", '
