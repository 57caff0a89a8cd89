"""Let a booted kernel play runs of Designs, and return what its console said of each."""

import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple

from gmemviz.errors import RecordingError
from gmemviz.record.boot.initramfs import archive
from gmemviz.record.boot.kernel_images import Kernel
from gmemviz.record.boot.qemu import QEMU, hear, need_qemu, running, with_tail

LIMIT: Final = 60.0
"""Seconds that a guest may take to begin its first run."""
QUIET: Final = 15.0
"""Seconds without a word after which a run hangs: its kernel is lost, and the next one's booted."""

Said = dict[str, tuple[str, ...]]
"""The lines of the console between the begin and the end of each run, by run."""

MACHINE: Final = (
    "-cpu", "max", "-smp", "1", "-m", "512", "-nodefaults", "-display", "none", "-no-reboot",
)  # fmt: skip
# slub debugging for the caches that hold what a Design owns, and for inode_cachep. A thread that
# waits is preempted, RCU callbacks run in a thread with softirqs off unless a run wants softirqs.
APPEND: Final = (
    "console=ttyS0 loglevel=5 printk.devkmsg=on debugfs=off panic=-1 softlockup_panic=1 "
    "watchdog_thresh=1 mitigations=off tsc=reliable no_timer_check nokaslr preempt=full "
    "rcupdate.rcu_expedited=1 rcutree.enable_rcu_lazy=0 slub_debug=FZPU,inode_cache,gv*"
)
IN_THREAD: Final = "rcutree.use_softirq=0"
STAMP: Final = re.compile(r"^\[ *\d+\.\d+\] ?")
OURS: Final = "gmemviz: "
BEGIN: Final = b"gmemviz: begin "
WHAT: Final = "confirming"
BROKEN: Final = "BUG"
STUCK: Final = "BUG: soft lockup"
CHANCES: Final = 3
LOST: Final = "gmemviz: the kernel was lost"
DONE: Final = "gmemviz: done"


class Guest(NamedTuple):
    """Give what a guest is booted with: kernel, module of Designs, and the program that is init.

    `limit` is how many seconds it may take to start a run. Once `stop` is set, it is ended.
    """

    kernel: Kernel
    module: bytes
    program: bytes
    accel: str = "tcg"
    limit: float = LIMIT
    stop: Event | None = None


def _quiet(line: str) -> None:
    """Say nothing."""


def judge(
    guest: Guest,
    runs: Sequence[str],
    *,
    in_softirq: bool = False,
    progress: Callable[[str], None] = _quiet,
) -> Said:
    """Return what the console said of each run; a kernel that is lost is booted anew for the rest.

    A run `in_softirq` that does not get stuck is played three times; the last one counts.

    RecordingError where the guest cannot start a run, with the console's last lines;
    MissingToolError without QEMU. Nothing keeps running, whatever happens.
    """
    need_qemu(WHAT)
    said: Said = {}
    left, tried = list(runs), Counter[str]()
    while left:
        console = _boot(guest, left, APPEND if in_softirq else f"{APPEND} {IN_THREAD}")
        found = runs_of(console)
        if not found:
            raise RecordingError(with_tail("the guest played no run", console))
        tried.update(found.keys())
        tries = {run: _tries(lines, in_softirq=in_softirq) for run, lines in found.items()}
        again = {run for run in found if tried[run] < tries[run]}
        said |= {run: lines for run, lines in found.items() if run not in again}
        left = [run for run in left if run not in said]
        progress(f"{len(said)} of {len(runs)} runs")
    return said


# A kernel that is lost without a word may have been too slow: it gets one more chance. Whether
# a softirq comes while somebody holds a lock is chance too.
def _tries(lines: Sequence[str], *, in_softirq: bool) -> int:
    if in_softirq and not any(STUCK in line for line in lines):
        return CHANCES
    return 2 if lines[-1:] == (LOST,) and not any(BROKEN in line for line in lines) else 1


def _lines(runs: Sequence[str]) -> bytes:
    return "".join(f"{run}\n" for run in runs).encode()


def runs_of(console: Sequence[str]) -> Said:
    """Return the lines of each run; the last one may end with the kernel."""
    said: Said = {}
    name, last, lines = "", "", list[str]()
    for line in console:
        if line.startswith(f"{OURS}begin "):
            name, lines = line.removeprefix(f"{OURS}begin "), []
        elif name and line == f"{OURS}end {name}":
            said[name], last, name = tuple(lines), name, ""
        elif name:
            lines.append(line)
        elif last and line != DONE:  # what comes late is the last run's
            said[last] = (*said[last], line)
    if name:
        said[name] = (*lines, LOST)
    return said


def _boot(guest: Guest, runs: Sequence[str], append: str) -> list[str]:
    contents = {"init": guest.program, "job/designs.ko": guest.module, "job/runs": _lines(runs)}
    with tempfile.TemporaryDirectory(prefix="gmemviz-") as scratch:
        folder = Path(scratch)
        (folder / "initramfs").write_bytes(archive(contents))
        command = [
            QEMU, "-accel", guest.accel, *MACHINE, "-serial", "file:/proc/self/fd/1",
            "-kernel", str(guest.kernel.image), "-initrd", str(folder / "initramfs"),
            "-append", append,
        ]  # fmt: skip
        with running(command, folder) as process:
            console = _printable(_read(process, guest))
        errors = _printable((folder / "errors").read_bytes())
        return console or errors


# Until QEMU ends: `limit` seconds to the first run, then never QUIET seconds of silence.
def _read(process: subprocess.Popen[bytes], guest: Guest) -> bytes:
    text = bytearray()
    deadline = time.monotonic() + guest.limit
    while data := hear(process, deadline, guest.stop):
        text += data
        if BEGIN in text:
            deadline = time.monotonic() + QUIET
    if data is None and BEGIN not in text:
        raise RecordingError(with_tail(f"no run began in {guest.limit:g} s", _printable(text)))
    return bytes(text)


def _printable(text: bytes | bytearray) -> list[str]:
    lines = bytes(text).decode("utf-8", "replace").splitlines()
    plain = ("".join(filter(str.isprintable, line)).rstrip() for line in lines)
    return [STAMP.sub("", line) for line in plain if line]
