"""gmemviz record: what it hands on, what it lists, and what it refuses before anything boots."""

from pathlib import Path

import pytest

from gmemviz.cli import record as place
from gmemviz.record import load_recording
from gmemviz.record.boot import ACCELERATORS, LIMIT, SCENARIOS


@pytest.fixture
def asked(monkeypatch):
    """Return what the machine is asked for: every keyword of the last recording."""
    words = {}

    def record(scenario, *, progress, **more):
        progress("booting 7.3.4")
        words.update(more, scenario=scenario)
        return load_recording("7.3-pipe")

    monkeypatch.setattr(place, "record", record)
    return words


def test_a_recording_is_named_after_its_kernel_and_scenario(run, asked):
    status, out, err = run("record pipe --kernel some/where/7.3")
    assert (status, err) == (0, "booting 7.3.4\n")
    assert out.startswith("7.3-pipe.txt: ")
    assert " functions entered, on Linux 7.3" in out
    assert asked == {
        "scenario": "pipe", "kernel": "some/where/7.3", "modules": None,
        "out": Path("7.3-pipe.txt"), "accel": ACCELERATORS[0], "limit": LIMIT,
    }  # fmt: skip


def test_every_option_is_handed_on(run, asked):
    run("record gmem --kernel 7.3 --modules m -o a.txt.xz --accel kvm --limit 7.5")
    assert asked == {
        "scenario": "gmem", "kernel": "7.3", "modules": Path("m"), "out": Path("a.txt.xz"),
        "accel": "kvm", "limit": 7.5,
    }  # fmt: skip


def test_the_list_has_every_scenario(run):
    status, out, _ = run("record --list")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == list(SCENARIOS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("record", "say which SCENARIO and which --kernel"),
        ("record pipe", "say which SCENARIO and which --kernel"),
        ("record pip --kernel 7.3", "did you mean pipe?"),
        ("record pipe --kernel 7.3 --accel kvmm", "unknown accelerator: 'kvmm'"),
        ("record --list --kernel 7.3", "--list records nothing: it takes no kernel"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, asked, line, said):
    assert said in refused(line)
    assert asked == {}
