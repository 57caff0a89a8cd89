"""Every run of the model, as a recording would show it, conforms to its own Design."""

from dataclasses import replace

import pytest

from gmemviz.evidence.validate.conform import conform
from gmemviz.facts.records import Event
from gmemviz.model import hooks_of
from gmemviz.study import designs, gallery
from tests.evidence.recorded_edits import inserted
from tests.evidence.validate.model_runs import MARKS, runs

CLEAR, TRUNCATE = "clear_inode via clear_inode", "truncate via shmem_truncate_range"
XATTRS = "free xattrs after a grace period via simple_xattrs_free"
DQUOT = "free i_dquot via dquot_drop"


KERNELS_OWN = [name for name in designs() if gallery(name).origin == "kernel"]


@pytest.mark.parametrize("scenario", MARKS)
@pytest.mark.parametrize("name", designs())
def test_a_run_conforms_to_its_own_design(name, scenario):
    for design, _, trace in runs(name, scenario, 2):
        found = conform(trace, design)
        assert found.conforms, found.text
        assert found.scenario.name == scenario
        assert found.matched == found.named
        assert not found.untold


def test_every_scenario_has_runs():
    for scenario in MARKS:
        seen = sum(1 for name in KERNELS_OWN for _ in runs(name, scenario, 2))
        assert seen >= 10, scenario


def shown_hooks(design):
    shown = ("release", "drop_inode", "evict_inode", "destroy_inode", "free_inode")
    functions = dict(design.functions)
    return {(hook, functions.get(hook)) for hook, _ in design.hooks if hook in shown}


@pytest.mark.parametrize("name", KERNELS_OWN)
def test_a_run_of_another_design_is_refused_where_a_hook_shows_it(name):
    others = [gallery(other) for other in KERNELS_OWN if other.endswith(name.rpartition("-")[2])]
    refused = 0
    for design, _, trace in runs(name, "last-close", 1):
        for other in others:
            found = conform(trace, other)
            if shown_hooks(design) - shown_hooks(other):
                assert not found.conforms, found.text
                assert found.difference.event is not None
                refused += 1
    assert refused or not shown_hooks(gallery(name))


def with_body(design, **bodies):
    """Return a Design some of whose hooks do something else."""
    said = {hook: [str(action) for action in body] for hook, body in design.hooks}
    kinds = {kept.kind.name: kept.kind for kept in design.keeps}
    return replace(design, hooks=hooks_of({**said, **bodies}, kinds))


FREE = "free shared_policy via mpol_free_shared_policy"


MUTANTS = {  # what else its hooks do: where the recording of shmem-7.3 differs, what was allowed
    "no clear_inode": ({"evict_inode": [TRUNCATE, XATTRS, DQUOT]}, "clear_inode", {"dquot_drop"}),
    "clear_inode first": (
        {"evict_inode": [CLEAR, TRUNCATE, XATTRS, DQUOT]}, "shmem_truncate_range", {"clear_inode"}
    ),
    "freed in evict_inode": (
        {"evict_inode": [TRUNCATE, XATTRS, CLEAR, DQUOT, FREE], "destroy_inode": []},
        "destroy_inode", {"mpol_free_shared_policy"},
    ),
    "freed in free_inode": (
        {"destroy_inode": [], "free_inode": [FREE, "free struct via kmem_cache_free"]},
        "kmem_cache_free", {"mpol_free_shared_policy"},
    ),
    "freed at once": (
        {"destroy_inode": [FREE, "free struct via kmem_cache_free"]},
        "call_rcu", {"kmem_cache_free"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutated_design_is_refused_at_the_right_event(mutant):
    bodies, function, allowed = MUTANTS[mutant]
    (design, _, trace), *_ = runs("shmem-7.3", "last-close", 1)
    assert conform(trace, with_body(design)).conforms
    found = conform(trace, with_body(design, **bodies))
    assert found.verdict == "does not conform"
    assert found.recorded.events[found.difference.event].function == function
    assert {one.function for one in found.difference.allowed} == allowed


def test_a_hook_taken_away_is_refused():
    (design, _, trace), *_ = runs("shmem-7.3", "last-close", 1)
    for hook, function in design.functions:
        if hook == "alloc_inode":
            continue  # no inode of the recording is born
        less = replace(design, hooks=tuple(one for one in design.hooks if one[0] != hook))
        found = conform(trace, less)
        refused = found.recorded.events[found.difference.event].function
        if hook == "free_inode":
            assert refused == "call_rcu"  # with destroy_inode set, the hook owns the memory
        else:
            assert refused == function
            assert f"the Design leaves {hook} NULL" in found.difference.sentence


def test_a_function_of_the_road_that_the_model_leaves_out_is_no_matter():
    (design, _, trace), *_ = runs("shmem-6.12", "root-inode", 1)
    events = list(trace.events)
    at = next(n for n, event in enumerate(events) if event.function == "kill_anon_super")
    depth = events[at].depth
    end = next(n for n in range(at, len(events)) if events[n].function == "put_super")
    inner = [replace(event, depth=event.depth + 1) for event in events[at:end]]
    litter = replace(events[at], function="kill_litter_super", depth=depth)
    found = conform(replace(trace, events=(*events[:at], litter, *inner, *events[end:])), design)
    assert found.conforms, found.text
    assert len(found.matched) == len(conform(trace, design).matched)
    assert [found.sign(n) for n, e in enumerate(found.recorded.events) if e == litter] in (
        [],
        ["-"],
    )


def test_a_hook_of_a_function_that_nobody_knows_is_refused():
    (design, _, trace), *_ = runs("secretmem-7.3", "last-close", 1)
    at = next(n for n, event in enumerate(trace.events) if event.function == "evict")
    event = trace.events[at]
    extra = Event("module_evict_inode", event.actor, "P", event.depth + 1)
    found = conform(inserted(trace, at + 1, extra), design)
    assert found.recorded.events[found.difference.event].function == "module_evict_inode"
    assert "the Design leaves evict_inode NULL" in found.difference.sentence
