"""Read what a kernel said of a run as defect codes, each with the line that says it.

Three speak: the kernel's own checks (slab debugging, BUG_ON, the scheduler), the compiler where a
field is missing, and our driver, which looks at freed memory (its lines begin with "gmemviz:").
A word may come at once, or when the caches are destroyed at the end and something is left in them.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from gmemviz.model.design import DefectCode, codes_that
from gmemviz.study import NO_MEMBER


class Word(NamedTuple):
    """Give a defect code and the line of the console that says it."""

    code: DefectCode
    line: str


_SOFTIRQ: Final = 0xFF00
"""The bits of preempt_count for softirqs. (include/linux/preempt.h:SOFTIRQ_MASK@v7.3)"""

_SCHEDULING: Final = re.compile(r"BUG: scheduling while atomic: .*/0x(?P<count>[0-9a-f]{8})")

FOREWARNED: Final = r"gmemviz: \S+ is freed while the callback is queued that lies in it"
"""What our driver says before RCU finds the callback poisoned: who is still to come may yet be
heard of by its words, and what the kernel says when it gets there is no defect of its own."""

SAID_AT_ONCE: Final[tuple[tuple[str, DefectCode], ...]] = (
    (r"gmemviz: .* is read when its memory is freed", "use-after-free"),
    (r"general protection fault.* 0x6b6b6b6b", "use-after-free"),
    (r"\[(End )?Poison overwritten\]", "use-after-free"),
    (r"\[Right Redzone overwritten\]", "wrong-cache"),
    (r"gmemviz: the inode lies in \d+ bytes, and the struct around it has", "wrong-cache"),
    (r"gmemviz: \S+ reads \S+: 0, and it was set before", "wrong-branch"),
    (r"gmemviz: \S+ finds no \S+, and there was one", "wrong-branch"),
    (r"gmemviz: xa_insert of \S+: -16, an entry of an earlier inode is there", "stale-alias"),
    (r"gmemviz: the second file shows another", "per-file"),
    (r"gmemviz: \S+ is back only after a grace period", "late-release"),
    (r"gmemviz: \S+ waits for ever", "hang"),
    (FOREWARNED, "double-free"),
    (r"VFS: Busy inodes after unmount", "busy-inodes"),
    (r"refcount_t: (addition on 0|underflow); use-after-free", "use-after-free"),
    (r"WARNING: .*kernel/rcu/tree_plugin\.h.* rcu_note_context_switch", "sleep-in-atomic"),
    (r"kernel BUG at fs/inode\.c:", "assertion"),
    (r"BUG: soft lockup", "deadlock"),
    (r"BUG .*: Object already free", "double-free"),
    (r"BUG .*: Slab has \d+ allocated objects but \d+ are to be freed", "double-free"),
    (NO_MEMBER, "no-such-field"),
    (r"Wrong slab cache\. |: object belongs to different cache ", "wrong-cache"),
    (r"kernel NULL pointer dereference", "crash"),
    (r"general protection fault", "crash"),
    (r"unable to handle page fault", "crash"),
)
"""What a line says as soon as it happens, by the first pattern that fits. What begins with
"gmemviz:" is our driver's. 0x6b is POISON_FREE, with which slub fills what is freed; what is
overwritten, already free or of a wrong cache it says itself. A count that comes back from 0 is of
what nobody may use any more, also while RCU still waits to free it.
(mm/slub.c:init_object, check_bytes_and_report, free_consistency_checks, cache_from_obj,
lib/refcount.c:refcount_warn_saturate@v6.12)"""

ENDS: Final = frozenset(codes_that(weight="fatal")) | {"deadlock"}
"""What ends a run: a soft lockup, by which a deadlock is heard, is no risk but the fact."""

_AT_ONCE: Final = tuple((re.compile(pattern), code) for pattern, code in SAID_AT_ONCE)

_OF_INODES: Final = ("inode_cache", "-inode")
"""How the caches of inodes end: all others are of metadata."""

TAKING_DOWN: Final = "gmemviz: taking down"
"""What the driver says before it unmounts: what dies from here on is the root inode."""

DIED: Final = "gmemviz: an actor died on its way"
"""What it says of a thread that oopsed, or waits for good; the kernel goes on."""

UNSTOPPED: Final = "gmemviz: who is in atomic context cannot be stopped at line "
"""What it says where a play would have to stop somebody who holds a spinlock."""

_AT_THE_END: Final = re.compile(
    r"BUG gv-[^-]+-(?P<kind>\S+) .*: Objects remaining on __kmem_cache_shutdown"
)
"""What slub says of objects left in a cache that is destroyed.
(mm/slub.c:list_slab_objects@v6.12)"""

_COUNT: Final = re.compile(
    r"gmemviz: (?P<cache>\S+) has (?P<now>\d+) objects, and had (?P<before>\d+) before"
)
"""What the driver counts in caches that are not its own, such as inode_cache."""

_TRACE: Final = "Call Trace:"
_FRAME: Final = re.compile(r"\s*(?P<function>[\w.]+)\+0x[0-9a-f]+/0x[0-9a-f]+")
"""One function of a trace. Where it begins with "? ", it may be an old one on the stack."""

_OF_A_TASK: Final = "finish_task_switch"
"""Who drops the scheduler's reference to a task that has died.

