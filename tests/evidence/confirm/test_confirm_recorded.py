"""Real kernels judge a Design and record one of its runs; the model has the same run."""

import pytest

from gmemviz.evidence.confirm.confirm import confirm
from gmemviz.evidence.validate.conform import conform
from gmemviz.model import design_from_choices
from gmemviz.record import read
from gmemviz.record.boot.kernel_images import kernels_folder
from gmemviz.study import gallery

pytestmark = [pytest.mark.qemu, pytest.mark.kernels]


def recorded(kernel, placement, cleanup, metadata, **options):
    if not (kernels_folder() / kernel / "headers").is_dir():
        pytest.skip(f"needs {kernels_folder() / kernel}: make kernels")
    design = design_from_choices(
        kernel=kernel, mount="own", placement=placement, cleanup=cleanup, metadata=metadata
    )
    found = confirm(design, record=True, **options)
    assert found.judgement == "agrees", found.text
    assert found.unrecorded == ""
    return found, conform(found.recording, design)


def test_a_thread_that_dies_ends_neither_the_recording_nor_what_it_says(tmp_path):
    file = tmp_path / "mine.txt.xz"
    found, held = recorded(
        "6.12", "i_private", "evict-without-clear", "shareability-tree", out=file
    )
    assert str(found.recorded_run) == "last-close"
    assert held.ended.code == "assertion"
    assert held.ended.line.startswith("kernel BUG at fs/inode.c:")
    assert held.verdict == "conforms as far as it goes"  # nothing returns
    marks = [text for _, text in found.recording.marks if not text.startswith("console: ")]
    assert marks[-2:] == ["taking down", "end"]
    assert read(file).events == found.recording.events


def test_a_callback_of_the_designs_own_is_recorded_on_another_kernel():
    _, held = recorded("7.3", "containing-struct", "destroy-own-rcu", "resv_map")
    assert (held.verdict, held.defect) == ("conforms", "")
    callback = held.recorded.events[-1]
    assert (callback.function, callback.context) == ("your_callback", "B")
    assert len(held.recorded.events) - 1 in held.matched


def test_a_design_of_the_gallery_is_recorded_with_its_release():
    design = gallery("guest_memfd-6.12")
    found = confirm(design, record=True)
    assert found.recording, found.text
    held = conform(found.recording, design)
    assert held.verdict == "conforms", held.text
    assert "your_release" in [event.function for event in held.recorded.events]


def test_an_inode_that_the_c_frees_to_inode_cachep_goes_as_in_the_model():
    _, held = recorded("6.12", "i_private", "free-all", "rcu-blob")
    assert held.verdict == "conforms", held.text
    last = held.recorded.events[-1]
    assert (last.function, last.context) == ("free_inode_nonrcu", "B")
