"""gmemviz probe: ask the running kernel about its guest_memfd."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, Final

from gmemviz.cli.parser import refuse
from gmemviz.facts import ProbeReport
from gmemviz.probe import ask_kernel, experiments, load_report, perform, reports
from gmemviz.study import match, match_sentence
from gmemviz.text import wrap

HOLDS: Final = {True: "holds", False: "does not hold", None: "not shown"}


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "probe", help="ask the running kernel about its guest_memfd, through /dev/kvm",
        description="Ask the running kernel; needs no root and changes nothing. Exit with 1 if an "
        "answer is not the one expected, with 2 if there is no guest_memfd to ask about.",
    )  # fmt: skip
    parser.add_argument(
        "--recorded", metavar="REPORT", help=f"show one that is shipped: {', '.join(reports())}"
    )
    parser.add_argument(
        "--experiments", action="store_true",
        help=f"perform the live ones too, in some seconds: {', '.join(experiments())}",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.recorded:
        why = "what is recorded has been asked"
        refuse(arguments, why, ("experiments",), of="the running kernel")
    report = load_report(arguments.recorded) if arguments.recorded else ask_kernel()
    if arguments.experiments:
        report = replace(report, experiments=tuple(map(perform, experiments())))
    if arguments.json:
        matches = [asdict(one) for one in match(report)]
        print(json.dumps({**report.plain(), "matches": matches}, indent=2))
    else:
        print("\n".join(_lines(report)))
    if not report.value("mount"):
        print(f"gmemviz: {' '.join(report.missing)}", file=sys.stderr)
        return 2
    return 1 if report.findings else 0


def _lines(report: ProbeReport) -> Iterator[str]:
    yield from wrap(report.headline)
    yield ""
    for seen in report.observations:
        if seen.group == "identity":
            yield from wrap(f"{seen.call}: {seen.got}")
    yield from wrap(match_sentence(report))
    yield ""
    asked = Counter(seen.group for seen in report.observations if seen.agrees is not None)
    agree = Counter(seen.group for seen in report.observations if seen.agrees)
    for group, count in asked.items():
        yield f"{group}: {agree[group]} of {count} answers are the expected ones"
    for one in report.experiments:
        yield from ("", *wrap(f"{one.name}: {HOLDS[one.holds]}. {one.claim}"))
        yield from wrap(one.finding)
    for sentence in (*report.findings, *report.missing):
        yield from ("", *wrap(sentence))
