"""What a recording is held against is told from it: Design, kernel, scenario."""

from dataclasses import replace

import pytest

from gmemviz.errors import GmemvizError, RecordingError
from gmemviz.evidence.validate.conform import conform
from gmemviz.facts import load
from gmemviz.record import load_recording
from gmemviz.study import designs, gallery
from tests.evidence.recorded_edits import OWN, own, refused


@pytest.mark.parametrize("name", OWN)
def test_the_design_is_told_from_the_hooks(name):
    found = conform(load_recording(name))
    assert found.design is gallery(OWN[name])
    assert found.told.startswith("told from ")


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


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("other", designs())
def test_only_one_design_of_the_kernel_fits(name, other):
    design = gallery(other)
    if design.origin != "kernel" or design.kernel != gallery(OWN[name]).kernel:
        return
    unnamed = "unlink-closed" in name and not design.named
    if unnamed or ("umount" in name and not design.mount.unmounts):
        with pytest.raises(GmemvizError, match="does not ask about"):
            conform(load_recording(name), design)
        return
    found = conform(load_recording(name), own(name) if other == OWN[name] else design)
    assert found.conforms == (other == OWN[name])


@pytest.mark.parametrize("name", ["6.12-tmpfs-umount", "7.3-tmpfs-umount"])
def test_an_inode_below_the_root_goes_before_the_root_s_own_dput(name):
    trace = load_recording(name)
    found = conform(trace)
    assert found.scenario.name == "umount"
    assert "no dput kills its dentry" in found.why_scenario
    under_dput = tuple(
        replace(e, function="dput") if e.function == "iput" and e.context == "P" else e
        for e in trace.events
    )
    with pytest.raises(RecordingError):
        conform(replace(trace, events=under_dput))
    unnamed = replace(gallery(OWN[name]), named=False, persistent=False)
    assert conform(trace, unnamed).scenario.name == "root-inode"


def test_a_kernel_without_facts_is_named():
    trace = load_recording("7.3-gmem")
    with pytest.raises(RecordingError, match=r"of kernel 7\.30\.1; there are facts of 6\.12, 7\.3"):
        conform(replace(trace, kernel="7.30.1"))
    with pytest.raises(RecordingError, match="that it does not name"):
        conform(replace(trace, kernel=""))
    assert conform(replace(trace, kernel="7.3-rc1")).design.name == "guest_memfd-7.3"


def test_of_a_kernel_whose_source_was_not_read_the_filesystem_is_named():
    trace, facts = load_recording("6.12-overlay-unlink-closed"), load("6.12")
    with pytest.raises(RecordingError, match=r"is of overlay \(ovl_alloc_inode, .* --design"):
        conform(trace, facts=replace(facts, release="mine"))
    # What the gallery has needs no source.
    tmpfs = load_recording("6.12-tmpfs-unlink")
    assert conform(tmpfs, facts=replace(facts, release="mine")).design.name == "shmem-6.12"


def test_hooks_of_no_filesystem_that_is_known_are_refused():
    trace = load_recording("7.3-memfd-policy")
    events = tuple(
        replace(e, function=e.function.replace("shmem", "toyfs").replace("inode_just_drop", "drop"))
        for e in trace.events
    )
    with pytest.raises(
        RecordingError, match=r"is no filesystem's own: .*toyfs_.* name one of aio-7\.3"
    ):
        conform(replace(trace, events=events))
