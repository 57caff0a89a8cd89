"""Cells go into one module and few boots, and each has its own lines."""

from importlib import import_module
from types import SimpleNamespace

import pytest

from gmemviz.errors import RecordingError, UnknownNameError
from gmemviz.evidence.confirm.cells import confirm_cells
from gmemviz.record.boot.module_build import CompileError

place = import_module("gmemviz.evidence.confirm.cells")

LEAKY = ("6.12", "own", "i_private", "none", "resv_map")
CLEAN = ("6.12", "own", "i_private", "evict-after-truncate", "resv_map")
NO_DESIGN = ("6.12", "own", "i_private-flags", "none", "resv_map")
LEFT = "BUG gv-c0-resv_map (Tainted): Objects remaining on __kmem_cache_shutdown()"


@pytest.fixture
def machine(monkeypatch):
    """Put a machine in place of QEMU: it notes what it boots, and says what it is told to."""
    noted = SimpleNamespace(boots=[], built=[], says=lambda run: ())

    def play(_guest, runs, *, in_softirq, progress):
        noted.boots.append((in_softirq, list(runs)))
        return {run: noted.says(run) for run in runs}

    def build(_kernel, units):
        noted.built.append(units)
        return b"module"

    monkeypatch.setattr(place, "find_kernel", lambda _: SimpleNamespace(release="6.12.0"))
    monkeypatch.setattr(place, "need_qemu", lambda _: None)
    monkeypatch.setattr(place, "accelerator", lambda *_: "tcg")
    monkeypatch.setattr(place, "build_guest", lambda: b"")
    monkeypatch.setattr(place, "build_module", build)
    monkeypatch.setattr(place, "judge", play)
    return noted


def test_each_cell_has_its_choices_and_what_its_own_runs_said(machine):
    machine.says = lambda run: (LEFT,) if run.startswith("c0 ") else ()
    leaky, clean = confirm_cells("6.12", only=[LEAKY, CLEAN], at_once=1)
    assert leaky["cleanup"] == "none"
    assert leaky["shown"]["leak"]["line"] == LEFT
    assert (clean["judgement"], clean["evidence"]) == ("agrees", "confirmed on 6.12")
    assert isinstance(clean["runs"], int)
    assert "design" not in clean


def test_a_kernel_of_ones_own_has_the_cells_of_its_release(machine, monkeypatch):
    (leaky,) = confirm_cells("mine", only=[LEAKY], at_once=1)
    assert leaky["judgement"] in ("agrees", "disagrees")
    assert place._shipped("6.12.9-mine") == "6.12"
    monkeypatch.setattr(place, "find_kernel", lambda _: SimpleNamespace(release="6.15.0"))
    with pytest.raises(
        RecordingError, match=r"Linux 6\.15\.0 has no cells: the matrix is of 6\.12"
    ):
        confirm_cells("mine", sample=1)


def test_guests_share_the_runs_of_one_module(machine):
    confirm_cells("6.12", only=[LEAKY, CLEAN], at_once=2)
    assert len(machine.built) == 1
    assert len(machine.boots) == 2
    runs = [run for _, part in machine.boots for run in part]
    assert len(runs) == len(set(runs))
    assert {run.split()[0] for run in runs} == {"c0", "c1"}


def test_what_is_no_design_is_asked_of_nobody(machine):
    (row,) = confirm_cells("6.12", only=[NO_DESIGN])
    assert (row["judgement"], row["model"], row["runs"]) == ("not confirmable", None, 0)
    assert machine.boots == []


def test_what_the_compiler_refuses_is_built_again_without_it(machine, monkeypatch):
    refused = "c1.c:9: error: 'struct inode' has no member named 'i_mine'"
    outcomes = [CompileError("refused", (refused,)), None]

    def build(_kernel, units):
        machine.built.append(units)
        if error := outcomes.pop(0):
            raise error
        return b"module"

    monkeypatch.setattr(place, "build_module", build)
    leaky, clean = confirm_cells("6.12", only=[LEAKY, CLEAN])
    assert [("c1_design" in units["table"]) for units in machine.built] == [True, False]
    assert clean["surplus"] == ["no-such-field"]
    assert leaky["runs"] > 1


def test_a_sample_is_the_same_for_the_same_seed(machine):
    chosen = [confirm_cells("6.12", sample=3, seed=seed) for seed in (1, 1, 2)]
    assert chosen[0] == chosen[1] != chosen[2]
    assert [len(rows) for rows in chosen] == [3, 3, 3]


def test_no_cell_is_sampled_by_nonsense():
    with pytest.raises(UnknownNameError, match="sample must be a whole number from 1 on, not 0"):
        confirm_cells("6.12", sample=0)
