"""Try whether an inode's memory comes back when it is destroyed, or later; and from which slab.

inode-nr falls in fs/inode.c:__destroy_inode@v7.3, at once; the object goes to its slab cache in
fs/inode.c:i_callback@v7.3, by call_rcu. What /proc/slabinfo calls active includes free objects
that a CPU holds back (mm/slub.c:get_slabinfo@v7.3), so a late reading alone would prove nothing.
The files' dentries are freed without a grace period (fs/dcache.c:dentry_free@v7.3, DCACHE_NORCU)
and counted in the same way: where theirs is down at once, the way of counting is not the reason.
"""

import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median
from time import sleep
from typing import Final, NamedTuple

from gmemviz.errors import ProbeError
from gmemviz.probe.abi import MAGICS, PAGE
from gmemviz.probe.experiments.log import Log
from gmemviz.probe.fixture import Bench
from gmemviz.probe.system import fs_magic

MOST: Final = 1000
LEAST: Final = 200
SPARE: Final = 100
"""File descriptors that are left to the rest of the process."""

ROUNDS: Final = 8
JUDGED: Final = 5
"""Those rounds whose closing was read the soonest, whatever was read: a CPU has others to run."""

WINDOW: Final = 0.08
INTERVAL: Final = 0.002
OWN, SHARED = "kvm_gmem_inode_cache", "inode_cache"
CONTROL: Final = "dentry"
PAGES: Final = "Slab"
LATEST: Final = f"after {WINDOW * 1000:.0f} ms"
OWN_MOUNT: Final = "GUEST_MEMFD_MAGIC"


class Freed(NamedTuple):
    """Say what is claimed, and how it is tried and judged."""

    claim: str
    run: Callable[[Log], tuple[bool | None, str]]


class Sample(NamedTuple):
    """Give one reading, and when it ended: the inodes, and the memory by quantity."""

    seconds: float
    inodes: float
    memory: Mapping[str, float]


class Series(NamedTuple):
    """Give one round: before the instances were made, while open, once closed, and later."""

    before: Sample
    opened: Sample
    closed: Sample
    later: Sequence[Sample]

    def made(self, quantity: str) -> float:
        """Return by how much a quantity of memory rose as the instances were made."""
        return self.opened.memory[quantity] - self.before.memory[quantity]

    def fall(self, quantity: str, sample: Sample) -> float:
        """Return how much of that rise a sample has back, as a share."""
        back = self.opened.memory[quantity] - sample.memory[quantity]
        return back / max(self.made(quantity), 1.0)

    def lag(self, quantity: str) -> float | None:
        """Return the milliseconds from the first close till half is back, None if never."""
        for sample in (self.closed, *self.later):
            if self.fall(quantity, sample) >= 0.5:
                return (sample.seconds - self.opened.seconds) * 1000
        return None


def _destroy_and_free(log: Log) -> tuple[bool | None, str]:
    with _room() as count, Bench() as bench:
        series = [_series(bench, log, count, number) for number in range(1, ROUNDS + 1)]
    return judge_freed(series, count)


@contextmanager
def _room() -> Iterator[int]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = MOST + SPARE if hard == resource.RLIM_INFINITY else hard
    count = min(MOST, allowed - SPARE)
    if count < LEAST:
        raise ProbeError(f"{LEAST + SPARE} open files are wanted, and RLIMIT_NOFILE is {hard}")
    if soft != resource.RLIM_INFINITY and soft < count + SPARE:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count + SPARE, hard))
    try:
        yield count
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _series(bench: Bench, log: Log, count: int, number: int) -> Series:
    def sample(step: str) -> Sample:
        inodes = log.inodes()
        log.note(step := f"round {number}: {step}", "inode-nr", inodes, "inodes")
        memory = _memory(log)
        for quantity, value in memory.items():
            words = ("", "KiB") if quantity == PAGES else (" active objects", "objects")
            log.note(step, f"{quantity}{words[0]}", value, words[1])
        return Sample(log.seconds(), inodes, memory)

    before = sample("before")
    fds = [bench.create(PAGE) for _ in range(count)]
    sleep(INTERVAL)
    opened = sample("open")
    for fd in fds:
        bench.close(fd)
    closed = sample("closed")
    later: list[Sample] = []
    while not later or log.seconds() < closed.seconds + WINDOW:
        sleep(INTERVAL)
        later.append(sample("later"))
    return Series(before, opened, closed, later)


def _memory(log: Log) -> dict[str, float]:
    try:
        objects = log.objects()
    except ProbeError:
        objects = {}
    if not objects.keys() & {OWN, SHARED}:
        return {PAGES: log.meminfo(PAGES) * 1024}
    return {name: float(objects[name]) for name in (OWN, SHARED, CONTROL) if name in objects}


