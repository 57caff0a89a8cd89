"""Answer what the playground asks: it runs in the browser, and is given and gives JSON.

A question has one key: `choices` (the five), `state` (the words of a link), `toml` (a Design of
one's own), `filesystem` (KERNEL/NAME, from shipped deeds), `both` (A|B, two states), `matrix`
(KERNEL/MOUNT), `designs` (KERNEL/MOUNT/METADATA+METADATA), or `sample`. The answer has what the
stage draws, or a `list` of many, `link`, what the address shall say, and `walk`, what it says
before a step's number; or `refused`, a sentence.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from itertools import product
from typing import Any, Final, TypeVar

from gmemviz.address import packed
from gmemviz.errors import FaultsError, GmemvizError
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, PLACEMENTS, Design, Report, check, design_from_choices
from gmemviz.stage import AXES, Former, headline, stage, stage_of_both, tints
from gmemviz.study import (
    CHOICES,
    SHORTEST,
    TO,
    State,
    counts,
    designs,
    designs_for,
    matrix,
    replay,
)
from gmemviz.text import brief

SAMPLE: Final = f"""\
kernel = "{kernels()[-1]}"
mount = "own"

[metadata.tree]
placement = "containing-struct"
read_by = ["truncation"]

[hooks]
alloc_inode = ["alloc container", "init tree"]
evict_inode = ["free tree", "truncate", "clear_inode"]
free_inode = ["free struct"]
"""
"""What an editor opens with: a tree that truncation reads, and that is freed before it."""

Answer = dict[str, Any]
Choices = Mapping[str, str]

Tell = Callable[[int, int], object]
"""Hears how many tasks are done, and of how many."""

Task = TypeVar("Task")
Found = TypeVar("Found")


class OneByOne(Executor):
    """Do one task after the other, as a browser must, and tell how far that is."""

    def __init__(self) -> None:
        self.tell: Tell = lambda done, total: None  # noqa: ARG005

    def map(  # type: ignore[override]
        self, function: Callable[[Task], Found], tasks: Iterable[Task], /, *, chunksize: int = 1
    ) -> Iterator[Found]:
        """Yield each answer; an end of the worker is the only end before all are there."""
        del chunksize  # tasks go nowhere
        todo = list(tasks)
        for done, task in enumerate(todo, 1):
            yield function(task)
            self.tell(done, len(todo))


_tasks = OneByOne()

_shown: list[tuple[Report, Choices]] = []  # the last answer of choices, for "was ... now ..."


def answer(question: str, tell: Tell | None = None) -> str:
    """Return the answer to a question, both as JSON; a refusal is an answer, too."""
    asked = json.loads(question)
    if tell:
        _tasks.tell = tell
    try:
        [(kind, value)] = asked.items()
        found = ANSWERS[kind](value)
    except FaultsError as error:  # a line each, as the command line says them
        found = {"refused": "\n".join(map(str, error.faults))}
    except (GmemvizError, KeyError, ValueError, TypeError) as error:
        if isinstance(error.__cause__, OSError):  # a file that is still on its way
            raise
        found = {"refused": str(error)}
    return json.dumps(found)


def tinted(choices: str) -> str:
    """Return the verdict of each choice that was not taken, both as JSON."""
    return json.dumps(tints(json.loads(choices)))


def of_choices(choices: Choices) -> Answer:
    """Answer five choices, and say what they were before."""
    report = check(design_from_choices(**choices))
    former = None
    if _shown:
        before, was = _shown.pop()
        axes = [axis for axis in AXES if was[axis] != choices[axis]]
        old, new = (", ".join(chosen[axis] for axis in axes) for chosen in (was, choices))
        former = Former(headline(before), old, new) if axes else None
    _shown.append((report, choices))
    link = "/".join(choices[axis] for axis in CHOICES)
    words = {axis: list(allowed) for axis, allowed in AXES.items()}
    value = stage(report, former=former)
    found = _plain(value, link, "choices", walk=walk(link, value))
    return {**found, "choices": choices, "words": words}


def of_state(text: str) -> Answer:
    """Answer the words of a link: a Design of the gallery or five choices, a run, a step."""
    state = State.parse(text)
    if len(state.of) == len(CHOICES) and state.run == SHORTEST and not state.step:
        return of_choices(dict(zip(CHOICES, state.of, strict=True)))
    report, _, steps = replay(state)
    code: Any = state.run.removeprefix(TO) if state.run.startswith(TO) else None
    value = stage(report, code)
    if state.step and len(value["steps"]) == len(steps):
        value["moment"] = state.step - 1
    origin = "choices" if len(state.of) > 1 else state.of[0]
    found = _plain(value, f"{state}", origin, walk=walk("/".join(state.of), value))
    if len(state.of) == len(CHOICES):
        found["choices"] = dict(zip(CHOICES, state.of, strict=True))
        found["words"] = {axis: list(allowed) for axis, allowed in AXES.items()}
    return found


def of_toml(text: str) -> Answer:
    """Answer a Design of the reader's own."""
    report = check(Design.from_text(text, name="yours"))
    return {**_plain(stage(report), packed(text), "own"), "toml": text}


