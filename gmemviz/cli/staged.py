"""Write what `check` is asked for beside a verdict (--stage, --perfetto, --itf), and `compare`.

Whether a file can be written is known before anything is searched. A page names the command that
makes it again, without a folder of this machine in it.
"""

import json
import shlex
from argparse import Namespace
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from gmemviz.cli.line import design_files, refuse, say
from gmemviz.errors import GmemvizError, UndecidedError, UsageError, choice
from gmemviz.facts import Trace
from gmemviz.model import Report
from gmemviz.model.design import DefectCode
from gmemviz.study import CHOICES, TO
from gmemviz.version import __version__
from gmemviz.whole import refuse_target, write_whole

SUFFIXES: Final = {"stage": ".html", "perfetto": ".json", "itf": ".json"}
"""What a file of each kind is called: a browser, and ui.perfetto.dev, go by it."""

OF_MANY: Final = ("table", "all", "against", "overlay")
"""Options of a tree with which there is no one filesystem to draw."""


def asked(arguments: Namespace, reads: Sequence[Path]) -> dict[str, Path]:
    """Return the files that are asked for, by their kind; an error where one cannot be written."""
    given = {kind: getattr(arguments, kind, None) for kind in SUFFIXES}
    files: dict[str, Path] = {kind: file for kind, file in given.items() if file}
    for kind, file in files.items():
        choice(f"suffix of {file}", file.suffix.lower(), (SUFFIXES[kind],))
        refuse_target(file, reads=reads)
    if len(set(files.values())) < len(files):  # the second would write over the first
        raise UsageError(f"give each of {', '.join(f'--{kind}' for kind in files)} its own file")
    return files


def write_asked(arguments: Namespace, report: Report, run: str = "") -> None:
    """Write the files that `check` was asked for; `run` is a State's word for the run to show.

    Of what no run comes to an end in nothing is written, and that is said beside the verdict.
    """
    try:
        _write_asked(arguments, report, run)
    except UndecidedError as error:
        say(f"nothing is written: {error}")


def _write_asked(arguments: Namespace, report: Report, run: str) -> None:
    from gmemviz.page import Made, page_of_stage
    from gmemviz.stage import itf, perfetto

    reads = design_files(arguments)
    files = asked(arguments, reads)
    if files and not report.applicable:
        raise GmemvizError(f"nothing to show: {report.inapplicable}")
    code: DefectCode | None = None
    if run.startswith(TO):
        code = next(each for each in report.found if run == f"{TO}{each}")
    if file := files.get("stage"):
        made = Made(__version__, _again(arguments, file))
        _write(file, page_of_stage(report, code, made=made), reads)
    if file := files.get("perfetto"):
        _write(file, json.dumps(perfetto(report, code), indent=1) + "\n", reads)
    if file := files.get("itf"):
        _write(file, json.dumps(itf(report, code), indent=1) + "\n", reads)


def write_recorded(arguments: Namespace, recorded: Trace) -> None:
    """Write a recording that `validate` was asked about, with the times of its tracer."""
    from gmemviz.stage import perfetto

    reads = [Path(arguments.recording)]
    if file := asked(arguments, reads).get("perfetto"):
        _write(file, json.dumps(perfetto(recorded), indent=1) + "\n", reads)


def write_compared(arguments: Namespace, a: Report, b: Report) -> None:
    """Write the Stage of two Designs that `compare` was asked for."""
    from gmemviz.page import Made, page_of_stages

    names = [Path(word).name for word in (arguments.a, arguments.b)]
    if file := arguments.stage:
        again = shlex.join(["gmemviz", "compare", *names, "--stage", file.name])
        reads = [Path(word) for word in (arguments.a, arguments.b)]
        _write(file, page_of_stages(a, b, made=Made(__version__, again)), reads)


def write_of_filesystem(arguments: Namespace) -> None:
    """Write the files for a filesystem that was read: the way that breaks, or else its first.

    Of one that is undecided nothing is written, and that is said: what may be a defect is shown
    as none.
    """
    from gmemviz.cli.derive import derived
    from gmemviz.derive import judge_derived

    refuse(arguments, "a Stage is of one filesystem", OF_MANY)
    verdicts = [judge_derived(each) for each in derived(arguments)]
    told = [verdict for verdict in verdicts if verdict.word != "undecided"]
    if not told:
        say(f"nothing is written: {verdicts[0].derived.table.name} is {verdicts[0].sentence}")
        return
    broken = list(chain.from_iterable(verdict.broken for verdict in told))
    reports = broken or list(chain.from_iterable(verdict.reports for verdict in told))
    write_asked(arguments, min(reports, key=lambda report: len(report.run)))


def _write(file: Path, text: str, reads: Sequence[Path]) -> None:
    write_whole(file, text.encode(errors="backslashreplace"), reads=reads)


def _again(arguments: Namespace, file: Path) -> str:
    words = ["gmemviz", "check", *filter(None, [arguments.name])]
    if arguments.design:
        words += ["--design", arguments.design.name]
    for name in ("fs", *CHOICES, "state", "scenario"):
        if given := getattr(arguments, name, None):
            words += [f"--{name}", str(given)]
    return shlex.join([*words, "--stage", file.name])
