"""gmemviz confirm: let a real kernel judge a Design, or cells of the matrix."""

import argparse
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from gmemviz.cli.choices import add_design, design_files, read_design
from gmemviz.cli.parser import refuse, whole
from gmemviz.cli.status import FINE, FOUND, UNDECIDED
from gmemviz.errors import GmemvizError, choice
from gmemviz.evidence.confirm import confirm, confirm_cells
from gmemviz.facts import judge_kernel, kernels
from gmemviz.model import Design
from gmemviz.study import CHOICES
from gmemviz.whole import refuse_target

STATUS = {
    "agrees": FINE, "agrees in part": FINE, "disagrees": FOUND, "not confirmable": UNDECIDED,
}  # fmt: skip


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "confirm", help="let a real kernel in QEMU judge a Design",
        description="Build a Design as a kernel module, boot a kernel in QEMU that runs it, and "
        "say whether it says what the model says; exit with 1 if it does not, with 3 if no run "
        "can show it. With a name or a file, --kernel moves the Design to another kernel.",
    )  # fmt: skip
    add_design(parser)
    parser.add_argument("--matrix", action="store_true", help="judge the cells of the own mount")
    parser.add_argument(
        "--sample", type=whole(1), metavar="N", help="with --matrix: N cells by chance"
    )
    parser.add_argument("--seed", type=whole(0), metavar="N", help="with --sample: which ones (0)")
    parser.add_argument(
        "--record", metavar="FILE",
        help="write the recording of a run that shows what was found, for `gmemviz conform`",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.matrix:
        return _matrix(arguments)
    refuse(arguments, "a Design is judged whole", ("sample", "seed"), of="--matrix")
    if arguments.record:
        refuse_target(Path(arguments.record), reads=design_files(arguments))
    found = confirm(_design(arguments), out=arguments.record, progress=_told)
    print(json.dumps(found.answer(), indent=2) if arguments.json else found.text.rstrip())
    return STATUS[found.judgement]


def _design(arguments: argparse.Namespace) -> Design:
    kernel: str | None = arguments.kernel
    if not kernel or not (arguments.name or arguments.design):
        return read_design(arguments)
    choice("kernel", kernel, kernels())
    arguments.kernel = None
    return replace(read_design(arguments), kernel=kernel)


def _matrix(arguments: argparse.Namespace) -> int:
    if arguments.name or arguments.design:
        raise GmemvizError("give a Design or --matrix, not both")
    if arguments.record:
        raise GmemvizError("--record is for one Design, not for --matrix")
    refuse(arguments, "--matrix has every cell of the own mount", CHOICES[1:], of="one Design")
    if arguments.sample is None:
        refuse(arguments, "all cells are judged", ("seed",), of="--sample")
    kernel = choice("kernel", arguments.kernel or judge_kernel(), kernels())
    rows = confirm_cells(kernel, sample=arguments.sample, seed=arguments.seed or 0, progress=_told)
    if arguments.json:
        print(json.dumps(rows, indent=1))
    else:
        for word, count in sorted(Counter(row["judgement"] for row in rows).items()):
            print(f"{count:5} {word}")
        for row in rows:
            if row["judgement"] == "disagrees":
                print(json.dumps(row))
    said = {STATUS[row["judgement"]] for row in rows}
    return FOUND if FOUND in said else min(said, default=UNDECIDED)


def _told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
