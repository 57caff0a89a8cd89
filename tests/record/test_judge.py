"""What a guest says of its runs, and how building or booting one can fail."""

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.record.boot import module_build
from gmemviz.record.boot.judge import Guest, judge, runs_of
from gmemviz.record.boot.kernel_images import Kernel, find_kernel, headers_of, kernels_folder
from gmemviz.record.boot.module_build import CompileError, build_guest, build_module

KERNEL = "6.12"
NONE = """
#include "judge.h"
const struct design *const designs[] = { NULL };
"""
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


@pytest.mark.parametrize("word", ["BUG: soft lockup", "nothing special"])
def test_a_kernel_that_is_lost_is_booted_anew_for_the_rest(monkeypatch, word):
    booted = []

    def boot(_, runs, append):
        booted.append((tuple(runs), "use_softirq=0" in append))
        if runs[0] == "b":
            return ["gmemviz: begin b", word]
        return ["gmemviz: begin a", "gmemviz: end a", "gmemviz: begin b", word]

    monkeypatch.setattr(place, "_boot", boot)
    monkeypatch.setattr("shutil.which", lambda tool: tool)
    told = []
    said = judge(Guest(None, b"", b""), ["a", "b"], progress=told.append)
    assert said == {"a": (), "b": (word, "gmemviz: the kernel was lost")}
    once_more = [] if "BUG" in word else [(("b",), True)]  # it may only have been slow
    assert booted == [(("a", "b"), True), *once_more]
    assert told[-1] == "2 of 2 runs"


def test_a_softirq_that_comes_at_another_time_gets_three_chances(monkeypatch):
    booted = []

    def boot(_, runs, append):
        booted.append((tuple(runs), "use_softirq=0" in append))
        said = [f"gmemviz: {word} {run}" for run in runs for word in ("begin", "end")]
        return [*said[:1], "watchdog: BUG: soft lockup"] if len(booted) == 2 else said

    monkeypatch.setattr(place, "_boot", boot)
    monkeypatch.setattr("shutil.which", lambda tool: tool)
    said = judge(Guest(None, b"", b""), ["a", "b"], in_softirq=True)
    assert said == {"a": ("watchdog: BUG: soft lockup", "gmemviz: the kernel was lost"), "b": ()}
    assert [runs for runs, _ in booted] == [("a", "b"), ("a", "b"), ("b",), ("b",)][: len(booted)]
    assert not any(in_thread for _, in_thread in booted)


def test_a_guest_that_plays_nothing_is_told_with_its_console(monkeypatch):
    monkeypatch.setattr(place, "_boot", lambda *_: ["one", "gmemviz: refused the module: Exec"])
    monkeypatch.setattr("shutil.which", lambda tool: tool)
    with pytest.raises(
        RecordingError, match=r"^the guest played no run; .* one \| gmemviz: refused"
    ):
        judge(Guest(None, b"", b""), ["a"])


def test_without_qemu_or_make_or_headers_one_sentence_says_how_to_get_them(monkeypatch, tmp_path):
    image = tmp_path / "vmlinuz"
    with pytest.raises(RecordingError, match=r"no headers to build a module with.*make kernels"):
        headers_of(Kernel(image, None, "6.12.0"))
    (tmp_path / "headers/usr/src/linux-headers-6.12").mkdir(parents=True)
    (tmp_path / "headers/usr/src/linux-headers-6.12/Module.symvers").touch()
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(MissingToolError, match=r"a module needs make: apt-get install make gcc$"):
        build_module(Kernel(image, None, "6.12.0"), {"none": NONE})
    with pytest.raises(MissingToolError, match=r"apt-get install qemu-system-x86"):
        judge(Guest(None, b"", b""), ["a"])
    with pytest.raises(MissingToolError, match=r"apt-get install gcc"):
        build_guest()


@pytest.mark.kernels
def test_a_compiler_error_names_the_line_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = f'#line 1 "mine.c"\n{NONE}\nint broken(void) {{ return nothing; }}\n'
    with pytest.raises(
        CompileError, match=r"^the compiler refuses it: mine\.c:5: .nothing."
    ) as said:
        build_module(find_kernel(KERNEL), {"mine": text})
    assert said.value.lines[0].startswith("mine.c:5: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.kernels
def test_what_does_not_link_or_ends_too_late_is_told(monkeypatch):
    with pytest.raises(RecordingError, match=r"the module is not built: .*designs\b.* undefined"):
        build_module(find_kernel(KERNEL), {"empty": "int one;\n"})
    with pytest.raises(RecordingError, match=r"the module was not built in 0\.1 s"):
        build_module(find_kernel(KERNEL), {"none": NONE}, limit=0.1)
    assert module_build.LIMIT > 0.1


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


def running(text):
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(entry.read_bytes().decode("utf-8", "replace"))
        except OSError:
            continue  # it ended meanwhile
    return [line for line in found if text in line]


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
