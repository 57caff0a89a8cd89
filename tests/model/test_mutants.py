"""Verdicts are derived: change the machine, and the right cells change."""

import importlib
from dataclasses import replace

import pytest

from gmemviz.model import SCENARIOS, check, design_from_choices
from gmemviz.model.machine.heap import Machine
from gmemviz.model.road.lines import Call, Do, Function, Hook, If
from gmemviz.model.road.skeleton import SKELETON
from gmemviz.model.road.surroundings import SURROUNDINGS
from gmemviz.study import gallery


def mutant(function, change):
    """Return the skeleton with one function's lines changed."""
    body = SKELETON[function]
    return {**SKELETON, function: Function(body.says, tuple(change(body.lines)))}


def at_once(lines):
    """Return the lines with the callback called where it would be queued."""
    queues = Call(("call_rcu",))
    return [Call(("i_callback",)) if line == queues else line for line in lines]


def test_without_a_grace_period_readers_see_freed_memory():
    unqueued = mutant(
        "destroy_inode",
        at_once,
    )
    assert check(gallery("guest_memfd-7.3")).defects == ()
    report = check(gallery("guest_memfd-7.3"), skeleton=unqueued)
    assert report.defects == ("use-after-free",)
    assert report.counterexample.world.scenario.name == "gup-fast"


def test_without_clear_inode_evict_hits_its_last_assertion():
    def without(lines):
        for line in lines:
            if isinstance(line, Hook):
                yield line._replace(default=line.default[:1])
            else:
                yield line

    skipped = mutant("evict", without)
    assert check(gallery("guest_memfd-7.3"), skeleton=skipped).defects == ("assertion",)
    assert (
        check(gallery("hugetlbfs-7.3"), skeleton=skipped).defects == ()
    )  # has an evict of its own


def test_mntput_before_dput_reads_a_dead_superblock():
    swapped = mutant("__fput", lambda lines: [*lines[:-2], lines[-1], lines[-2]])
    report = check(gallery("guest_memfd-7.3"), skeleton=swapped)
    assert report.defects == ("use-after-free",)
    assert report.counterexample.defect.object == "superblock"
    assert report.counterexample.world.scenario.name == "unmount"


@pytest.mark.parametrize(("kernel", "defects"), [("6.12", ("objects-remain",)), ("7.3", ())])
def test_without_rcu_barrier_objects_remain_where_the_cache_does_not_wait(kernel, defects):
    scenario = SCENARIOS["root-inode"]
    task, rcu = scenario.actors
    hasty = replace(task, lines=tuple(x for x in task.lines if x.names != ("rcu_barrier",)))
    hurried = replace(scenario, actors=(hasty, rcu))
    design = replace(gallery("guest_memfd-7.3"), kernel=kernel)
    assert check(design, scenarios=[hurried]).defects == defects


def test_a_free_inode_in_process_context_may_sleep():
    calm = mutant(
        "destroy_inode",
        at_once,
    )
    design = design_from_choices(
        kernel="7.3", mount="own", placement="containing-struct", cleanup="free-all",
        metadata="shareability-tree",
    )  # fmt: skip
    assert check(design).defects == ("sleep-in-softirq",)
    assert "sleep-in-softirq" not in check(design, skeleton=calm).defects


def test_without_the_bit_the_first_assertion_of_evict_fires():
    unmarked = mutant(
        "iput_final",
        lambda lines: [x for x in lines if not (isinstance(x, Do) and "I_FREEING" in x.says)],
    )
    assert check(gallery("guest_memfd-6.12"), skeleton=unmarked).defects == ("assertion",)


def test_a_synchronous_last_put_under_slots_lock_waits_for_itself():
    # Only task work keeps release, which takes slots_lock, out of the ioctl that holds it.
    scenario = SCENARIOS["memslot-creation"]
    task, rcu, ioctl = scenario.actors
    wait, get, held, last = SURROUNDINGS["memslot creation"].lines
    put, unlock, run, leave = held.lines
    hasty = replace(ioctl, lines=(wait, get, If(held.test, (put, run, unlock, leave)), last))
    report = check(gallery("guest_memfd-7.3"), scenarios=[scenario])
    assert report.defects == ()
    rushed = replace(scenario, actors=(task, rcu, hasty))
    assert check(gallery("guest_memfd-7.3"), scenarios=[rushed]).defects == ("deadlock",)


