"""Make up what an experiment reads of the kernel's files."""

from gmemviz.probe.experiments import rounds
from gmemviz.probe.experiments.log import MEMINFO


def meminfo(unevictable, available=8192.0):
    return f"MemAvailable: {available * 1024:.0f} kB\nUnevictable: {unevictable * 1024:.0f} kB\n"


def scripted(levels):
    """Return a reader that gives `levels` (MiB, against 100 before) in each round, in order."""
    values = iter([level for level in levels * rounds.ROUNDS for _ in range(rounds.READINGS)])
    first = [True]

    def read(path):
        assert path == MEMINFO
        return meminfo(0 if first and first.pop() else 100 + next(values))

    return read
