"""A real kernel's teardown against the model: all that is shipped conforms, and what is told."""

from dataclasses import replace

import pytest

from gmemviz.errors import GmemvizError, RecordingError
from gmemviz.evidence.validate.conform import alignment, conform, edges_seen
from gmemviz.model import Design
from gmemviz.record import load_recording, recordings
from gmemviz.study import designs, gallery
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
    assert others - confirmed <= {"eventfd", "kvm-unload", "tmpfs-umount"}


@pytest.mark.parametrize("name", OWN)
def test_the_design_is_told_from_the_hooks(name):
    found = conform(load_recording(name))
    assert found.design is gallery(OWN[name])
    assert found.told.startswith("told from ")


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


def test_a_scenario_that_stands_in_for_another_says_so():
    assert "stands in for the watch" in conform(load_recording("7.3-gmem-inotify")).why_scenario
    assert "stands in" not in conform(load_recording("7.3-gmem")).why_scenario


def test_the_scenario_comes_from_the_marks():
    assert conform(load_recording("7.3-gmem-opath")).scenario.name == "o-path"
    assert conform(load_recording("7.3-gmem")).scenario.name == "last-close"
    trace = load_recording("7.3-gmem-opath")
    unnamed = tuple((n, text.replace("opath", "second")) for n, text in trace.marks)
    found = conform(replace(trace, marks=unnamed), own("7.3-gmem-opath"))
    assert found.scenario.name == "last-close"
    assert refused(found) == ("dput", {"kvm_gmem_release"})


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


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("other", designs())
def test_only_one_design_of_the_kernel_fits(name, other):
    design = gallery(other)
    if design.origin == "kernel" and design.kernel == gallery(OWN[name]).kernel:
        found = conform(load_recording(name), own(name) if other == OWN[name] else design)
        assert found.conforms == (other == OWN[name])


# --- errors ---------------------------------------------------------------------------------


def test_a_kernel_without_facts_is_named():
    trace = load_recording("7.3-gmem")
    with pytest.raises(RecordingError, match=r"of kernel 7\.30\.1; there are facts of 6\.12, 7\.3"):
        conform(replace(trace, kernel="7.30.1"))
    with pytest.raises(RecordingError, match="that it does not name"):
        conform(replace(trace, kernel=""))
    assert conform(replace(trace, kernel="7.3-rc1")).design.name == "guest_memfd-7.3"


def test_a_filesystem_that_the_gallery_lacks_is_refused():
    trace = load_recording("7.3-memfd-policy")
    events = tuple(
        replace(e, function=e.function.replace("shmem", "ext4").replace("inode_just_drop", "drop"))
        for e in trace.events
    )
    with pytest.raises(
        RecordingError, match=r"No Design of the gallery fits .* name one of aio-7\.3"
    ):
        conform(replace(trace, events=events))


def test_no_inode_and_no_question():
    trace = load_recording("6.12-pipe")
    with pytest.raises(RecordingError, match="no inode to follow"):
        conform(replace(trace, marks=()))
    text = 'kernel = "6.12"\nmount = "anon-inode"\n'
    umount = replace(trace, marks=((trace.marks[1][0], "umount"),))
    with pytest.raises(GmemvizError, match="does not ask about"):
        conform(umount, Design.from_text(text))


# --- what is told ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("other", ["", "rfc-v1-hugetlb", "hugetlbfs-7.3"])
def test_the_text_fits_a_mail(name, other):
    found = conform(load_recording(name), gallery(other) if other else None)
    assert max(map(len, found.text.splitlines())) <= 72
    assert str(found) == found.text
    answer = found.answer()
    signs = [event["sign"] for event in answer["events"]]
    assert signs.count("=") == answer["matched"]
    assert signs.count("!") == (not found.conforms)
    assert answer["conforms"] == found.conforms


def test_the_edges_are_those_of_the_recording():
    trace = load_recording("7.3-gmem")
    edges = edges_seen(trace)
    assert ("evict", "destroy_inode") in edges
    assert ("destroy_inode", "kvm_gmem_destroy_inode") in edges
    assert ("destroy_inode", "i_callback") not in edges
    found = conform(trace)
    assert found.edges < edges
    assert alignment(trace) == found.pairs
