"""Verdicts are derived: change the machine, and the right cells change."""

from dataclasses import replace

from gmemviz.model import SCENARIOS, check, design_from_choices
from gmemviz.model.lines import Call, Defer, Do, Function, Hook
from gmemviz.model.skeleton import SKELETON
from gmemviz.study import gallery


def mutant(function, change):
    """Return the skeleton with one function's lines changed."""
    body = SKELETON[function]
    return {**SKELETON, function: Function(body.says, tuple(change(body.lines)))}


def test_without_a_grace_period_readers_see_freed_memory():
    at_once = mutant(
        "destroy_inode",
        lambda lines: [Call(("i_callback",)) if isinstance(x, Defer) else x for x in lines],
    )
    assert check(gallery("guest_memfd-7.3")).defects == ()
    report = check(gallery("guest_memfd-7.3"), skeleton=at_once)
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


def test_without_rcu_barrier_the_callback_frees_into_a_dead_cache():
    scenario = SCENARIOS["root-inode"]
    task, rcu = scenario.actors
    hasty = replace(task, lines=tuple(x for x in task.lines if x.names != ("rcu_barrier",)))
    hurried = replace(scenario, actors=(hasty, rcu))
    report = check(gallery("guest_memfd-7.3"), scenarios=[hurried])
    assert report.defects == ("use-after-free",)
    assert report.counterexample.defect.object == "cache"


def test_a_free_inode_in_process_context_may_sleep():
    calm = mutant(
        "destroy_inode",
        lambda lines: [Call(("i_callback",)) if isinstance(x, Defer) else x for x in lines],
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
