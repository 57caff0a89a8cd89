"""Read the memory after every step of an experiment, a few rounds, and judge the claim by it.

A round bears the claim out where each reading is on its side of half the instance's size; rounds
in which the readings waver too much are not counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from statistics import median
from time import sleep
from typing import Final, NamedTuple, Protocol

from gmemviz.errors import ProbeError
from gmemviz.probe.experiments.log import Log
from gmemviz.probe.fixture import Bench
from gmemviz.probe.questions import flag_words

SIZE: Final = 32 << 20
ROUNDS: Final = 5
COUNTED: Final = 3
READINGS: Final = 4
PAUSE: Final = 0.002
MEBIBYTES: Final = SIZE / (1 << 20)
QUANTITY: Final = "Unevictable"


class Level(NamedTuple):
    """Give a step, whether the memory is there after it by the claim, and what was read."""

    step: str
    held: bool
    mebibytes: float
    """Against the first reading of the round."""
    noise: float
    """Between the readings of this step."""


@dataclass
class Round:
    """Hold the levels of one round, and what else spoke against the claim."""

    levels: list[Level] = field(default_factory=list)
    objection: str = ""

    @property
    def is_quiet(self) -> bool:
        """Return whether the readings of no step differ by a quarter of the size."""
        return all(one.noise < MEBIBYTES / 4 for one in self.levels)

    @property
    def bears_out(self) -> bool:
        """Return whether all is as claimed."""
        on_side = ((one.mebibytes >= MEBIBYTES / 2) == one.held for one in self.levels)
        return not self.objection and all(on_side)


class Read(Protocol):
    """Read the memory after a step, and say whether it is to be there by the claim."""

    def __call__(self, step: str, *, held: bool) -> None:
        """Read it now."""


class Kept(NamedTuple):
    """Say what is claimed, and how it is tried; `run` returns an objection, or ""."""

    claim: str
    run: Callable[[Bench, Read], str]
    flags: int = 0


def perform_kept(kept: Kept, log: Log) -> tuple[bool | None, str]:
    """Return whether the readings bear the claim out, and what was seen.

    ProbeError or OSError where it cannot be tried.
    """
    free = log.meminfo("MemAvailable")
    if free < 4 * MEBIBYTES:
        raise ProbeError(
            f"{free:.0f} MiB of memory are available, and {4 * MEBIBYTES:.0f} are wanted, as "
            "guest_memfd's cannot be swapped"
        )
    return judge([_round(kept, log, number) for number in range(1, ROUNDS + 1)])


def _round(kept: Kept, log: Log, number: int) -> Round:
    trial = Round()

    def read(step: str, *, held: bool) -> None:
        level, noise = _level(log)
        trial.levels.append(Level(step, held, level - before, noise))
        log.note(f"round {number}: {step}", QUANTITY, level, "MiB")

    with Bench() as bench:
        if kept.flags & ~bench.kernel.flags:
            wanted, has = flag_words(kept.flags), flag_words(bench.kernel.flags)
            raise ProbeError(f"a guest_memfd with {wanted} is wanted, and this VM gives {has}")
        before, noise = _level(log)
        trial.levels.append(Level("before", held=False, mebibytes=0.0, noise=noise))
        log.note(f"round {number}: before", QUANTITY, before, "MiB")
        trial.objection = kept.run(bench, read)
    return trial


# The pause is as long after every step, so what comes late has the same time to come.
def _level(log: Log) -> tuple[float, float]:
    values = []
    for _ in range(READINGS):
        sleep(PAUSE)
        values.append(log.meminfo(QUANTITY))
    return median(values), max(values) - min(values)


def judge(rounds: Sequence[Round]) -> tuple[bool | None, str]:
    """Return whether the rounds bear the claim out, None if they cannot tell, and the words."""
    quiet = [one for one in rounds if one.is_quiet]
    noise = max(level.noise for level in chain(*(one.levels for one in rounds)))
    if len(quiet) < COUNTED:
        return None, (
            f"Other processes moved {QUANTITY} by up to {noise:.1f} MiB within a step, so its "
            "readings tell nothing."
        )
    good = sum(one.bears_out for one in quiet)
    said = f"{_steps(quiet)}; {good} of {len(quiet)} rounds bear it out."
    if "fallocate" in (middle := _middle(quiet)) and middle["fallocate"] < MEBIBYTES / 2:
        return None, f"{said} What fallocate gave is not seen there, so this tells nothing."
    objections = sorted({one.objection for one in quiet if one.objection})
    said = " ".join((said, *(f"In some round {objection}." for objection in objections)))
    if 1 < good < len(quiet) - 1:
        return None, f"{said} They contradict one another, so this tells nothing."
    return good >= len(quiet) - 1, said


def _middle(rounds: Sequence[Round]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for level in chain(*(one.levels[1:] for one in rounds)):
        values.setdefault(level.step, []).append(level.mebibytes)
    return {step: median(several) for step, several in values.items()}


def _steps(rounds: Sequence[Round]) -> str:
    read = ", ".join(f"{step} {value:+.1f}" for step, value in _middle(rounds).items())
    noise = max(level.noise for level in chain(*(one.levels for one in rounds)))
    return (
        f"{QUANTITY} of /proc/meminfo in MiB, against before: {read} (medians; it wavered by up "
        f"to {noise:.1f})"
    )
