"""Which gallery Designs a report can be of, from what a program sees."""

import pytest

from gmemviz.facts.probed import Observation, ProbeReport
from gmemviz.study import gallery, match, match_sentence

FLAGS = "KVM_CAP_GUEST_MEMFD_FLAGS on a VM"


def report(**seen):
    names = {
        "mount": "mount",
        "flags": FLAGS,
        "before": "policy set",
        "after": "policy after remap",
    }
    rows = [Observation("", names[name], "", got) for name, got in seen.items()]
    return ProbeReport("6.99", "x86_64", "probed", tuple(rows))


def test_what_7_3_shows_is_what_was_merged():
    found = match(report(mount="own", flags="3", before="2", after="2"))
    assert found[0].design == "guest_memfd-7.3"
    assert found[0].differs == found[0].unseen == ()
    assert {one.origin for one in found[1:] if not one.differs} <= {"proposal"}
    assert "what guest_memfd-7.3 would show" in match_sentence(report(mount="own", flags="3"))


def test_what_6_12_shows_is_guest_memfd_without_mmap():
    seen = report(mount="anon-inode", flags="0")
    assert match(seen)[0].design == "guest_memfd-6.12"
    assert match(seen)[0].unseen == ("NUMA policy",)
    assert "what guest_memfd-6.12 would show" in match_sentence(seen)


def test_6_18_is_none_of_them_and_the_nearest_is_said_with_the_difference():
    seen = report(mount="anon-inode", flags="3", before="2", after="0")
    assert match(seen)[0].differs == ("pages can be mapped: yes here, no there",)
    assert match_sentence(seen) == (
        "Nearest in the gallery: guest_memfd-6.12, but pages can be mapped: yes here, no there."
    )


def test_two_that_are_as_near_are_both_said():
    said = match_sentence(report(mount="own", flags="0"))
    assert "rfc-v1-hugetlb" in said


@pytest.mark.parametrize("design", [one.design for one in match(report(mount="own"))])
def test_only_guest_memfds_are_candidates(design):
    assert "kvm_gmem_release" in dict(gallery(design).functions).values()
    assert gallery(design).origin in {"kernel", "proposal"}


def test_without_a_guest_memfd_nothing_matches():
    assert match(report(flags="3")) == ()
    assert "no Design" in match_sentence(report())
