"""A real kernel's teardown against the model: all that is shipped conforms, and what is told."""

from dataclasses import replace
from itertools import product

import pytest

from gmemviz.errors import GmemvizError, RecordingError
from gmemviz.evidence.validate.conform import conform
from gmemviz.model import Design
from gmemviz.record import load_recording, recordings
from gmemviz.study import gallery
from tests.evidence.mutants import moved, removed
from tests.evidence.recorded_edits import DERIVED, IDLE, OWN, SOURCES, own, refused

NULLS = [name for name in OWN if OWN[name].rpartition("-")[0] in IDLE]


@pytest.mark.parametrize("name", OWN)
def test_each_recording_conforms_to_what_its_kernel_has(name):
    found = conform(load_recording(name), own(name))
    assert found.verdict == "conforms", found.text
    assert found.difference is None
    assert found.matched == found.named
    assert found.untold == 0
    assert len(found.named) >= 9
    assert found.recorded.missing == ()


FINDINGS = {
    # The backing file's user_path is put behind the rest of __fput, and is the last to hold the
    # inode. (fs/file_table.c:backing_file_free@v6.12)
    "overlay-unlink": ("mntput", {"__dentry_kill", "dput.part.0", "dentry_kill"}),
}
"""What a real kernel does otherwise than the model, by scenario; notebook 07 tells of it."""


# Of its superblock's end nobody had the tracer watch put_super, which its Design has.
UNWATCHED = {
    f"{kernel}-overlay-{scenario}": ("ovl_put_super",)
    for kernel in ("6.12", "7.3")
    for scenario in ("rmmod", "rmmod-later", "umount")
}


@pytest.mark.parametrize("name", DERIVED)
def test_each_recording_of_a_real_filesystem_conforms_to_what_its_source_comes_to(name):
    found = conform(load_recording(name))
    assert found.told.startswith(f"derived of {SOURCES[DERIVED[name]]}, which the gallery does not")
    finding = FINDINGS.get(name.partition("-")[2])
    if finding:
        function, allowed = refused(found)
        assert (function, allowed & finding[1] != set()) == (finding[0], True)
        return
    unwatched = UNWATCHED.get(name, ())
    verdict = "conforms as far as it goes" if unwatched else "conforms"
    assert (found.verdict, found.unwatched) == (verdict, unwatched), found.text
    assert found.matched == found.named
    assert found.recorded.missing == found.rest == ()


def test_all_scenarios_with_an_inode_of_their_own_are_here():
    assert len(OWN) >= 8
    others = {name.partition("-")[2] for name in set(recordings()) - set(OWN) - set(DERIVED)}
    confirmed = {"confirmed-clean", "confirmed-leak", "confirmed-softirq"}  # their own file
    assert others - confirmed <= {"eventfd", "kvm-unload"}


@pytest.mark.parametrize("name", NULLS)
def test_a_hook_that_a_design_leaves_null_is_a_difference(name):
    design = own(name)
    hook, function = IDLE[design.name.rpartition("-")[0]]
    less = replace(design, hooks=tuple(one for one in design.hooks if one[0] != hook))
    found = conform(load_recording(name), less)
    ran = {event.hook for event in found.recorded.events}
    if found.scenario.name == "last-close" and hook in ran:
        assert refused(found)[0] == function
        assert f"the Design leaves {hook} NULL" in found.difference.sentence


def test_names_that_differ_by_version_come_from_the_facts():
    for name in ("7.3-memfd-policy", "7.3-tmpfs-unlink"):
        found = conform(load_recording(name), gallery("shmem-6.12"))
        assert found.verdict == "conforms"
        assert found.design.kernel == "7.3"
        assert "written for 6.12" in found.told


def test_a_proposal_that_does_otherwise_is_told_where():
    found = conform(load_recording("7.3-gmem"), gallery("rfc-v1-hugetlb"))
    assert refused(found)[1] == {"kvm_gmem_evict_inode"}
    assert found.difference.caller == "evict"
    assert found.difference.allowed[0].hook == "evict_inode"


def test_no_inode_and_no_question():
    trace = load_recording("6.12-pipe")
    with pytest.raises(RecordingError, match="no inode to follow"):
        conform(replace(trace, marks=()))
    text = 'kernel = "6.12"\nmount = "anon-inode"\n'
    umount = replace(trace, marks=((trace.marks[1][0], "umount"),))
    with pytest.raises(GmemvizError, match="does not ask about"):
        conform(umount, Design.from_text(text))


def test_a_module_that_goes_waits_and_destroys_its_cache():
    for name, waits in (("7.3-kvm-unload", 2), ("6.12-overlay-rmmod", 1)):
        found = conform(load_recording(name))
        steps = [found.recorded.events[at].function for at in found.matched]
        assert steps.count("rcu_barrier") == waits  # on 7.3 kmem_cache_destroy waits, too
        assert steps.index("rcu_barrier") < steps.index("kmem_cache_destroy")


# 6.12's kmem_cache_destroy waits for what kfree_rcu was given, 7.3's by another function.
STEPS_OF_EXIT = [
    *product(("6.12-overlay-rmmod", "7.3-kvm-unload"), ("rcu_barrier", "kmem_cache_destroy")),
    ("6.12-overlay-rmmod", "kvfree_rcu_barrier"),
]


@pytest.mark.parametrize(("name", "step"), STEPS_OF_EXIT)
def test_an_exit_that_leaves_a_step_out_is_a_difference(name, step):
    trace = load_recording(name)
    found = conform(trace)
    times = {found.recorded.events[at].time for at in found.matched}
    at = next(n for n, e in enumerate(trace.events) if e.function == step and e.time in times)
    assert conform(removed(trace, at)).verdict == "does not conform"


def test_an_exit_that_frees_the_cache_before_it_waits_is_a_difference():
    trace = load_recording("6.12-overlay-rmmod")
    names = [event.function for event in trace.events]
    barrier = names.index("rcu_barrier")
    found = conform(moved(trace, names.index("kmem_cache_destroy"), barrier))
    assert refused(found)[0] == "kmem_cache_destroy"


def test_the_free_folio_hook_runs_as_often_as_there_are_folios():
    for name in ("7.3-gmem", "6.12-secretmem"):
        found = conform(load_recording(name))
        names = [found.recorded.events[at].function for at in found.matched]
        assert sum(name.endswith("_gmem_free_folio") or name == "secretmem_free_folio"
                   for name in names) == 2  # fmt: skip
