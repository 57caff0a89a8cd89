"""A real kernel's teardown against the model: all that is shipped conforms, and what is told."""

from dataclasses import replace

import pytest

from gmemviz.errors import GmemvizError, RecordingError
from gmemviz.evidence.validate.conform import conform
from gmemviz.model import Design
from gmemviz.record import load_recording, recordings
from gmemviz.study import gallery
from tests.evidence.recorded_edits import IDLE, OWN, own, refused

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


def test_all_scenarios_with_an_inode_of_their_own_are_here():
    assert len(OWN) >= 8
    others = {name.partition("-")[2] for name in set(recordings()) - set(OWN)}
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
