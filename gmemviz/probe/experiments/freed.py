"""Try whether an inode's memory comes back when it is destroyed, or later; and from which slab.

inode-nr falls in fs/inode.c:__destroy_inode@v7.3, at once; the object goes to its slab cache in
fs/inode.c:i_callback@v7.3, by call_rcu. What /proc/slabinfo calls active includes free objects
that a CPU holds back (mm/slub.c:get_slabinfo@v7.3), so a late reading alone would prove nothing.
The files' dentries are freed without a grace period (fs/dcache.c:dentry_free@v7.3, DCACHE_NORCU)
and counted in the same way: where theirs is down at once, the way of counting is not the reason.
"""

import resource
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median
from time import sleep
from typing import Final, NamedTuple

from gmemviz.errors import ProbeError
from gmemviz.probe.abi import MAGICS, PAGE
from gmemviz.probe.experiments.log import Log, Trial, Verdict
from gmemviz.probe.fixture import Bench
from gmemviz.probe.system import fs_magic

MOST: Final = 1000
LEAST: Final = 200
# File descriptors that are left to the rest of the process.
SPARE: Final = 100

ROUNDS: Final = 8
# Those rounds whose closing was read the soonest, whatever was read: a CPU has others to run.
JUDGED: Final = 5

# Seconds after the last close for which the memory is awaited.
WINDOW: Final = 0.08

INTERVAL: Final = 0.002
# The slab caches of guest_memfd's own inodes, and of the inodes of all who have none of their own.
# They are made in virt/kvm/guest_memfd.c:kvm_gmem_init@v7.3 and fs/inode.c:inode_init@v7.3.
OWN, SHARED = "kvm_gmem_inode_cache", "inode_cache"

CONTROL: Final = "dentry"
# The line of /proc/meminfo that stands in where no cache can be asked: the pages of all.
PAGES: Final = "Slab"

LATEST: Final = f"after {WINDOW * 1000:.0f} ms"
OWN_MOUNT: Final = "GUEST_MEMFD_MAGIC"


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

    @property
    def destroyed(self) -> float:
        """Return how many inodes were gone once all were closed."""
        return self.opened.inodes - self.closed.inodes

    @property
    def closing_ms(self) -> float:
        """Return the milliseconds from before the first close till after the last was read."""
        return (self.closed.seconds - self.opened.seconds) * 1000

    def made(self, quantity: str) -> float:
        """Return by how much a quantity of memory rose as the instances were made."""
        return self.opened.memory[quantity] - self.before.memory[quantity]

    def back(self, quantity: str, sample: Sample) -> float:
        """Return how much of that rise a sample has back, as a share."""
        fell = self.opened.memory[quantity] - sample.memory[quantity]
        return fell / max(self.made(quantity), 1.0)

    def lag(self, quantity: str) -> float | None:
        """Return the milliseconds from the first close till half is back, None if never."""
        for sample in (self.closed, *self.later):
            if self.back(quantity, sample) >= 0.5:
                return (sample.seconds - self.opened.seconds) * 1000
        return None


class Medians(NamedTuple):
    """Give what the judged rounds have in the middle; shares are of what the making took."""

    # What inodes are counted by: the cache that grew most, or the pages of all caches.
    quantity: str
    made: float
    destroyed: float
    closing_ms: float
    # Its share once all were closed.
    back: float
    back_late: float
    # The dentries' share once all were closed, None where none were read.
    control: float | None

    @classmethod
    def of(cls, rounds: Sequence[Series]) -> "Medians":
        """Return the medians of some rounds."""
        made: dict[str, float] = {}
        back: dict[str, float] = {}
        for name in rounds[0].closed.memory:
            made[name] = median(series.made(name) for series in rounds)
            back[name] = median(series.back(name, series.closed) for series in rounds)
        quantity = max(made.keys() - {CONTROL}, key=lambda name: (made[name], name))
        return cls(
            quantity,
            made[quantity],
            destroyed=median(series.destroyed for series in rounds),
            closing_ms=median(series.closing_ms for series in rounds),
            back=back[quantity],
            back_late=median(series.back(quantity, series.later[-1]) for series in rounds),
            control=back.get(CONTROL),
        )


def _destroy_and_free(log: Log) -> Verdict:
    with _room() as count, Bench() as bench:
        series = [_series(bench, log, count, number) for number in range(1, ROUNDS + 1)]
    return judge_freed(series, count)


