"""The skeleton against the facts: every call it makes is in the kernel, in that order."""

import pytest

from gmemviz.facts import load, road, snapshots
from gmemviz.model import SCENARIOS
from gmemviz.model.machine import Act, Enter, Target
from gmemviz.model.road import Call, Hook, If, When, marks
from gmemviz.model.road.skeleton import SKELETON
from gmemviz.model.search.world import world_of
from gmemviz.study import designs, gallery

FAR = "filemap_free_folio"
"""What its caller in the model does not call itself: truncation does, further down."""


def calls_made(name):
    """Yield the facts and the Place of each call that the programs of a Design make, in order."""
    design = gallery(name)
    facts = load(design.kernel)
    for scenario in SCENARIOS.values():
        for program in world_of(design, scenario, facts).programs:
            for instruction in program.code:
                if isinstance(instruction, Enter | Act):
                    place = instruction.place
                    if place.caller in SKELETON:
                        yield facts, place


@pytest.mark.parametrize("name", designs())
def test_every_call_is_in_the_facts(name):
    seen = 0
    for facts, place in calls_made(name):
        seen += 1
        if place.function == FAR:
            way = road(facts, place.caller, FAR)
            assert way, f"no way from {place.caller} to {place.function}"
            continue
        callee = place.op or place.function
        callees = [call.callee for call in facts.function(place.caller).calls]
        assert callee in callees, f"{place.caller} does not call {callee} in {facts.tag}"
    assert seen > 50


@pytest.mark.parametrize("kernel", snapshots())
@pytest.mark.parametrize("function", SKELETON)
def test_calls_stand_in_the_order_of_the_source(kernel, function):
    facts = load(kernel)
    if not facts.has_function(function):
        pytest.skip(f"{kernel} has no {function}; the programs of that kernel do not either")
    callees = [call.callee for call in facts.function(function).calls]
    at, before = 0, ""
    for line in SKELETON[function].lines:
        for names in names_of(line, facts):
            known = [name for name in names if name in callees]
            if not known:
                continue  # the other kernel's way; test_every_call_is_in_the_facts has this one's
            if known[0] == before:
                continue  # one call, of which two lines say where it leads
            assert known[0] in callees[at:], f"{known[0]} is out of order in {function}"
            at, before = callees.index(known[0], at) + 1, known[0]


MARKED = gallery("guest_memfd-7.3")


def is_elsewhere(line, facts):
    """Return whether it is a line of which this kernel has another, before or behind."""
    late = marks.finds_by_list(Target(MARKED, facts))
    return getattr(line, "test", None) is (marks.has_marks_early if late else marks.has_marks_late)


def names_of(line, facts):
    if is_elsewhere(line, facts):
        return []
    if through := getattr(line, "through", ""):
        return [(through,)]
    if hasattr(line, "default"):
        return [(line.name,), *(call.names for call in line.default)]
    if hasattr(line, "lines"):  # a When or an If has lines within
        return [names for inner in line.lines for names in names_of(inner, facts)]
    return [line.names] if hasattr(line, "names") else []


def test_an_invented_step_would_fail():
    facts = load("7.3")
    assert "iput" not in [call.callee for call in facts.function("evict").calls]


def test_the_seed_s_slot_is_gone():
    assert load("6.12").has_field("address_space", "i_private_data")
    assert not load("7.3").has_field("address_space", "i_private_data")


FURTHER = {("__fput", "pipe_release"), ("truncate_inode_pages_final", "filemap_free_folio")}
"""Calls that are made through a table, or further down."""

OTHERWISE = {
    "6.1": {
        # It sets the VFS fields itself, with GFP_KERNEL, and calls the LSM last.
        ("inode_init_always", "inode_init_always_gfp"),
        # dput calls dentry_kill, which takes the locks, and that __dentry_kill, which does the
        # rest in the same order; so does who shrinks the LRU, dentry by dentry.
        ("dput", "finish_dput"), ("dentry_kill", "dentry_unlink_inode"),
        ("dentry_kill", "d_release"), ("shrink_dentry_list", "shrink_kill"),
    },
    "6.12": set(),
    "7.3": {("shrink_dcache_parent", "shrink_dentry_list")},  # shrink_dcache_tree, which it calls
}  # fmt: skip
"""Calls of the skeleton that a kernel makes under another name; what is done is the same."""


def said(lines):
    """Yield the names, the newest first, of each call that lines of the skeleton make."""
    for line in lines:
        if isinstance(line, Call):
            yield (line.through,) if line.through else line.names
        elif isinstance(line, Hook):
            yield from ((line.name,), *(call.names for call in line.default))
        elif isinstance(line, When | If):
            yield from said(line.lines)


@pytest.mark.parametrize("kernel", snapshots())
def test_what_a_kernel_calls_otherwise_is_listed(kernel):
    """The road stands on a kernel's facts but for these, each of which was read in its source."""
    facts = load(kernel)
    found = set()
    for function in filter(facts.has_function, SKELETON):
        callees = {call.callee for call in facts.function(function).calls}
        for names in said(SKELETON[function].lines):
            if not callees & set(names):
                found.add((function, names[0]))
    assert found - FURTHER == OTHERWISE[kernel]
