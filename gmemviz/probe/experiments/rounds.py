"""Read the memory after every step of an experiment, a few rounds, and judge the claim by it.

A round bears the claim out where each reading is on its side of half the instance's size; rounds
in which the readings waver too much are not counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from time import sleep
from typing import Final, NamedTuple, Protocol

from gmemviz.errors import ProbeError
from gmemviz.probe.abi import flag_words
from gmemviz.probe.experiments.log import Log, Trial, Verdict
from gmemviz.probe.fixture import Bench

# Bytes of the guest_memfd: enough to stand out among what other processes move.
SIZE: Final = 32 << 20

ROUNDS: Final = 5
# As many rounds must be quiet.
COUNTED: Final = 3

# After each step, of which the median counts.
READINGS: Final = 4

# Seconds before each of them: the counters of a CPU are folded into the sum now and then only
# (mm/vmstat.c:refresh_cpu_vm_stats@v6.12).
PAUSE: Final = 0.002

MEBIBYTES: Final = SIZE / (1 << 20)
# The line of /proc/meminfo that guest_memfd's pages are in, and little else: see `log`.
QUANTITY: Final = "Unevictable"


class SlabLevel(NamedTuple):
    """Give a step, whether the memory is there after it by the claim, and what was read."""

    step: str
    held: bool
    # Against the first reading of the round.
    mebibytes: float
    # Between the readings of this step.
    noise: float

    @property
    def is_as_claimed(self) -> bool:
        """Return whether the reading is on the claim's side of half the size."""
        return (self.mebibytes >= MEBIBYTES / 2) == self.held


@dataclass
class Round:
    """Hold the levels of one round, and what else spoke against the claim."""

    levels: list[SlabLevel] = field(default_factory=list)
    objection: str = ""

    @property
    def noise(self) -> float:
        """Return the largest difference between the readings of one step, in MiB."""
        return max(level.noise for level in self.levels)

    @property
    def is_quiet(self) -> bool:
        """Return whether the readings of no step differ by a quarter of the size."""
        return self.noise < MEBIBYTES / 4

    @property
    def bears_out(self) -> bool:
        """Return whether all is as claimed."""
        return not self.objection and all(level.is_as_claimed for level in self.levels)


class Read(Protocol):
    """Read the memory after a step, and say whether it is to be there by the claim."""

    def __call__(self, step: str, *, held: bool) -> None:
        """Read it now."""


# Take the steps of one round, reading after each; return an objection, or "".
Steps = Callable[[Bench, Read], str]


def kept(claim: str, steps: Steps, flags: int = 0) -> Trial:
    """Return the trial of a claim by such steps; its guest_memfd is made with `flags`."""
    return Trial(claim, partial(_perform, steps, flags))


# ProbeError or OSError where it cannot be tried.
def _perform(steps: Steps, flags: int, log: Log) -> Verdict:
    free = log.meminfo("MemAvailable")
    if free < 4 * MEBIBYTES:
        raise ProbeError(
            f"{free:.0f} MiB of memory are available, and {4 * MEBIBYTES:.0f} are wanted, as "
            "guest_memfd's cannot be swapped"
        )
    return judge([_round(steps, flags, log, number) for number in range(1, ROUNDS + 1)])


def _round(steps: Steps, flags: int, log: Log, number: int) -> Round:
    trial = Round()

    def read(step: str, *, held: bool) -> None:
        level, noise = _level(log)
        trial.levels.append(SlabLevel(step, held, level - before, noise))
        log.note(f"round {number}: {step}", QUANTITY, level, "MiB")

    with Bench() as bench:
        if flags & ~bench.kernel.flags:
            wanted, has = flag_words(flags), flag_words(bench.kernel.flags)
            raise ProbeError(f"a guest_memfd with {wanted} is wanted, and this VM gives {has}")
        before, noise = _level(log)
        trial.levels.append(SlabLevel("before", held=False, mebibytes=0.0, noise=noise))
        log.note(f"round {number}: before", QUANTITY, before, "MiB")
        trial.objection = steps(bench, read)
    return trial


# The pause is as long after every step, so what comes late has the same time to come.
def _level(log: Log) -> tuple[float, float]:
    values = []
    for _ in range(READINGS):
        sleep(PAUSE)
        values.append(log.meminfo(QUANTITY))
    return median(values), max(values) - min(values)


def judge(rounds: Sequence[Round]) -> Verdict:
    """Return whether the rounds bear the claim out, None if they cannot tell, and the words.

    One round may differ from all others, whichever way: another process was at work then.
    """
    quiet = [trial for trial in rounds if trial.is_quiet]
    if len(quiet) < COUNTED:
        noise = max(trial.noise for trial in rounds)
        return None, (
            f"Other processes moved {QUANTITY} by up to {noise:.1f} MiB within a step, so its "
            "readings tell nothing."
        )
    good = sum(trial.bears_out for trial in quiet)
    medians = _medians(quiet)
    seen = f"{_listed(medians, quiet)}; {good} of {len(quiet)} rounds bear it out."
    if medians.get("fallocate", MEBIBYTES) < MEBIBYTES / 2:
        return None, f"{seen} What fallocate gave is not seen there, so this tells nothing."
    for objection in sorted({trial.objection for trial in quiet} - {""}):
        seen += f" In some round {objection}."
    if 1 < good < len(quiet) - 1:
        return None, f"{seen} They contradict one another, so this tells nothing."
    return good >= len(quiet) - 1, seen


def _medians(rounds: Sequence[Round]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for trial in rounds:
        for level in trial.levels[1:]:
            values.setdefault(level.step, []).append(level.mebibytes)
    return {step: median(several) for step, several in values.items()}


def _listed(medians: dict[str, float], rounds: Sequence[Round]) -> str:
    steps = ", ".join(f"{step} {value:+.1f}" for step, value in medians.items())
    noise = max(trial.noise for trial in rounds)
    return (
        f"{QUANTITY} of /proc/meminfo in MiB, against before: {steps} (medians; it wavered by up "
        f"to {noise:.1f})"
    )
