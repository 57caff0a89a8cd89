"""What a guest says of its runs, and how booting one can fail."""

import os
import signal
import subprocess
import sys
from importlib import import_module

import pytest

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.record.boot.judge import IN_THREAD, Console, Guest, judge, options_of, runs_of
from gmemviz.record.boot.kernel_images import find_kernel, kernels_folder
from gmemviz.record.boot.module_build import build_guest, build_module
from tests.record.boot.guests import running
from tests.record.boot.test_module_build import NONE

KERNEL = "6.12"
HANGS = """
#include <stdio.h>
#include <unistd.h>
int main(void) { puts("hello"); for (;;) pause(); }
"""

place = import_module("gmemviz.record.boot.judge")  # the face has a function of this name


def test_runs_are_what_stands_between_begin_and_end():
    console = [
        "designs: loading out-of-tree module taints kernel.",
        "gmemviz: begin c1 last-close",
        "BUG one",
        "gmemviz: end c1 last-close",
        "between",
        "gmemviz: begin c1 o-path",
        "gmemviz: end c1 o-path",
        "gmemviz: begin c2 last-close busy",
        "BUG two",
    ]
    assert runs_of(console) == {
        "c1 last-close": ("BUG one", "between"),
        "c1 o-path": (),
        "c2 last-close busy": ("BUG two", "gmemviz: the kernel was lost"),
    }


def test_what_comes_behind_the_end_of_all_is_the_last_runs():
    console = ["gmemviz: begin a", "gmemviz: end a", "gmemviz: done", "late"]
    assert runs_of(console) == {"a": ("late",)}
    assert runs_of(["late", "gmemviz: done"]) == {}


def test_a_console_has_no_stamps_and_no_control_characters():
    console = Console(limit=9)
    console.take(b"[    1.234567] gmemviz: begin a\r\n[    1.3] \x1b[0mBUG: x  \r\n\r\n")
    console.take(b" [<ffff>] dump\n[    2.1] gmemviz: en")
    console.take(b"d a\n")
    assert console.result(is_late=False) == {"a": ("[0mBUG: x", " [<ffff>] dump")}


def test_a_run_has_fifteen_seconds_of_silence_and_the_first_the_limit(monkeypatch):
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    console = Console(limit=60)
    console.take(b"gmemviz: beg")
    assert console.deadline == 160.0
    console.take(b"in a\n")
    assert console.deadline == 115.0
    assert console.result(is_late=True) == {"a": ("gmemviz: the kernel was lost",)}


def test_a_guest_that_begins_nothing_in_time_is_an_error():
    console = Console(limit=60)
    console.take(b"hello\n")
    with pytest.raises(RecordingError, match=r"\Ano run began in 60 s\Z"):
        console.result(is_late=True)
    with pytest.raises(RecordingError, match=r"\Athe guest played no run\Z"):
        console.result(is_late=False)


def test_rcu_callbacks_run_in_a_thread_unless_a_softirq_is_wanted():
    assert options_of(in_softirq=False) == f"{options_of(in_softirq=True)} {IN_THREAD}"


def booting(console_of):
    """Return a `boot` whose kernel says what `console_of` (boots so far, runs) gives, and a list."""
    booted = []

    def boot(_kernel, contents, channel, *, append, **_):
        runs = tuple(contents["job/runs"].decode().splitlines())
        booted.append((runs, IN_THREAD in append))
        channel.take("".join(f"{line}\n" for line in console_of(len(booted), runs)).encode())
        return channel.result(is_late=False)

    return boot, booted


@pytest.fixture(autouse=True)
def qemu(request, monkeypatch):
    if "qemu" not in {mark.name for mark in request.node.iter_markers()}:
        monkeypatch.setattr("shutil.which", lambda tool: tool)