def of_filesystem(name: str) -> Answer:
    """Answer a filesystem of a shipped kernel, from what its source does: KERNEL/NAME."""
    from gmemviz.study.tables import check_shipped  # what few ask for

    kernel, _, filesystem = name.partition("/")
    if not filesystem:  # check_shipped would take it for all, which is minutes
        raise GmemvizError(f"{brief(name)} names no filesystem, as {kernels()[-1]}/ext4 does")
    found = check_shipped(kernel, filesystem)
    ranked = sorted(found, key=lambda each: each.row["verdict"] != "defects")
    design = Design.from_table(filesystem, ranked[0].designs[0])
    value = stage(check(design))
    why = ranked[0].row["why"].removeprefix("undecided: ")  # which the headline says already
    said = f"{filesystem} of {kernel}, as its source was read: {why}"
    value["title"] = said
    if ranked[0].row["verdict"] == "undecided":  # what is unread may change what its run shows
        undecided = {"mark": "unknown", "short": "undecided", "sentence": f"Undecided: {said}"}
        value["headline"] = {**value["headline"], **undecided}
    return _plain(value, f"fs={name}", f"fs={name}")


def of_both(text: str) -> Answer:
    """Answer two states beside each other: A|B, of which a run or a step is not asked."""
    words = text.split("|")
    if len(words) != len("AB"):
        two = "|".join(designs()[:2])
        raise GmemvizError(f"{brief(text)} are not two Designs, as {two}")
    states = [State.parse(each) for each in words]
    for each in states:
        if (each.run, each.step) != (SHORTEST, None):
            raise GmemvizError(
                f"two Designs share one run: {brief(str(each))} names one of its own"
            )
    link = "|".join("/".join(each.of) for each in states)
    value = stage_of_both(*(each.design for each in states))
    return _plain(value, link, f"{states[0].of[0]}" if len(states[0].of) == 1 else "choices")


def of_matrix(text: str) -> Answer:
    """Answer every cell of a kernel and a mount: KERNEL/MOUNT."""
    kernel, _, mount = text.partition("/")
    rows = matrix([kernel], mounts=[mount], executor=_tasks)
    by_cell = {tuple(row[name] for name in CHOICES[2:]): row for row in rows}
    table = [
        {
            "head": [placement, cleanup],
            "cells": [
                _cell(by_cell[placement, cleanup, name], text)
                for name in METADATA
            ],
        }
        for placement, cleanup in product(PLACEMENTS, CLEANUPS)
    ]  # fmt: skip
    columns = ["placement", "cleanup", *METADATA]
    return _list(f"matrix={text}", f"All cells of {text}", counts(rows), columns, table)


def _cell(row: Mapping[str, Any], part: str) -> dict[str, str]:
    said = ", ".join(row["defects"] or ()) or row["verdict"].replace("-", " ")
    link = "/".join((part, *(row[name] for name in CHOICES[2:])))
    return {"says": said, "link": link, "verdict": row["verdict"]}


def of_designs(text: str) -> Answer:
    """Answer which Designs keep all of some metadata: KERNEL/MOUNT/METADATA+METADATA."""
    kernel, mount, named = [*text.split("/"), "", ""][:3]
    found = designs_for(filter(None, named.split("+")), kernel=kernel, mount=mount, executor=_tasks)
    table = [
        {
            "head": [str(rank), each.design.title],
            "cells": [
                {"says": str(each.cost)},
                {"says": "yes" if each.conventional else "no"},
            ],
        }
        for rank, each in enumerate(found.correct, 1)
    ]
    said = f"{len(found.correct)} correct Designs, cheapest first; {len(found.failed)} choices fail"
    title = f"Designs that keep {', '.join(found.metadata)} ({kernel}, {mount})"
    columns = ["rank", "Design", "cost", "conventional"]
    return _list(f"designs={text}", title, said, columns, table)


def _list(link: str, title: str, said: str, columns: list[str], rows: list[Answer]) -> Answer:
    shown = {"title": title, "says": said, "columns": columns, "rows": rows}
    return {"list": shown, "choices": None, "words": {}, "origin": link, "link": link, "walk": ""}


def of_sample(_: object) -> Answer:
    """Answer the Design that an empty editor begins with."""
    return of_toml(SAMPLE)


def walk(words: str, value: Answer) -> str:
    """Return what an address says before the number of a step of the run that is shown.

    >>> walk("rfc-v2", {"headline": {"code": "leak"}})
    'rfc-v2/to-leak/'
    """
    code = value["headline"]["code"]  # the stage shows the run of the defect to hear first
    return f"{words}/{TO}{code}/" if code else f"{words}/{SHORTEST}/"


def _plain(value: Answer, link: str, origin: str, *, walk: str | None = None) -> Answer:
    if walk is None:
        walk = f"{link}&step=" if link else ""
    answer = {"value": value, "choices": None, "words": {}, "origin": origin}
    return {**answer, "link": link, "walk": walk}


ANSWERS: Final[Mapping[str, Callable[[Any], Answer]]] = {
    "choices": of_choices,
    "state": of_state,
    "toml": of_toml,
    "filesystem": of_filesystem,
    "both": of_both,
    "matrix": of_matrix,
    "designs": of_designs,
    "sample": of_sample,
}
"""What each key of a question is answered by."""

assert designs()
