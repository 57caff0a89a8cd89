"""Read what the kernel says of its memory and inodes, and keep each reading with its time.

After the last close nobody can ask a file for its own pages (cachestat(2) and mincore(2) need an
fd or a mapping), so they are read from `Unevictable` of /proc/meminfo: it counts every page of a
guest_memfd (include/linux/pagemap.h:mapping_set_inaccessible@v7.3), and little else moves it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple

from gmemviz.errors import ProbeError
from gmemviz.facts import Measurement

MEMINFO: Final = "/proc/meminfo"
INODES: Final = "/proc/sys/fs/inode-nr"
SLABINFO: Final = "/proc/slabinfo"

# Return a file of the kernel as text, or raise OSError.
Reader = Callable[[str], str]


def read_text(path: str) -> str:
    """Return a file of the kernel as text."""
    return Path(path).read_text(encoding="ascii")


# Whether the readings bear a claim out, None where they cannot tell, and what was seen.
Verdict = tuple[bool | None, str]


@dataclass
class Log:
    """Hold the readings of one experiment; `step` is the last one that was read after."""

    reader: Reader = read_text
    began: float = field(default_factory=perf_counter)
    rows: list[Measurement] = field(default_factory=list)
    step: str = ""

    def seconds(self) -> float:
        """Return the time since the experiment began."""
        return perf_counter() - self.began

    def note(self, step: str, quantity: str, value: float, unit: str) -> None:
        """Keep a reading that was just taken."""
        self.step = step
        self.rows.append(Measurement(step, round(self.seconds(), 6), quantity, value, unit))

    def meminfo(self, name: str) -> float:
        """Return a line of /proc/meminfo in MiB; ProbeError if there is none."""
        for line in self.reader(MEMINFO).splitlines():
            words = line.split()
            if words[:1] == [f"{name}:"]:
                return int(words[1]) / 1024
        raise ProbeError(f"{MEMINFO} says nothing of {name} here")

    def inodes(self) -> int:
        """Return how many inodes the kernel has, by its own count."""
        return int(self.reader(INODES).split()[0])

    def objects(self) -> dict[str, int]:
        """Return the active objects of every slab cache; ProbeError where root alone may ask.

        Free ones that a CPU holds back count as active (mm/slub.c:get_slabinfo@v7.3). The two
        lines above the caches have no number in their second column.
        """
        try:
            text = self.reader(SLABINFO)
        except PermissionError as error:
            raise ProbeError(f"{SLABINFO} is root's alone") from error
        except FileNotFoundError as error:
            raise ProbeError(f"there is no {SLABINFO} here") from error
        rows = (line.split() for line in text.splitlines())
        return {words[0]: int(words[1]) for words in rows if len(words) > 2 and words[1].isdigit()}


class Trial(NamedTuple):
    """Say what is claimed, and how it is tried: `run` keeps its readings in the Log."""

    claim: str
    run: Callable[[Log], Verdict]