@pytest.mark.parametrize("word", ["BUG: soft lockup", "nothing special"])
def test_a_kernel_that_is_lost_is_booted_anew_for_the_rest(monkeypatch, word):
    def console_of(_, runs):
        if runs[0] == "b":
            return ["gmemviz: begin b", word]
        return ["gmemviz: begin a", "gmemviz: end a", "gmemviz: begin b", word]

    boot, booted = booting(console_of)
    monkeypatch.setattr(place, "boot", boot)
    told = []
    said = judge(Guest(None, b"", b""), ["a", "b"], progress=told.append)
    assert said == {"a": (), "b": (word, "gmemviz: the kernel was lost")}
    once_more = [] if "BUG" in word else [(("b",), True)]  # it may only have been slow
    assert booted == [(("a", "b"), True), *once_more]
    assert told[-1] == "2 of 2 runs"


def test_a_softirq_that_comes_at_another_time_gets_three_chances(monkeypatch):
    def console_of(boots, runs):
        said = [f"gmemviz: {word} {run}" for run in runs for word in ("begin", "end")]
        return [*said[:1], "watchdog: BUG: soft lockup"] if boots == 2 else said

    boot, booted = booting(console_of)
    monkeypatch.setattr(place, "boot", boot)
    said = judge(Guest(None, b"", b""), ["a", "b"], in_softirq=True)
    assert said == {"a": ("watchdog: BUG: soft lockup", "gmemviz: the kernel was lost"), "b": ()}
    assert [runs for runs, _ in booted] == [("a", "b"), ("a", "b"), ("b",), ("b",)][: len(booted)]
    assert not any(in_thread for _, in_thread in booted)


def test_without_qemu_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(MissingToolError, match=r"^confirming needs .*install qemu-system-x86"):
        judge(Guest(None, b"", b""), ["a"])


@pytest.fixture(scope="module")
def module():
    return build_module(find_kernel(KERNEL), {"none": NONE})


@pytest.mark.qemu
@pytest.mark.kernels
def test_a_design_that_the_module_lacks_is_refused_by_the_guest(module):
    said = judge(Guest(find_kernel(KERNEL), module, build_guest()), ["mine last-close"])
    (run,) = said.values()
    assert "gmemviz: refused 1 mine last-close: No such file or directory" in run


@pytest.mark.qemu
@pytest.mark.kernels
def test_a_damaged_module_is_refused_with_the_console(module):
    spoiled = module[:1000]
    with pytest.raises(
        RecordingError, match=r"played no run; the console ends with.*refused the mod"
    ):
        judge(Guest(find_kernel(KERNEL), spoiled, build_guest()), ["mine last-close"])


@pytest.mark.qemu
@pytest.mark.kernels
def test_a_guest_that_hangs_is_given_up_and_leaves_nothing(module, tmp_path, monkeypatch):
    (tmp_path / "hangs.c").write_text(HANGS)
    program = tmp_path / "hangs"
    subprocess.run(["gcc", "-static", "-o", program, tmp_path / "hangs.c"], check=True)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    guest = Guest(find_kernel(KERNEL), module, program.read_bytes(), limit=12)
    with pytest.raises(RecordingError, match=r"no run began in 12 s; the console ends with"):
        judge(guest, ["mine last-close"])
    assert list(scratch.iterdir()) == running(str(scratch)) == []


CONFIRM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from gmemviz.evidence.confirm.cells import confirm_cells
confirm_cells("6.12", sample=8, progress=lambda line: print(line, flush=True))
"""


@pytest.mark.qemu
@pytest.mark.kernels
def test_an_interrupt_ends_every_guest(tmp_path):
    assert (kernels_folder() / KERNEL / "headers").is_dir()
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", CONFIRM],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        line = next(line for line in process.stdout if line.startswith("booting"))
        assert " runs" in line
        for _ in range(100):
            if len(running(f"{tmp_path}/gmemviz-")) == 2:
                break
            process.poll()
            signal.sigtimedwait([], 0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    assert list(tmp_path.iterdir()) == running(f"{tmp_path}/gmemviz-") == []
