"""The trace event format: each row has the fields that the format asks of its phase."""

import json
from itertools import pairwise

import pytest

from gmemviz import check, design_from_choices, gallery
from gmemviz.record import load_recording, recordings
from gmemviz.stage import perfetto
from gmemviz.study import designs

LATE = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "cleanup": "free-all",
    "metadata": "hugetlb-subpool",
}  # fmt: skip

FIELDS = {
    "M": {"name", "ph", "pid", "tid", "args"},
    "X": {"name", "cat", "ph", "pid", "tid", "ts", "dur", "args"},
    "i": {"name", "cat", "ph", "pid", "tid", "ts", "s", "args"},
}
"""What the format asks of each phase that is written: metadata, complete, instant."""


def of_phase(found, phase):
    return [row for row in found["traceEvents"] if row["ph"] == phase]


def is_well_formed(found):
    assert json.loads(json.dumps(found)) == found
    for row in found["traceEvents"]:
        assert set(row) == FIELDS[row["ph"]], row
        assert isinstance(row["name"], str)
        assert all(isinstance(row[key], int) for key in ("pid", "tid"))
        if row["ph"] == "X":
            assert row["ts"] >= 0
            assert row["dur"] >= 0
    named = {(row["pid"], row["tid"]) for row in of_phase(found, "M")}
    assert {(row["pid"], row["tid"]) for row in of_phase(found, "X")} <= named
    nests(of_phase(found, "X"))


def nests(slices):
    """A thread's slices lie within each other or apart: a viewer draws no others."""
    threads = {}
    for row in slices:
        threads.setdefault((row["pid"], row["tid"]), []).append(row)
    for rows in threads.values():
        ordered = sorted(rows, key=lambda row: (row["ts"], -row["dur"]))
        open_until = []
        for row in ordered:
            end = row["ts"] + row["dur"]
            while open_until and open_until[-1] <= row["ts"] + 1e-6:
                open_until.pop()
            assert not open_until or end <= open_until[-1] + 1e-6, row
            open_until.append(end)


@pytest.mark.parametrize("name", designs()[::5])
def test_a_run_of_the_model_is_well_formed(name):
    is_well_formed(perfetto(gallery(name)))


@pytest.mark.parametrize("name", recordings()[::6])
def test_a_recording_is_well_formed_and_has_its_own_times(name):
    trace = load_recording(name)
    found = perfetto(trace)
    is_well_formed(found)
    assert "tracer's" in found["otherData"]["clock"]
    times = [event.time for event in trace.events if event.time is not None]
    last = max(row["ts"] for row in of_phase(found, "X"))
    assert last == pytest.approx((max(times) - min(times)) * 1e6, abs=0.01)


def test_a_step_is_a_microsecond_and_the_file_says_so():
    report = check(design_from_choices(**LATE))
    found = perfetto(report)
    assert "no times: each step is one microsecond" in found["otherData"]["clock"]
    close = next(row for row in of_phase(found, "X") if row["name"] == "close(2)")
    assert (close["ts"], close["dur"]) == (12, 18)  # steps 13 to 30 of 43
    (evict,) = [row for row in of_phase(found, "X") if row["name"] == "evict"]
    assert close["ts"] < evict["ts"] < close["ts"] + close["dur"]
    assert evict["args"]["place"].startswith("fs/inode.c:")


def test_the_defect_is_an_instant_at_its_moment():
    found = perfetto(check(design_from_choices(**LATE)))
    (late,) = [row for row in of_phase(found, "i") if row["name"] == "late-release"]
    assert (late["ts"], late["args"]["object"]) == (39, "hugetlb-subpool")
    correct = of_phase(perfetto(gallery("guest_memfd-7.3")), "i")
    assert not [row for row in correct if "object" in row["args"]]


def test_memory_has_a_thread_for_each_object_and_says_what_waits():
    found = perfetto(check(design_from_choices(**LATE)))
    inode = [
        row for row in of_phase(found, "X") if row["pid"] == 2 and row["name"] == "waits for RCU"
    ]
    assert [(row["ts"], row["dur"]) for row in inode] == [(27, 16)]
    for first, second in pairwise(of_phase(found, "M")):
        assert first["pid"] <= second["pid"]


def test_anything_else_is_refused():
    with pytest.raises(TypeError, match="shown must be"):
        perfetto("7.3-gmem")
