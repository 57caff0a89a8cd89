"""What one recording of a build shows called, no other of it can hide."""

import pytest

from gmemviz.evidence.validate.builds import called_in_build
from gmemviz.record import load_recording, recordings


@pytest.mark.parametrize("release", sorted({load_recording(name).kernel for name in recordings()}))
def test_clear_inode_is_a_call_of_each_recorded_build(release):
    assert called_in_build(release, "evict", "clear_inode")
    assert not called_in_build(release, "clear_inode", "evict")


def test_what_a_hook_calls_is_no_call_of_its_caller():
    release = load_recording("6.12-secretmem").kernel
    assert called_in_build(release, "your_free_inode", "free_inode_nonrcu")
    assert not called_in_build(release, "i_callback", "free_inode_nonrcu")


def test_of_another_build_nothing_is_known():
    assert not called_in_build("7.3.5-mine", "evict", "clear_inode")
