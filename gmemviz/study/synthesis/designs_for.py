"""Find every correct Design for a set of metadata, the cheapest first.

Kinds of metadata are correct together if and only if each is correct alone in the same struct.
So each is tried alone first, and only what comes through is put together. What is put together
is then checked whole: nothing is called correct because its parts were.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import cache
from typing import Final, NamedTuple, TypeVar

from gmemviz.errors import DesignError, choice, of_kind, shown, whole_number
from gmemviz.facts import kernels, load
from gmemviz.model import METADATA, MOUNTS, Report, check
from gmemviz.model.design import Metadata
from gmemviz.model.scenarios import by_default
from gmemviz.processes import Maps, Workers
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


class Place(NamedTuple):
    """Say where a Design is to work."""

    kernel: str
    mount: str


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
    if executor is not None:
        of_kind("executor", executor, Executor, Workers)
    kinds = _kinds(metadata)
    place = Place(choice("kernel", kernel, kernels()), choice("mount", mount, MOUNTS))
    apart = _map(_in_struct, [(place, struct, kinds) for struct in STRUCTS], executor)
    choices = [chosen for alone in apart for chosen in together(alone.struct, alone.ways)]
    ranked = _ranked((chosen for chosen in choices if not cannot_share(chosen)), place)
    checked = ranked[:first]
    failures = _map(_whole, [(place, chosen) for _, chosen in checked], executor, CHUNK)
    failed = [failure for alone in apart for failure in alone.failed]
    failed += [Failed(chosen, "", why) for chosen in choices if (why := cannot_share(chosen))]
    failed += filter(None, failures)
    return Synthesis(
        *place,
        tuple(kind.name for kind in kinds),
        tuple(one for (one, _), failure in zip(checked, failures, strict=True) if not failure),
        tuple(sorted(failed, key=lambda one: len(one.choice.picks))),
        unchecked=len(ranked) - len(checked),
    )


def _kinds(metadata: Iterable[str | Metadata]) -> tuple[Metadata, ...]:
    of_kind("metadata", metadata, Iterable)
    if isinstance(metadata, str):
        raise DesignError(f"metadata must be a list of words, not {shown(metadata)}")
    named = [
        kind if isinstance(kind, Metadata) else METADATA[choice("metadata", kind, METADATA)]
        for kind in metadata
    ]
    names = sorted(kind.name for kind in named)
    if not names:
        raise DesignError(f"no metadata is named (one or more of {', '.join(METADATA)})")
    if twice := [name for name in set(names) if names.count(name) > 1]:
        raise DesignError(f"metadata {min(twice)!r} is named twice")
    return tuple(sorted(named, key=lambda kind: kind.name))


def _map(
    function: Callable[[Task], Answer],
    tasks: list[Task],
    executor: Maps | None,
    chunk: int = 1,
) -> list[Answer]:
    return list(
        executor.map(function, tasks, chunksize=chunk) if executor else map(function, tasks)
    )


def _in_struct(task: tuple[Place, Struct, tuple[Metadata, ...]]) -> Alone:
    place, struct, kinds = task
    if failure := _failure(place, Choice(struct)):
        return Alone(struct, (), (failure,))
    tried = [_alone(place, struct, kind) for kind in kinds]
    correct = tuple(tuple(pick for pick, failure in way if not failure) for way in tried)
    return Alone(struct, correct, tuple(f for way in tried for _, f in way if f))


@cache
def _alone(place: Place, struct: Struct, kind: Metadata) -> tuple[tuple[Pick, Failed | None], ...]:
    return tuple((pick, _failure(place, Choice(struct, (pick,)))) for pick in picks(struct, kind))


def _failure(place: Place, chosen: Choice) -> Failed | None:
    # Scenario by scenario, for the first that fails says enough.
    design = chosen.design(*place)
    for scenario in by_default(design):
        if failed := _failed(chosen, check(design, scenarios=(scenario,))):
            return failed
    return None


def _whole(task: tuple[Place, Choice]) -> Failed | None:
    place, chosen = task
    return _failed(chosen, check(chosen.design(*place)))


def _failed(chosen: Choice, report: Report) -> Failed | None:
    if path := report.counterexample:
        return Failed(chosen, path.defect.code if path.defect else "", report.why)
    if not report.applicable:
        return Failed(chosen, "", report.why)
    return None if report.is_complete else Failed(chosen, UNDECIDED, report.why)


def _ranked(choices: Iterable[Choice], place: Place) -> list[tuple[Candidate, Choice]]:
    candidates = [(_candidate(chosen, place), chosen) for chosen in choices]
    return sorted(candidates, key=lambda one: (one[0].cost, one[0].design.name))


def _candidate(chosen: Choice, place: Place) -> Candidate:
    design = chosen.design(*place)
    return Candidate(design, cost(design, load(place.kernel)), judge(design).conventional)