def judge_freed(rounds: Sequence[Series], count: int) -> tuple[bool | None, str]:
    """Return whether inodes go at once and their memory later, None if it cannot be told."""
    rounds = sorted(rounds, key=lambda one: one.closed.seconds - one.opened.seconds)[:JUDGED]
    rose = {name: median(one.made(name) for one in rounds) for name in rounds[0].closed.memory}
    quantity = max(rose.keys() - {CONTROL}, key=lambda name: (rose[name], name))
    destroyed = median(one.opened.inodes - one.closed.inodes for one in rounds)
    first = median(one.fall(quantity, one.closed) for one in rounds)
    last = median(one.fall(quantity, one.later[-1]) for one in rounds)
    said = _said(rounds, count, quantity)
    if quantity != PAGES and rose[quantity] < count / 2:
        return None, f"{said} No inode cache grew with them, so this tells nothing."
    if destroyed < count / 2:
        return False, f"{said} The inodes were not gone at once."
    if CONTROL in rose and median(one.fall(CONTROL, one.closed) for one in rounds) < 0.5:
        return None, f"{said} What needs no grace period was late too, so this tells nothing."
    if first >= 0.5:
        return None, f"{said} A grace period as short as the first reading would look like none."
    if last < 0.5:
        return (None if quantity == PAGES else False), f"{said} Half of it was not back {LATEST}."
    return True, f"{said} {_how_late(rounds, quantity)}"


def _said(rounds: Sequence[Series], count: int, quantity: str) -> str:
    destroyed = median(one.opened.inodes - one.closed.inodes for one in rounds)
    named = [CONTROL] if CONTROL in rounds[0].closed.memory else []
    back = ", ".join(
        f"{name} {median(one.fall(name, one.closed) for one in rounds):.0%}"
        for name in (*named, quantity)
    )
    soon = median(one.closed.seconds - one.opened.seconds for one in rounds) * 1000
    return (
        f"{count} instances closed: {soon:.0f} ms after the first close inode-nr was down by "
        f"{destroyed:.0f}, and of what making them took was back: {back} (medians of "
        f"{len(rounds)} rounds)."
    )


def _how_late(rounds: Sequence[Series], quantity: str) -> str:
    lags = sorted(lag for one in rounds if (lag := one.lag(quantity)) is not None)
    late = (
        f"Half of {quantity} was back after {median(lags):.0f} ms ({lags[0]:.0f} to {lags[-1]:.0f})"
    )
    if quantity == PAGES:
        return (
            f"{late}: these are the pages of every cache by /proc/meminfo, as /proc/slabinfo does "
            "not tell here, so whose they were was not read."
        )
    return (
        f"{late}, and it is not the way of counting: {CONTROL} is counted alike. That fits a grace "
        "period; no reading shows the grace period itself."
    )


def _slab(log: Log) -> tuple[bool | None, str]:
    grown: list[dict[str, int]] = []
    log.objects()
    with _room() as count, Bench() as bench:
        for number in range(1, JUDGED + 1):
            before = log.objects()
            fds = [bench.create(PAGE) for _ in range(count)]
            after = log.objects()
            own_mount = MAGICS.get(fs_magic(fds[0])) == OWN_MOUNT
            for fd in fds:
                bench.close(fd)
            grown.append({name: after[name] - before.get(name, 0) for name in sorted(after)})
            for name, more in grown[-1].items():
                if more >= count / 2:
                    log.note(f"round {number}: growth", f"{name} active objects", more, "objects")
            sleep(WINDOW / 2)
    return judge_slab(grown, count, own_mount=own_mount)


def judge_slab(
    grown: Sequence[Mapping[str, int]], count: int, *, own_mount: bool
) -> tuple[bool, str]:
    """Return whether the inode cache that grew fits the mount, and all that grew."""
    rose = {
        name: middle
        for name in sorted(grown[0])
        if (middle := median(one.get(name, 0) for one in grown)) >= count / 2
    }
    listed = ", ".join(f"{name} {more:+.0f}" for name, more in rose.items()) or "none"
    mount = "own" if own_mount else "anon-inode"
    said = (
        f"Caches that grew by {count} guest_memfds, in active objects (medians of {len(grown)} "
        f"rounds): {listed}; the mount is {mount} by fstatfs."
    )
    return rose.keys() & {OWN, SHARED} == {OWN if own_mount else SHARED}, said


FREED: Final = {
    "destroy-and-free": Freed(
        "As the last fds are closed inode-nr falls at once, while the inodes' memory comes back "
        "later, as after a grace period.",
        _destroy_and_free,
    ),
    "slab": Freed(
        f"Inodes of guest_memfd's own mount are of {OWN}, those on the anon inode's mount of "
        f"{SHARED}.",
        _slab,
    ),
}