Whoever sleeps in atomic context goes on with another preempt_count than it had, so it may be
switched away twice while it dies: then the count of the *task* is dropped twice. That comes after
a defect of the Design, and says nothing of the Design's own counts.
(kernel/sched/core.c:schedule_debug@v6.12, kernel/sched/core.c:finish_task_switch@v6.12)"""

_BEFORE: Final = re.compile(
    r"gmemviz: (refused|no |the inode is not made|inode_init_always|nothing is attached)"
)
"""What the driver says where it cannot play a run: what comes after it says nothing."""
_SILENT: Final = re.compile(
    r"gmemviz: (the kernel was lost|an actor died|nothing is taken down|the memory is not reused)"
    r"|BUG|kernel BUG|WARNING|Oops|INFO: (rcu|task)|VFS:|list_(add|del) corruption|refcount_t"
    r"|\[.* overwritten\]"
)
"""What spoils a run in which no word was heard: the driver's, and the kernel's that is not read."""


def heard(lines: Sequence[str]) -> tuple[Word, ...]:
    """Return what the kernel said was wrong in a run, up to the word that ended it.

    As in a run of the model, a hazard ends none: what is said behind it counts as well. A leak
    shows at the end of a run only. What is said while the mount is taken down comes from the root
    inode: it counts where the run came so far, and what was left then.
    """
    at = lines.index(TAKING_DOWN) if TAKING_DOWN in lines else len(lines)
    played, taken_down = lines[:at], lines[at:]
    found = _at_once_of(played)
    if ENDS.isdisjoint(found):
        found = _left(played) | _at_once_of(taken_down) | found
    if ENDS.isdisjoint(_at_once_of(lines)):
        for code, word in _left(taken_down).items():
            if code not in found or _AT_THE_END.search(word.line):  # better said than by a count
                found[code] = word
    return tuple(found[code] for code in sorted(found))


# Where a word stopped an actor for good, the first of the others' words counts too: they could
# have said it while the actor stood just before its last step.
def _at_once_of(lines: Iterable[str]) -> dict[DefectCode, Word]:
    found: dict[DefectCode, Word] = {}
    is_open, is_forewarned = True, False
    for line in _without_tasks(list(lines)):
        is_heard = is_open or (is_forewarned and line.startswith("gmemviz: "))
        if is_heard and (code := _at_once(line)):
            found.setdefault(code, Word(code, line))
            is_open, is_forewarned = code not in ENDS, bool(re.match(FOREWARNED, line))
        is_open = is_open or (line == DIED and len(ENDS & found.keys()) == 1)
    return found


def _without_tasks(lines: Sequence[str]) -> list[str]:
    # All lines but those that speak of the count of a task.
    return [
        line
        for number, line in enumerate(lines)
        if not (line.startswith("refcount_t: ") and _top(lines[number:]).startswith(_OF_A_TASK))
    ]


def _top(report: Sequence[str]) -> str:
    # The function that a report's trace begins with; "" where the next report comes first.
    is_trace = False
    for line in report:
        if line.startswith("---[ end trace"):
            break
        frame = _FRAME.match(line)
        if is_trace and frame:
            return frame["function"]
        is_trace = is_trace or line.strip() == _TRACE
    return ""


def _left(lines: Iterable[str]) -> dict[DefectCode, Word]:
    found: dict[DefectCode, Word] = {}
    for line in lines:
        if code := _at_the_end(line):
            found.setdefault(code, Word(code, line))
    return found


def _at_once(line: str) -> DefectCode | None:
    if said := _SCHEDULING.search(line):
        return "sleep-in-softirq" if int(said["count"], 16) & _SOFTIRQ else "sleep-in-atomic"
    return next((code for pattern, code in _AT_ONCE if pattern.search(line)), None)


def _at_the_end(line: str) -> DefectCode | None:
    if said := _AT_THE_END.search(line):
        return "inode-leak" if said["kind"] == "inode" else "leak"
    said = _COUNT.fullmatch(line)
    if not said or int(said["now"]) <= int(said["before"]):
        return None
    return "inode-leak" if said["cache"].endswith(_OF_INODES) else "leak"


def trouble(lines: Iterable[str]) -> str:
    """Return the line that says why a run tells nothing, or "".

    That is what the driver could not do, before any word; or, in a run without a word, what ended
    it early, or what the kernel said and nobody reads.
    """
    lines = list(lines)
    for line in lines:
        if _at_once(line):
            break
        if _BEFORE.match(line):
            return line
    if heard(lines):
        return ""
    return next((line for line in lines if _SILENT.match(line)), "")
