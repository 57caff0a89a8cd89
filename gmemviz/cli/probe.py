"""gmemviz probe: ask the running kernel about its guest_memfd, through /dev/kvm.

The answer is what the kernel calls itself, which Design of the gallery it behaves like, how many
answers of each group are the expected ones, and each that is not. Status 0 where all are; 1 where
one is not; 2 where there is no guest_memfd to ask about.
"""

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Final

from gmemviz.cli.line import BAD, FINE, FOUND, Answer, refuse
from gmemviz.facts import ProbeReport
from gmemviz.probe import ask_kernel, experiments, load_report, perform
from gmemviz.study import match, match_sentence
from gmemviz.text import wrap

HOLDS: Final = {True: "holds", False: "does not hold", None: "not shown"}


def command(arguments: Namespace) -> Answer:
    """Return what a kernel answered: status 0 as expected, 1 not, 2 nobody to ask."""
    report = _report(arguments)
    text = "\n".join(_lines(report))
    data = {**report.plain(), "matches": [asdict(candidate) for candidate in match(report)]}
    if not report.value("mount"):  # it has no guest_memfd, whatever else it said
        return Answer(text, data, BAD, complaint=" ".join(report.missing), output="probe")
    return Answer(text, data, FOUND if report.findings else FINE, output="probe")


def _report(arguments: Namespace) -> ProbeReport:
    if arguments.recorded:
        why = "what is recorded has been asked"
        refuse(arguments, why, ("experiments",), of="the running kernel")
        return load_report(arguments.recorded)
    report = ask_kernel()
    if arguments.experiments:
        report = replace(report, experiments=tuple(map(perform, experiments())))
    return report


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
    for experiment in report.experiments:
        yield ""
        yield from wrap(f"{experiment.name}: {HOLDS[experiment.holds]}. {experiment.claim}")
        yield from wrap(experiment.finding)
    for sentence in (*report.findings, *report.missing):
        yield ""
        yield from wrap(sentence)
