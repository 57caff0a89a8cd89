"""Commands that start processes end in order at any signal: one line, a status, nothing left."""

import os
import signal
import sys

import pytest

from tests.processes.survivors import marked, nothing_is_left, started, until
from tests.record.boot.images import image

LINES = {"SIGINT": "interrupted", "SIGTERM": "ended by SIGTERM", "SIGHUP": "ended by SIGHUP"}
WORKERS = (
    "matrix",
    "designs --metadata shared_policy --metadata flags --metadata resv_map --kernel 7.3",
    "draw matrix -o x.dot",
)
CONFIRM = "confirm --kernel 6.12 --mount own --placement i_private --cleanup none --metadata flags"
SLEEP = "#!/bin/sh\nsleep 7010 & sleep 7010\n"
MAKE = """#!/bin/sh
for word; do case $word in M=*) echo module > "${word#M=}/designs.ko";; esac; done
"""
GCC = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -o ] && echo program > "$2"; shift; done
"""
# The command, and which program is at work as the signal comes.
AT_WORK = [
    (CONFIRM, "make"),
    (CONFIRM, "gcc"),
    (CONFIRM, "qemu-system-x86_64"),
    ("confirm --matrix --sample 9", "make"),
    ("confirm --matrix --sample 9", "qemu-system-x86_64"),
    ("record pipe --kernel 6.12", "gcc"),
    ("record pipe --kernel 6.12", "qemu-system-x86_64"),
]
OTHERS = [(*AT_WORK[number], name) for number in (2, 4, 6) for name in ("SIGINT", "SIGHUP")]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that puts fake programs on PATH; one of them is at work for hours."""
    headers = tmp_path / "kernels/6.12/headers/usr/src/linux"
    headers.mkdir(parents=True)
    (headers / "Module.symvers").touch()
    (tmp_path / "kernels/6.12/modules").mkdir()
    image(tmp_path / "kernels/6.12", b"6.12.117+fake (someone) #1")
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path / "kernels"))
    programs = tmp_path / "bin"
    programs.mkdir()

    def put(at_work):
        texts = {"make": MAKE, "gcc": GCC, at_work: SLEEP}
        texts.setdefault("qemu-system-x86_64", SLEEP)
        for name, text in texts.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        return programs

    return put


def at_work(process, name):
    """Wait until the program sleeps, as does what it has started."""
    until(lambda: sum("sleep 7010" in command for command in marked(process.mark).values()) >= 2)
    assert any(f"bin/{name}" in command for command in marked(process.mark).values())


def ends_with(process, name):
    """Send a signal, and hold what every command promises; return what was said before it."""
    number = getattr(signal, name)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    *before, last = err.splitlines()
    assert (process.returncode, out, last) == (128 + number, "", f"gmemviz: {LINES[name]}")
    assert list(process.scratch.iterdir()) == []
    nothing_is_left(process)
    return before


@pytest.mark.parametrize(
    ("words", "name"),
    [*((words, "SIGTERM") for words in WORKERS), (WORKERS[0], "SIGINT"), (WORKERS[0], "SIGHUP")],
)
def test_workers_end_with_the_command(tmp_path, words, name):
    with started(tmp_path, "-m", "gmemviz", *words.split()) as process:
        until(lambda: len(marked(process.mark)) > 1)
        assert ends_with(process, name) == []
    assert [file.name for file in tmp_path.iterdir()] == ["scratch"]


@pytest.mark.parametrize("name", LINES)
def test_a_signal_to_the_whole_group_is_one_line_too(tmp_path, name):
    with started(tmp_path, "-m", "gmemviz", "matrix") as process:
        until(lambda: len(marked(process.mark)) > 1)
        os.killpg(process.pid, getattr(signal, name))
        assert process.communicate(timeout=60) == ("", f"gmemviz: {LINES[name]}\n")
        assert process.returncode == 128 + getattr(signal, name)
        nothing_is_left(process)


@pytest.mark.parametrize("words", WORKERS)
def test_workers_do_not_outlive_a_command_that_is_killed(tmp_path, words):
    with started(tmp_path, "-m", "gmemviz", *words.split()) as process:
        until(lambda: len(marked(process.mark)) > 1)
        process.kill()
        process.wait()
        nothing_is_left(process)


def test_a_worker_that_is_killed_changes_no_answer(tmp_path):
    words = "designs --metadata flags --kernel 7.3"
    with started(tmp_path, "-m", "gmemviz", *words.split()) as process:
        worker = until(lambda: marked(process.mark).keys() - {process.pid})
        os.kill(max(worker), signal.SIGKILL)
        out, err = process.communicate(timeout=120)
    with started(tmp_path, "-m", "gmemviz", *words.split()) as process:
        assert process.communicate(timeout=120) == (out, "")
    assert (err, out.count("\n") > 3) == ("", True)


@pytest.mark.parametrize(
    ("words", "program", "name"), [*((*one, "SIGTERM") for one in AT_WORK), *OTHERS]
)
def test_programs_and_folders_end_with_the_command(tmp_path, machine, words, program, name):
    path = machine(program)
    with started(tmp_path, "-m", "gmemviz", *words.split(), path=path) as process:
        at_work(process, program)
        assert ends_with(process, name)[0].split()[0] in {"building", "compiling"}
    assert {file.name for file in tmp_path.iterdir()} == {"bin", "kernels", "scratch"}


@pytest.mark.parametrize(("words", "program"), AT_WORK)
def test_they_do_not_outlive_a_command_that_is_killed(tmp_path, machine, words, program):
    path = machine(program)
    with started(tmp_path, "-m", "gmemviz", *words.split(), path=path) as process:
        at_work(process, program)
        process.kill()
        process.wait()
        nothing_is_left(process)


def test_ctrl_c_while_it_still_imports_is_one_line(tmp_path):
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "takes_its_time.py").write_text(SLOW_IMPORT)
    with started(
        tmp_path, "-c", f"import sys; sys.path.insert(0, {str(slow)!r}); {RUN}"
    ) as process:
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "gmemviz: interrupted\n")


# The first module that a command needs, which takes its time.
SLOW_IMPORT = """
import sys, time
class Slow:
    def find_spec(self, name, *_):
        if name == "gmemviz.cli.commands":
            print("importing", flush=True)
            time.sleep(60)
sys.meta_path.insert(0, Slow())
"""
RUN = "import takes_its_time, runpy; runpy.run_module('gmemviz', run_name='__main__')"


# Once before the limit: all is imported then, which the other user may not read.
LIMITED = """
import contextlib, io, os, resource, sys
import gmemviz.cli
with contextlib.redirect_stdout(io.StringIO()):
    gmemviz.cli.main(sys.argv[2:])
resource.setrlimit(resource.RLIMIT_NPROC, (int(sys.argv[1]),) * 2)
os.setuid(62_000 + int(sys.argv[1]))
sys.exit(gmemviz.cli.main(sys.argv[2:]))
"""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="takes another user")
def test_a_limit_on_processes_changes_no_answer(tmp_path):
    limit, words = 2, "designs --metadata flags --kernel 7.3 --first 3"
    with started(tmp_path, "-m", "gmemviz", *words.split()) as process:
        whole = process.communicate(timeout=120)
    with started(tmp_path, "-c", LIMITED, limit, *words.split()) as process:
        assert process.communicate(timeout=120) == whole
        assert process.returncode == 0
        nothing_is_left(process)
