"""gmemviz export: write a page to mail."""

import argparse
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gmemviz import __version__
from gmemviz.cli.choices import add_design, add_state, design_files, read_design, read_file
from gmemviz.cli.parser import refuse
from gmemviz.cli.sources import is_there
from gmemviz.errors import GmemvizError, choice, unknown
from gmemviz.model import SCENARIOS, Design, Scenario, check
from gmemviz.record import follow, load_recording, read, recordings
from gmemviz.study import CHOICES, Comparison, State, designs, gallery, replay
from gmemviz.whole import refuse_target, write_whole

if TYPE_CHECKING:
    from gmemviz.page import Made

SUFFIX: Final = ".html"


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "export", help="write a page that plays without network or kernel: .html",
        description="Write a Design, a recording or two Designs as one HTML file, which plays by "
        "itself.",
    )  # fmt: skip
    add_design(parser)
    add_state(parser)
    parser.add_argument(
        "--compare", nargs=2, metavar=("A", "B"),
        help="two Designs side by side, each of the gallery or FILE.toml",
    )  # fmt: skip
    parser.add_argument("--scenario", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE",
        help="file to write; NAME.html in this folder if left out, whose path is printed",
    )  # fmt: skip
    parser.epilog = f"NAME may be a recording, too ({', '.join(recordings())}), or a file of one."
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    file: Path | None = arguments.output
    words = (arguments.name, *(arguments.compare or ()))
    reads = [*design_files(arguments), *map(Path, filter(None, words))]
    if file:
        choice(f"suffix of {file}", file.suffix.lower(), (SUFFIX,))
        refuse_target(file, reads=reads)
    name, page = _page(arguments)
    written = file or Path(f"{re.sub(r'[^A-Za-z0-9._+-]+', '-', name).strip('-.') or 'page'}.html")
    write_whole(written, page.encode(errors="backslashreplace"), reads=reads)
    if not file:
        print(written)
    return 0


def _scenario(name: str, design: Design) -> Scenario:
    scenario = SCENARIOS[choice("scenario", name, SCENARIOS)]
    if not scenario.asks(design):
        raise GmemvizError(f"scenario {scenario.name} does not ask about {design.title}")
    return scenario


def _page(arguments: argparse.Namespace) -> tuple[str, str]:
    # What is written: its name, of which a file's name can be made, and its text.
    if arguments.compare:
        return _comparison(arguments)
    is_design = not arguments.name or arguments.name in designs()
    return _design(arguments) if is_design else _recording(arguments)


def _design(arguments: argparse.Namespace) -> tuple[str, str]:
    from gmemviz.page import page_of_report

    design = read_design(arguments)
    if arguments.state is not None:
        refuse(arguments, "a state says it all", ("scenario",))
        state = State.parse(arguments.state)
        report, made = replay(state, keep_moves=True).report, _made("--state", str(state))
        return design.title, page_of_report(
            report, [state.run], made=made, of=state.of, step=state.step
        )
    scenarios = [_scenario(arguments.scenario, design)] if arguments.scenario else None
    report = check(design, scenarios=scenarios, keep_moves=True)
    named = [scenario.name for scenario in scenarios or ()]
    again = ["--scenario", *named] if named else []
    if arguments.design:
        made = _made("--design", arguments.design.name, *again)
        return design.title, page_of_report(report, named, made=made)
    of = (design.name,) if design.name else tuple(getattr(arguments, one) for one in CHOICES)
    words = of if design.name else _flags(of)
    return design.title, page_of_report(report, named, made=_made(*words, *again), of=of)


def _flags(of: tuple[str, ...]) -> list[str]:
    return [word for name, value in zip(CHOICES, of, strict=True) for word in (f"--{name}", value)]


def _recording(arguments: argparse.Namespace) -> tuple[str, str]:
    from gmemviz.page import page_of_recording
    from gmemviz.render import facts_of

    name: str = arguments.name
    refuse(arguments, "a recording says it all", ("design", "state", "scenario", *CHOICES))
    if name in recordings():
        trace = load_recording(name)
    elif is_there(name) and Path(name).is_file():
        trace = read(name)
    else:
        raise unknown("Design, recording or file", name, (*designs(), *recordings()))
    facts = facts_of(trace)
    recorded = follow(trace, facts=facts)
    short = Path(name).name
    return short, page_of_recording(recorded, facts, made=_made(short))


def _comparison(arguments: argparse.Namespace) -> tuple[str, str]:
    from gmemviz.page import page_of_comparison

    every = ("name", "design", "state", "scenario", *CHOICES)
    refuse(arguments, "--compare says it all", every)
    words: list[str] = arguments.compare
    both = [read_file(Path(one)) if one.endswith(".toml") else gallery(one) for one in words]
    found = Comparison(*(check(design, keep_moves=True) for design in both))
    of = [() if one.endswith(".toml") else (one,) for one in words]
    made = _made("--compare", *(Path(one).name for one in words))
    return " and ".join(one.title for one in both), page_of_comparison(found, made=made, of=of)


def _made(*words: str) -> "Made":
    from gmemviz.page import Made

    return Made(__version__, shlex.join(("gmemviz", "export", *words)))
