"""Which run of a Confirmation is recorded, and why one is not; no kernel is booted."""

import lzma
from importlib import import_module

import pytest

from gmemviz.errors import RecordingError
from gmemviz.evidence.confirm.choose import choose_run
from gmemviz.evidence.confirm.confirm import confirm, confirmation
from gmemviz.evidence.confirm.confirmation import Confirmation
from gmemviz.evidence.confirm.runs import Run, runs_of_design
from gmemviz.record import load_recording
from gmemviz.record.boot.kernel_images import KernelImage
from gmemviz.record.text.files import DATA, read
from tests.evidence.confirm.judged import CLEAN, FREED, LEAKY, LEFT, LOST, STUCK, cell, judged

place = import_module("gmemviz.evidence.confirm.confirm")  # the package has a function of that name
STUCK_CELL = cell("global-xarray", "free-all", "flags")
TWO = cell("i_private", "drop-returns-0", "attributes-tree")
SLEPT = "BUG: scheduling while atomic: actor/135/0x00000002"
LAST_CLOSE = Run("last-close", "last-close")


def test_where_nothing_is_wrong_it_is_the_last_close():
    assert choose_run(judged(CLEAN)) == LAST_CLOSE


def test_a_defect_is_recorded_in_the_first_run_that_showed_it():
    assert choose_run(judged(LEAKY, [LEFT], {"o-path", "creation-fails-late"})).play == "o-path"


def test_of_two_defects_it_is_the_one_of_the_counterexample():
    said = {f"your {run}": () for run in runs_of_design(TWO)}
    said["your creation-fails-early"] = ("gmemviz: inode_cache has 9 objects, and had 8 before",)
    said["your last-close"] = (SLEPT,)
    found = confirmation(TWO, "6.12.0", said)
    assert found.report.defects == tuple(found.shown) == ("inode-leak", "sleep-in-atomic")
    assert found.report.counterexample.defect.code == "sleep-in-atomic"
    assert choose_run(found) == LAST_CLOSE
    del said["your last-close"]
    other = choose_run(confirmation(TWO, "6.12.0", said))
    assert other == Run("creation-fails-early", "creation-fails-early")


def test_a_defect_that_the_kernel_did_not_show_is_looked_for_where_the_model_has_it():
    found = judged(cell("i_private", "free-all", "folio-put-state"))
    assert found.missing == ("use-after-free",)
    assert "use-after-free" in found.by_scenario[choose_run(found).scenario]


def test_what_the_kernel_alone_showed_is_recorded_too():
    assert choose_run(judged(CLEAN, [FREED], {"gup-fast"})).play == "gup-fast"


def test_a_run_that_ends_the_kernel_cannot_be_recorded():
    found = judged(STUCK_CELL, [STUCK, LOST], {"last-close busy"})
    assert choose_run(found) == "the run last-close busy ends the kernel"


def test_what_no_kernel_played_has_no_run():
    unwritten = Confirmation(judged(CLEAN).report, "6.12.0", unwritten="there is no dentry")
    assert choose_run(unwritten) == "no kernel has played the Design: there is no dentry"
    line = "your.c:3: error: 'struct inode' has no member named 'i_private'"
    refused = confirmation(
        cell("i_private_data", "none", "resv_map", kernel="7.3"), "7.3.0", {"your build": (line,)}
    )
    assert choose_run(refused).startswith("the compiler refuses the Design")


@pytest.fixture
def machine(monkeypatch):
    """Let no compiler and no kernel run; return what was asked of the recorder."""
    asked = []

    def record_judged(kernel, module, run, **_):
        asked.append((module, run))
        if record_judged.error:
            raise RecordingError(record_judged.error)
        return record_judged.text

    packed = (DATA / "6.12-confirmed-clean.txt.xz").read_bytes()
    record_judged.text = lzma.decompress(packed).decode()
    record_judged.error, record_judged.asked = "", asked
    monkeypatch.setattr(place, "find_kernel", lambda _: KernelImage(None, None, "6.12.0"))
    monkeypatch.setattr(place, "need_qemu", lambda _: None)
    monkeypatch.setattr(place, "build_module", lambda *_, **__: b"module")
    monkeypatch.setattr(place, "build_guest", lambda: b"")
    monkeypatch.setattr(place, "judge", lambda _, runs, **__: dict.fromkeys(runs, ()))
    monkeypatch.setattr(place, "record_judged", record_judged)
    return record_judged


def test_the_module_is_built_once_and_recorded_only_where_that_is_asked_for(machine):
    assert confirm(CLEAN).recording is None
    assert machine.asked == []
    found = confirm(CLEAN, record=True)
    ((module, run),) = machine.asked
    assert (module, run.run, run.scenario) == (b"module", "your last-close", "last-close")
    assert "your_evict_inode" in run.functions
    assert found.recorded_run == LAST_CLOSE
    assert found.recording.events == load_recording("6.12-confirmed-clean").events
    assert found.answer()["recorded"] == "last-close"
    assert "recorded in one more boot: last-close" in found.text
    assert confirm(CLEAN).answer()["recorded"] is None


@pytest.mark.parametrize("file", ["a.txt", "a.txt.xz"])
def test_a_file_gets_the_text(machine, tmp_path, file):
    found = confirm(CLEAN, out=tmp_path / file)
    assert read(tmp_path / file).events == found.recording.events


def test_a_recording_that_fails_leaves_the_verdict_and_says_why(machine, tmp_path):
    machine.error = "the guest was not done in 120 s"
    found = confirm(CLEAN, out=tmp_path / "a.txt")
    assert (found.judgement, found.recording) == ("agrees", None)
    assert found.unrecorded == "last-close: the guest was not done in 120 s"
    assert "not recorded: last-close: the guest" in found.text
    assert list(tmp_path.iterdir()) == []