# As many guest_memfds at once as RLIMIT_NOFILE allows, which is raised as far as it may be.
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

    # Each fd is the last reference to its file, and close(2) puts that itself, leaving no work for
    # later (fs/file_table.c:__fput_sync@v6.12): the inode is destroyed when it returns.
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


# Where slabinfo is root's alone, or has no cache for inodes, the pages of all caches are left.
def _memory(log: Log) -> dict[str, float]:
    try:
        objects = log.objects()
    except ProbeError:
        objects = {}
    if not objects.keys() & {OWN, SHARED}:
        return {PAGES: log.meminfo(PAGES) * 1024}
    return {name: float(objects[name]) for name in (OWN, SHARED, CONTROL) if name in objects}


def judge_freed(rounds: Sequence[Series], count: int) -> Verdict:
    """Return whether inodes go at once and their memory later, None if it cannot be told.

    The order of the reasons counts: what was read must mean inodes before it can speak for or
    against the claim. Half is the border everywhere, as other processes move the numbers too.
    """
    judged = sorted(rounds, key=lambda series: series.closing_ms)[:JUDGED]
    middle = Medians.of(judged)
    has_cache = middle.quantity != PAGES
    seen = _seen(middle, count, len(judged))
    if has_cache and middle.made < count / 2:
        return None, f"{seen} No inode cache grew with them, so this tells nothing."
    if middle.destroyed < count / 2:
        return False, f"{seen} The inodes were not gone at once."
    if middle.control is not None and middle.control < 0.5:
        return None, f"{seen} What needs no grace period was late too, so this tells nothing."
    if middle.back >= 0.5:
        return None, f"{seen} A grace period as short as the first reading would look like none."
    if middle.back_late < 0.5:
        return (False if has_cache else None), f"{seen} Half of it was not back {LATEST}."
    return True, f"{seen} {_how_late(judged, middle.quantity)}"


def _seen(middle: Medians, count: int, rounds: int) -> str:
    control = "" if middle.control is None else f"{CONTROL} {middle.control:.0%}, "
    return (
        f"{count} instances closed: {middle.closing_ms:.0f} ms after the first close inode-nr was "
        f"down by {middle.destroyed:.0f}, and of what making them took was back: {control}"
        f"{middle.quantity} {middle.back:.0%} (medians of {rounds} rounds)."
    )


def _how_late(rounds: Sequence[Series], quantity: str) -> str:
    found = [series.lag(quantity) for series in rounds]
    lags = sorted(lag for lag in found if lag is not None)
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


def _slab(log: Log) -> Verdict:
    grown: list[dict[str, int]] = []
    log.objects()  # or say at once that root alone may
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
            sleep(WINDOW / 2)  # or what comes back late would be taken from the next round's
    return judge_slab(grown, count, own_mount=own_mount)


def judge_slab(grown: Sequence[Mapping[str, int]], count: int, *, own_mount: bool) -> Verdict:
    """Return whether the inode cache that grew fits the mount, and all that grew.

    An own mount has alloc_inode of its own (virt/kvm/guest_memfd.c:kvm_gmem_alloc_inode@v7.3);
    the anon inode's has none, so fs/inode.c:alloc_inode@v7.3 takes from the cache of all.
    """
    rose: dict[str, float] = {}
    for name in sorted(grown[0]):
        more = median(objects.get(name, 0) for objects in grown)
        if more >= count / 2:
            rose[name] = more
    listed = ", ".join(f"{name} {more:+.0f}" for name, more in rose.items()) or "none"
    mount = "own" if own_mount else "anon-inode"
    seen = (
        f"Caches that grew by {count} guest_memfds, in active objects (medians of {len(grown)} "
        f"rounds): {listed}; the mount is {mount} by fstatfs."
    )
    return rose.keys() & {OWN, SHARED} == {OWN if own_mount else SHARED}, seen


FREED: Final = {
    "destroy-and-free": Trial(
        "As the last fds are closed inode-nr falls at once, while the inodes' memory comes back "
        "later, as after a grace period.",
        _destroy_and_free,
    ),
    "slab": Trial(
        f"Inodes of guest_memfd's own mount are of {OWN}, those on the anon inode's mount of "
        f"{SHARED}.",
        _slab,
    ),
}
