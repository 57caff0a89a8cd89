"""gmemviz check: explore a Design and say what it does wrong, with the shortest run.

Status 0 where no order of events does wrong, and for choices that make no Design
(`"applicable": false`); 1 for a defect; 3 where a search hit its limit first, or an actor or a word
of the Design was never acted on. With `--state` the step that it names is shown besides, and the
status is still that of the whole search; with `--runs` several runs of each defect. With `--tree` a
filesystem's own source is read, and its tables are checked (`source.py`). `--stage`,
`--perfetto` and `--itf` write the run besides (`staged.py`).
"""

from argparse import Namespace
from typing import Any, Final

from gmemviz.cli.line import (
    Answer,
    address_of,
    design_files,
    named_filesystem,
    of_reports,
    read_design,
    read_scenario,
    refuse,
)
from gmemviz.cli.staged import asked, write_asked, write_of_filesystem
from gmemviz.errors import UsageError
from gmemviz.model import check
from gmemviz.study import State, answer, mail, replay
from gmemviz.text import wrap

OF_A_TREE: Final = ("tree", "table", "all", "against", "overlay", "strict")
"""Options that ask about a kernel's own source; what `--fs` means is asked of the names."""

SHOWN: Final = "Shown:      "
"""As wide as the names of the lines above it in the mail."""


def command(arguments: Namespace) -> Answer:
    """Return the verdict on a Design, with its run: status 0, 1 for a defect, 3 undecided."""
    is_written = bool(asked(arguments, design_files(arguments)))
    if any(getattr(arguments, word) for word in OF_A_TREE) or named_filesystem(arguments):
        from gmemviz.cli.source import of_source  # what reads trees, for them alone

        found = of_source(arguments)
        if is_written:
            write_of_filesystem(arguments)
        return found
    design = read_design(arguments)  # refuses two ways at once, and a wrong word
    if arguments.state is not None:
        return _replayed(arguments)
    report = check(design, scenarios=read_scenario(arguments, design))
    if is_written:
        write_asked(arguments, report)
    runs: int = arguments.runs or 0
    text = mail(report, runs=runs, address=address_of(arguments))
    return Answer(text, answer(report, runs=runs), of_reports([report]), output="report")


def _replayed(arguments: Namespace) -> Answer:
    if arguments.scenario:
        raise UsageError("a state names its run: give --scenario or --state, not both")
    refuse(arguments, "a state names its run", ("runs",), of="a Design")
    state = State.parse(arguments.state)
    report, _, steps = replay(state)
    if asked(arguments, ()):
        write_asked(arguments, report, state.run)
    besides: list[str] = []
    shown: dict[str, Any] = {"state": str(state)}
    if steps:  # none where the choices make no Design
        step = state.step or len(steps)
        sentence = steps[step - 1].event.sentence
        shown |= {"run": state.run, "step": step, "steps": len(steps), "sentence": sentence}
        where = f"{SHOWN}{state.run}, step {step} of {len(steps)}: {sentence}"
        besides = ["", *wrap(where, rest=" " * len(SHOWN))]
    text = mail(report, address=f"{state}", besides=besides)
    found = {**answer(report), "shown": shown}
    return Answer(text, found, of_reports([report]), output="report")
