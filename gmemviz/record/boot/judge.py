"""Let a booted kernel play runs of Designs, and return what its console said of each."""

import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from threading import Event
from typing import Final, NamedTuple

from gmemviz.errors import RecordingError
from gmemviz.record.boot.channel import Progress, quiet
from gmemviz.record.boot.kernel_images import KernelImage
from gmemviz.record.boot.qemu import boot, need_qemu, printable

LIMIT: Final = 60.0
"""Seconds that a guest may take to begin its first run."""
SILENCE: Final = 15.0
"""Seconds without a word after which a run hangs: its kernel is lost, and the next one's booted."""

Said = dict[str, tuple[str, ...]]
"""The lines of the console between the begin and the end of each run, by run."""

# A thread that waits is preempted.
HEARD: Final = (
    "console=ttyS0 loglevel=5 printk.devkmsg=on debugfs=off panic=-1 softlockup_panic=1 "
    "mitigations=off tsc=reliable no_timer_check nokaslr preempt=full "
    "rcupdate.rcu_expedited=1 rcutree.enable_rcu_lazy=0"
)
"""What each kernel is told of which we read the console."""

# slub debugging for the caches that hold what a Design owns, and for inode_cachep. RCU callbacks
# run in a thread with softirqs off unless a run wants softirqs.
APPEND: Final = f"{HEARD} watchdog_thresh=1 slub_debug=FZPU,inode_cache,gv*"
IN_THREAD: Final = "rcutree.use_softirq=0"
STAMP: Final = re.compile(r"^\[ *\d+\.\d+\] ?")
WHAT: Final = "confirming"

# What the guest's init says (module/guest/init.c), and what we add where the kernel ended first.
OURS: Final = "gmemviz: "
BEGIN: Final = f"{OURS}begin "
DONE: Final = f"{OURS}done"
LOST: Final = f"{OURS}the kernel was lost"

# What a kernel says that is broken (kernel/watchdog.c:watchdog_timer_fn@v6.12 has the second).
BROKEN: Final = "BUG"
STUCK: Final = "BUG: soft lockup"
CHANCES: Final = 3


class Guest(NamedTuple):
    """Give what a guest is booted with: kernel, module of Designs, and the program that is init.

    `limit` is how many seconds it may take to start a run. Once `stop` is set, it is ended.
    """

    kernel: KernelImage
    module: bytes
    program: bytes
    accel: str = "tcg"
    limit: float = LIMIT
    stop: Event | None = None


class Console:
    """Be the channel of a guest that plays runs: its console, cut into what was said of each.

    Until the first run begins it has `limit` seconds, and from then on SILENCE after each word.
    """

    options: tuple[str, ...] = ("-m", "512", "-serial", "file:{stdout}")

    def __init__(self, limit: float) -> None:
        self.deadline = time.monotonic() + limit
        self._limit = limit
        self._text = bytearray()
        self._has_begun = False

    def console(self) -> list[str]:
        """Return the lines, without the kernel's time before them."""
        return [STAMP.sub("", line) for line in printable(bytes(self._text))]

    def take(self, data: bytes) -> None:
        """Take the next bytes of the console."""
        self._text += data
        self._has_begun = self._has_begun or BEGIN.encode() in self._text
        if self._has_begun:
            self.deadline = time.monotonic() + SILENCE

    def result(self, *, is_late: bool) -> Said:
        """Return the lines by run; RecordingError where no run was played."""
        if is_late and not self._has_begun:
            raise RecordingError(f"no run began in {self._limit:g} s")
        said = runs_of(self.console())
        if not said:
            raise RecordingError("the guest played no run")
        return said


def runs_of(console: Iterable[str]) -> Said:
    """Return the lines of each run; the last one may end with the kernel."""
    said: Said = {}
    name, last, lines = "", "", list[str]()
    for line in console:
        if line.startswith(BEGIN):
            name, lines = line.removeprefix(BEGIN), []
        elif name and line == f"{OURS}end {name}":
            said[name], last, name = tuple(lines), name, ""
        elif name:
            lines.append(line)
        elif last and line != DONE:  # what comes late is the last run's
            said[last] = (*said[last], line)
    if name:
        said[name] = (*lines, LOST)
    return said


def options_of(*, in_softirq: bool) -> str:
    """Return the command line of a kernel that judges; RCU callbacks run in softirq, if asked."""
    return APPEND if in_softirq else f"{APPEND} {IN_THREAD}"


def judge(
    guest: Guest, runs: Sequence[str], *, in_softirq: bool = False, progress: Progress = quiet
) -> Said:
    """Return what the console said of each run; a kernel that is lost is booted anew for the rest.

    A run `in_softirq` that does not get stuck is played three times; the last one counts.

    RecordingError where the guest cannot start a run, with the console's last lines;
    MissingToolError without QEMU. Nothing keeps running, whatever happens.
    """
    need_qemu(WHAT)
    said: Said = {}
    left, tries = list(runs), Counter[str]()
    while left:
        found = boot(
            guest.kernel,
            {
                "init": guest.program,
                "job/designs.ko": guest.module,
                "job/runs": "".join(f"{run}\n" for run in left).encode(),
            },
            Console(guest.limit),
            append=options_of(in_softirq=in_softirq),
            accel=guest.accel,
            stop=guest.stop,
        )
        for run, lines in found.items():
            tries[run] += 1
            if tries[run] >= _chances(lines, in_softirq=in_softirq):
                said[run] = lines
        left = [run for run in left if run not in said]
        progress(f"{len(said)} of {len(runs)} runs")
    return said


# A kernel that is lost without a word may have been too slow: it gets one more chance. Whether
# a softirq comes while somebody holds a lock is chance too.
def _chances(lines: Sequence[str], *, in_softirq: bool) -> int:
    said = "\n".join(lines)
    if in_softirq and STUCK not in said:
        return CHANCES
    is_lost_in_silence = lines[-1:] == (LOST,) and BROKEN not in said
    return 2 if is_lost_in_silence else 1
