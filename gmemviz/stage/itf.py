"""Write a run as an ITF trace, the JSON that Apalache and Quint write of a counterexample.

Their viewers, and whatever else reads it, are then of use here. A variable is a cell of the model,
such as ``inode.i_count`` or ``resv_map``; the first state is that before the first step, and each
other one that behind a step, whose `#meta` says who did what, and where in the kernel's source.
"""

from collections.abc import Mapping
from typing import Any, Final

from gmemviz.errors import DesignError, of_kind
from gmemviz.model import Design, Report, check
from gmemviz.model.design import DefectCode
from gmemviz.model.machine import Cell
from gmemviz.model.search import Step, steps
from gmemviz.study import SHORTEST, TO, data, run_of

FORMAT: Final = "https://apalache-mc.org/docs/adr/015adr-trace.html"
"""Where the format is told: ADR-015 of Apalache."""

NULL: Final = "NULL"
"""What stands for a cell that holds nothing: the format has no null."""


def itf(shown: Design | Report, code: DefectCode | None = None) -> dict[str, Any]:
    """Return a run as a trace in ITF, as JSON-plain data.

    `code` chooses the defect whose run it is; without one it is the counterexample, and of a
    correct Design a run to its end. DesignError for choices that make no Design, of which there is
    no run.
    """
    of_kind("shown", shown, Design, Report)
    report = check(shown) if isinstance(shown, Design) else shown
    if not report.applicable:
        raise DesignError(f"{report.design.title} has no run to write: {report.why}")
    path = run_of(report, f"{TO}{code}" if code else SHORTEST)
    names = sorted(path.world.names)
    run = tuple(steps(path, report.facts))
    first = {"#meta": {"index": 0}, **_values(path.world.cells(path.states[0]), names)}
    said = {
        "format": "ITF",
        "format-description": FORMAT,
        "source": report.design.title,
        "status": "violation" if path.defect else "ok",
        "description": f"{path.world.scenario.name}: {path.world.scenario.says}",
        "kernel": report.facts.release,
    }
    if path.defect:
        said["defect"] = path.defect.code
        said["object"] = path.defect.object
    others = [_state(index, step, names) for index, step in enumerate(run, 1)]
    return data({"#meta": said, "vars": names, "states": [first, *others]})


# What a step says stands in its #meta: only the cells are the model's state.
def _state(index: int, step: Step, names: list[str]) -> dict[str, Any]:
    event = step.event
    said = {
        "index": index,
        "actor": event.actor,
        "function": event.function,
        "hook": event.hook,
        "context": event.context,
        "sentence": event.sentence,
        "source": str(event.source or ""),
    }
    return {"#meta": said, **_values(step.cells, names)}


def _values(cells: Mapping[str, Cell], names: list[str]) -> dict[str, Any]:
    return {name: _value(cells[name]) for name in names}


# Of ADR-015: an integer may be written as such, but then readers differ in how large it may be.
def _value(cell: Cell) -> Any:
    if cell is None:
        return NULL
    if isinstance(cell, int):
        return {"#bigint": str(int(cell))}
    return list(cell) if isinstance(cell, tuple) else cell
