"""Tell the context of a function from the flags of the latency format."""

from collections.abc import Iterable, Mapping

from gmemviz.facts.records import Context

__all__ = ("contexts",)

# What ftrace itself adds at a function's entry (it disables preemption once), so
# a recording that only ever saw locked code cannot raise its own baseline.
TRACER_DEPTH = 1
BH_OFF_THREADS = ("rcuc/", "rcuop/", "rcuos/")


def contexts(seen: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Context]:
    """Give each (flags, actor) of one recording its context.

    B: the flags say softirq, or bottom halves are off in a thread that runs RCU
    callbacks. L: the preemption count is above the recording's baseline, the
    lowest count of a task at a function's entry: a spinlock is held, or
    preemption is disabled in another way; which, the recording does not say. P:
    the count is the baseline and interrupts are on. Anything else is "?": hard
    interrupts, the idle task, interrupts off without a lock, no flags at all, or
    a recording whose counts are all zero (its kernel may not keep the count).
    """
    pairs = list(seen)
    counts = [_depth(flags) for flags, actor in pairs if _is_task(flags, actor)]
    baseline = min([TRACER_DEPTH, *counts])
    counted = any(_depth(flags) for flags, _ in pairs)
    return {(f, a): _context(f, a, baseline if counted else None) for f, a in pairs}


def _depth(flags: str) -> int:
    return int(flags[3], 16) if flags and flags[3] != "." else 0


def _is_task(flags: str, actor: str) -> bool:
    return bool(flags) and flags[2] == "." and not actor.endswith("-0")


def _context(flags: str, actor: str, baseline: int | None) -> Context:
    if flags[2:3] == "s":
        return "B"
    if flags[:1] in ("b", "D") and actor.startswith(BH_OFF_THREADS):
        return "B"
    if baseline is None or not _is_task(flags, actor):
        return "?"
    if _depth(flags) > baseline:
        return "L"
    return "P" if flags[0] == "." else "?"
