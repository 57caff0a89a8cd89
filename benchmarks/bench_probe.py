"""Ask the kernel 1,000 times, then make 20,000 random calls: what is left behind, and what is new.

A run of the probe must leave this process's fds, children and mappings as they were, and its
memory flat. Every answer to a random call must be one that tests/probe/rules.py allows.
Run it from the checkout: python benchmarks/bench_probe.py [RUNS] [CALLS] [SEED]
"""

import os
import statistics
import sys
import time
from array import array
from collections import Counter

from gmemviz.errors import ProbeError
from gmemviz.facts.probed import ProbeReport
from gmemviz.probe import ask_kernel
from tests.probe import fuzz
from tests.probe.leaks import (
    children,
    fds,
    left_behind,
    mappings,
    memory_is_back,
    named_mappings,
    resident_kib,
    unevictable_kib,
)

RUNS, CALLS, SEED = "1000", "20000", "7"
WARM_UPS = 20  # until Python has loaded what it needs
GOAL_SECONDS = 3
GOAL_KIB = 1024
GOAL_BLOCKS = 100  # if each run lost one object, it would be RUNS
PARTS = 10  # of the runs, to see whether memory grows


def mapped() -> str:
    """Return the number of mappings of this process, and their size."""
    sizes = [size for _, _, size in mappings()]
    return f"{len(sizes)} mappings of {sum(sizes) >> 10} KiB"


def held() -> tuple[object, ...]:
    """Return the fds, children and mappings of this process, without the allocator's sizes."""
    return fds(), children(), named_mappings(), sum(1 for _ in mappings())


def runs(count: int) -> bool:
    """Ask the kernel `count` times; print what that took and left, return whether nothing."""
    reports: Counter[ProbeReport] = Counter()
    # Numbers without objects: these would hold the heap of the reports that are freed.
    seconds, resident = array("d", bytes(8 * count)), array("q", bytes(8 * count))
    for _ in range(WARM_UPS):
        reports[ask_kernel()] += 0
    before, words, kib = held(), f"{len(fds())} fds, {mapped()}", resident_kib()
    unevictable, cpu = unevictable_kib(), cpu_seconds()
    with left_behind() as left:
        blocks = sys.getallocatedblocks()
        for at in range(count):
            started = time.perf_counter()
            reports[ask_kernel()] += 1
            seconds[at], resident[at] = time.perf_counter() - started, resident_kib()
        blocks = sys.getallocatedblocks() - blocks
    same = held() == before and not left
    print(f"{count} runs: {len(next(iter(reports)).observations)} observations each,")
    print(f"  {len(reports)} different reports, findings {findings(reports)}")
    cuts = [1000 * second for second in statistics.quantiles(seconds, n=20)]
    print(f"time of a run: median {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms,", end=" ")
    print(f"max {max(seconds) * 1000:.0f} ms (goal: p95 under {GOAL_SECONDS} s);", end=" ")
    print(f"processor {(cpu_seconds() - cpu) / count * 1000:.0f} ms")
    print(f"before: {words}, {kib} KiB resident, {unevictable} KiB unevictable")
    print(f"after:  {len(fds())} fds, {mapped()}, {resident_kib()} KiB resident,", end=" ")
    print(f"{unevictable_kib()} KiB unevictable")
    print(f"fds, children and mappings: {'the same' if same else f'CHANGED {left}'}")
    parts = [resident[count * part // PARTS] for part in range(PARTS)]
    grown = resident[-1] - resident[count // 2]
    print(f"resident KiB, every tenth: {parts}; in the second half {grown:+d} KiB;", end=" ")
    print(f"{blocks:+d} blocks of Python's (goal: under {GOAL_KIB} KiB, {GOAL_BLOCKS} blocks)")
    flat = grown < GOAL_KIB and blocks < GOAL_BLOCKS
    return same and flat and cuts[18] < 1000 * GOAL_SECONDS


def cpu_seconds() -> float:
    """Return the processor time of this process and the children that it waited for."""
    return sum(os.times()[:4])


def findings(reports: Counter[ProbeReport]) -> dict[str, int]:
    """Return how often each difference from what was expected was reported."""
    found: Counter[str] = Counter()
    for report, times in reports.items():
        found.update(dict.fromkeys((*report.findings, *report.missing), times))
    return dict(sorted(found.items()))


def random_calls(count: int, seed: str) -> bool:
    """Make `count` random calls; print the answers, return whether all are explained."""
    judge, left = fuzz.Judge(fuzz.this_kernel()), []
    started = time.perf_counter()
    with memory_is_back() as more:
        for name, calls in fuzz.seeds(seed, count):
            with left_behind() as here:
                batch = fuzz.run_batch(name, calls)
            judge.batch(batch)
            left += here
    took = time.perf_counter() - started
    print(
        f"{judge.calls} random calls of seed {seed!r} in {took:.0f} s; left behind: {left + more}"
    )
    for call in sorted({call for call, _ in judge.seen}):
        rows = sorted((got, times) for (kind, got), times in judge.seen.items() if kind == call)
        print(f"  {call:10}", ", ".join(f"{got} {times}" for got, times in rows))
    print(f"unexplained: {len(judge.unexplained)}", *judge.unexplained[:20], sep="\n  ")
    return not (judge.unexplained or left or more)


def main() -> int:
    """Print both; return 1 if anything was left behind, unexplained or too slow."""
    given = sys.argv[1:]
    count, calls, seed = [*given, *(RUNS, CALLS, SEED)[len(given) :]]
    try:
        fine = [runs(int(count)), random_calls(int(calls), seed)]
    except ProbeError as error:
        print(f"not measured: {error}")
        return 1
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
