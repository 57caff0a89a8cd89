"""Tell the context of a function from the flags of the latency format."""

from collections.abc import Collection, Iterable

from gmemviz.facts import Context

# What ftrace itself adds at a function's entry (it disables preemption once), so
# a recording that only ever saw locked code cannot raise its own baseline.
TRACER_DEPTH = 1
# Where a probe hangs on the same function, ftrace walks its list of users, and
# disables preemption for that once more (kernel/trace/ftrace.c:__ftrace_ops_list_func@v7.3).
PROBE_DEPTH = 1
BH_OFF_THREADS = ("rcuc/", "rcuop/", "rcuos/")


class Contexts:
    """Tell the context of each (flags, actor) of one recording.

    B: the flags say softirq, or bottom halves are off in a thread that runs RCU
    callbacks. L: the preemption count is above the recording's baseline, the
    lowest count of a task at a function's entry: a spinlock is held, or
    preemption is disabled in another way; which, the recording does not say. P:
    the count is the baseline and interrupts are on. Anything else is "?": hard
    interrupts, the idle task, interrupts off without a lock, no flags at all, or
    a recording whose counts are all zero (its kernel may not keep the count).
    A probe on a function adds one to its count, if in this recording it ever does.
    """

    def __init__(
        self, seen: Iterable[tuple[str, str]], probed: Collection[tuple[str, str]] = ()
    ) -> None:
        pairs = list(seen)
        counts = [_depth(flags) for flags, actor in pairs if _is_task(flags, actor)]
        self._baseline = min([TRACER_DEPTH, *counts])
        self._is_counted = any(_depth(flags) for flags, _ in pairs)
        under_probe = [_depth(flags) for flags, actor in probed if _is_task(flags, actor)]
        adds = all(count > self._baseline for count in under_probe)
        self._probe_depth = PROBE_DEPTH if adds else 0
        self._known: dict[tuple[tuple[str, str], bool], Context] = {}

    def of(self, situation: tuple[str, str], *, is_probed: bool = False) -> Context:
        """Give the context of a function entered so, with a probe on it or without."""
        key = (situation, is_probed)
        if key not in self._known:
            self._known[key] = self._judge(*situation, self._probe_depth if is_probed else 0)
        return self._known[key]

    def _judge(self, flags: str, actor: str, more: int) -> Context:
        if flags[2:3] == "s":
            return "B"
        if flags[:1] in ("b", "D") and actor.startswith(BH_OFF_THREADS):
            return "B"
        if not self._is_counted or not _is_task(flags, actor):
            return "?"
        if _depth(flags) > self._baseline + more:
            return "L"
        return "P" if flags[0] == "." else "?"


def _depth(flags: str) -> int:
    return int(flags[3], 16) if flags and flags[3] != "." else 0


def _is_task(flags: str, actor: str) -> bool:
    return bool(flags) and flags[2] == "." and not actor.endswith("-0")