def test_without_i_lock_an_inode_is_held_while_it_goes():
    scenario = SCENARIOS["igrab"]
    assert check(gallery("guest_memfd-7.3"), scenarios=[scenario]).defects == ()
    unlocked = replace(scenario, cells=())
    assert set(check(gallery("guest_memfd-7.3"), scenarios=[unlocked]).defects) >= {
        "use-after-free"
    }


def test_a_fault_without_a_file_reference_uses_freed_metadata():
    scenario = SCENARIOS["memslot-fault"]
    task, rcu, vcpu = scenario.actors
    load, _, use = SURROUNDINGS["kvm_gmem_get_pfn"].lines
    bold = replace(vcpu, lines=(load, use.lines[0]))
    report = check(
        gallery("guest_memfd-7.3"), scenarios=[replace(scenario, actors=(task, rcu, bold))]
    )
    assert report.defects == ("use-after-free",)


WITNESS = {
    "assertion": ("own", "i_private", "evict-without-clear", "shared_policy"),
    "crash": ("static-superblock", "i_private", "none", "shared_policy"),
    "deadlock": ("own", "global-xarray", "free-all", "shared_policy"),
    "double-free": None,
    "inode-leak": ("own", "i_private", "free-metadata-only", "rcu-blob"),
    "late-release": ("own", "i_private", "free-all", "resv_map"),
    "leak": ("own", "i_private", "none", "shared_policy"),
    "lock-context": ("own", "i_private", "free-all", "shared_policy"),
    "no-such-field": ("own", "i_private_data", "none", "shared_policy"),
    "out-of-reach": ("own", "file-private_data", "release", "resv_map"),
    "per-file": ("own", "file-private_data", "release", "shared_policy"),
    "sleep-in-atomic": ("own", "i_private", "drop-returns-1", "attributes-tree"),
    "sleep-in-softirq": ("own", "i_private", "free-all", "attributes-tree"),
    "stale-alias": ("own", "global-xarray", "none", "rcu-blob"),
    "unreachable-hook": ("anon-inode", "i_private", "free-all", "shared_policy"),
    "use-after-free": ("own", "i_private", "evict-before-truncate", "resv_map"),
    "wrong-branch": ("own", "i_private-flags", "evict-before-truncate", "flags"),
    "wrong-cache": ("own", "containing-struct", "none", "shared_policy"),
}
"""A cell for each code; a double free needs a scenario that somebody has to ask for."""


def asked(code):
    if cell := WITNESS[code]:
        names = ("mount", "placement", "cleanup", "metadata")
        return check(design_from_choices(kernel="7.3", **dict(zip(names, cell, strict=True))))
    twice = design_from_choices(
        kernel="7.3", mount="own", placement="i_private", cleanup="release", metadata="resv_map"
    )
    return check(twice, scenarios=[SCENARIOS["linked-file"]])


@pytest.mark.parametrize("code", sorted(WITNESS))
def test_a_code_is_lost_with_the_branch_that_names_it(code, monkeypatch):
    assert code in asked(code).defects

    def deaf(hears):
        def notice(self, found, name, doing):
            if found != code:
                hears(self, found, name, doing)

        return notice

    for method in ("fail", "note"):
        monkeypatch.setattr(Machine, method, deaf(getattr(Machine, method)))
    if code in ("leak", "inode-leak", "unreachable-hook"):  # not noticed by a step
        monkeypatch.setattr(
            importlib.import_module("gmemviz.model.search.explore"), "_held", lambda *_: ""
        )
        monkeypatch.setattr(
            importlib.import_module("gmemviz.model.search.check"), "_unreachable", lambda *_: {}
        )
    if code == "inode-leak":  # a correct Design frees its inode somewhere
        (missed, *_) = asked(code).not_asked
        assert "never reached the struct inode is freed" in missed
    assert code not in asked(code).defects
