"""gmemviz check: explore a Design and say what it does wrong, with the shortest run."""

import argparse
import json
from typing import Any

from gmemviz.cli.choices import add_design, add_state, read_design
from gmemviz.cli.status import of_reports
from gmemviz.errors import GmemvizError, choice
from gmemviz.model import SCENARIOS, Report, check
from gmemviz.study import State, answer, mail, replay
from gmemviz.text import wrap


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "check", help="explore a Design and say what breaks, with the shortest run",
        description="Explore every interleaving of a Design; exit with 1 if a defect is found, "
        "with 3 if a search hit its limit before.",
    )  # fmt: skip
    add_design(parser)
    add_state(parser)
    parser.add_argument("--scenario", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    design = read_design(arguments)  # refuses two ways at once, and a wrong word
    if arguments.state is not None:
        return _replayed(arguments)
    scenarios = None
    if arguments.scenario is not None:
        scenario = SCENARIOS[choice("scenario", arguments.scenario, SCENARIOS)]
        if not scenario.asks(design):
            raise GmemvizError(f"scenario {scenario.name} does not ask about {design.title}")
        scenarios = (scenario,)
    return _told(check(design, scenarios=scenarios), {}, as_json=arguments.json)


def _replayed(arguments: argparse.Namespace) -> int:
    if arguments.scenario:
        raise GmemvizError("a state names its run: give --scenario or --state, not both")
    state = State.parse(arguments.state)
    report, _, steps = replay(state)
    shown: dict[str, Any] = {"state": str(state)}
    if steps:
        at = state.step or len(steps)
        shown |= {"run": state.run, "step": at, "steps": len(steps)}
        shown["sentence"] = steps[at - 1].event.sentence
    return _told(report, shown, as_json=arguments.json)


def _told(report: Report, shown: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({**answer(report), **({"shown": shown} if shown else {})}, indent=2))
    else:
        print(mail(report), end="")
        if "step" in shown:
            where = f"{shown['run']}, step {shown['step']} of {shown['steps']}"
            print("", *wrap(f"Shown:      {where}: {shown['sentence']}", rest=" " * 12), sep="\n")
    return of_reports([report])
