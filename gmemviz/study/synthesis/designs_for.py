"""Find every correct Design for a set of metadata, the cheapest first.

Kinds of metadata are correct together if and only if each is correct alone in the same struct.
So each is tried alone first, and only what comes through is put together. What is put together
is then checked whole: nothing is called correct because its parts were.
"""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain, pairwise
from typing import Final, NamedTuple, TypeVar

from gmemviz.errors import DesignError, choice, of_kind, shown, whole_number
from gmemviz.facts import kernels, load
from gmemviz.model import METADATA, MOUNTS, Report, check
from gmemviz.model.design import Metadata
from gmemviz.model.scenarios import by_default
from gmemviz.model.search import Bounds, most
from gmemviz.processes import Maps, refuse_no_executor
from gmemviz.study.convention import judge
from gmemviz.study.costs import cost
from gmemviz.study.synthesis.space import (
    STRUCTS,
    Choice,
    Pick,
    Struct,
    cannot_share,
    picks,
    together,
)
from gmemviz.study.synthesis.synthesis import UNDECIDED, Candidate, Failed, Synthesis

CHUNK: Final = 12
"""Designs that one task of an executor checks: enough to be worth sending."""

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class Spot(NamedTuple):
    """Say where a Design is to work."""

    kernel: str
    mount: str


class Whole(NamedTuple):
    """Say why a Design fails as a whole, None where it is correct, and within what bounds."""

    failed: Failed | None
    bounds: Bounds


class Alone(NamedTuple):
    """Say for one struct which ways are correct for each kind alone, and why others are not."""

    struct: Struct
    ways: tuple[tuple[Pick, ...], ...]
    failed: tuple[Failed, ...]


def designs_for(
    metadata: Iterable[str | Metadata],
    *,
    kernel: str,
    mount: str = "own",
    first: int | None = None,
    executor: Maps | None = None,
) -> Synthesis:
    """Return the correct Designs that keep all of `metadata`, and why the others fail.

    With `first` only so many are checked, the cheapest. `executor` is any
    `concurrent.futures.Executor`, or `gmemviz.processes.workers.Workers`; without one, this
    process does it all. UnknownNameError for a wrong word, or where `first` is 0, DesignError
    where no metadata is named, or one kind twice.
    """
    if first is not None:
        whole_number("first", first, least=1)
    refuse_no_executor(executor)
    kinds = _kinds(metadata)
    # First each kind alone in each struct, then those that came through together, whole.
    place = Spot(choice("kernel", kernel, kernels()), choice("mount", mount, MOUNTS))
    apart = _map(_in_struct, [(place, struct, kinds) for struct in STRUCTS], executor)
    failed = list(chain.from_iterable(alone.failed for alone in apart))
    candidates = []
    for chosen in chain.from_iterable(together(alone.struct, alone.ways) for alone in apart):
        if why := cannot_share(chosen):
            failed.append(Failed(chosen, "", why))
        else:
            candidates.append(_candidate(chosen, place))
    candidates.sort(key=lambda candidate: (candidate.cost, candidate.design.name))
    checked = candidates[:first]
    wholes = _map(_whole, [(place, candidate.choice) for candidate in checked], executor, CHUNK)
    failed += (whole.failed for whole in wholes if whole.failed)
    return Synthesis(
        *place,
        tuple(kind.name for kind in kinds),
        tuple(found for found, whole in zip(checked, wholes, strict=True) if not whole.failed),
        tuple(sorted(failed, key=lambda failure: len(failure.choice.picks))),
        unchecked=len(candidates) - len(checked),
        bounds=most(whole.bounds for whole in wholes),
    )


def _kinds(metadata: Iterable[str | Metadata]) -> tuple[Metadata, ...]:
    of_kind("metadata", metadata, Iterable)
    if isinstance(metadata, str):
        raise DesignError(f"metadata must be a list of words, not {shown(metadata)}")
    named = sorted(map(_kind, metadata), key=lambda kind: kind.name)
    if not named:
        raise DesignError(f"no metadata is named (one or more of {', '.join(METADATA)})")
    for kind, other in pairwise(named):
        if kind.name == other.name:
            raise DesignError(f"metadata {kind.name!r} is named twice")
    return tuple(named)


def _kind(word: str | Metadata) -> Metadata:
    return word if isinstance(word, Metadata) else METADATA[choice("metadata", word, METADATA)]


def _map(
    function: Callable[[Task], Answer],
    tasks: list[Task],
    executor: Maps | None,
    chunk: int = 1,
) -> list[Answer]:
    answers = executor.map(function, tasks, chunksize=chunk) if executor else map(function, tasks)
    return list(answers)


# A struct that is wrong with nothing in it is wrong with everything in it.
def _in_struct(task: tuple[Spot, Struct, tuple[Metadata, ...]]) -> Alone:
    place, struct, kinds = task
    if failure := _failure(place, Choice(struct)):
        return Alone(struct, (), (failure,))
    ways, failed = [], []
    for kind in kinds:
        tried = _alone(place, struct, kind)
        ways.append(tuple(pick for pick, failure in tried if not failure))
        failed += [failure for _, failure in tried if failure]
    return Alone(struct, tuple(ways), tuple(failed))


# The same question comes again with each set that has the kind in it.
@cache
def _alone(place: Spot, struct: Struct, kind: Metadata) -> tuple[tuple[Pick, Failed | None], ...]:
    choices = [Choice(struct, (pick,)) for pick in picks(struct, kind)]
    return tuple((chosen.picks[0], _failure(place, chosen)) for chosen in choices)


def _failure(place: Spot, chosen: Choice) -> Failed | None:
    # Scenario by scenario, for the first that fails says enough.
    design = chosen.design(*place)
    for scenario in by_default(design):
        if failed := _failed(chosen, check(design, scenarios=(scenario,))):
            return failed
    return None


# All scenarios at once: what was right part by part has to be right as one, too.
def _whole(task: tuple[Spot, Choice]) -> Whole:
    place, chosen = task
    report = check(chosen.design(*place))
    return Whole(_failed(chosen, report), report.bounds)


def _failed(chosen: Choice, report: Report) -> Failed | None:
    match report.verdict:
        case "correct":
            return None
        case "not-applicable":
            return Failed(chosen, "", report.why)
        case "defects":
            path = report.counterexample
            assert path is not None
            assert path.defect is not None
            return Failed(chosen, path.defect.code, report.why)
        case _:  # a search hit its limit, or some word was never acted on: nothing is known
            return Failed(chosen, UNDECIDED, "; ".join(report.not_asked) or report.why)


def _candidate(chosen: Choice, place: Spot) -> Candidate:
    design = chosen.design(*place)
    spent = cost(design, load(place.kernel))
    return Candidate(design, spent, judge(design).conventional, chosen)
