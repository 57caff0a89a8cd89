"""gmemviz draw: write one picture, of a Design or of a kernel's calls, to a file."""

import argparse
import os
from pathlib import Path
from typing import Any, Final

from gmemviz.cli.choices import add_design, design_files, read_design
from gmemviz.cli.parser import names, refuse, whole
from gmemviz.cli.sources import facts_of, tell_names
from gmemviz.errors import GmemvizError, UnknownNameError, choice, meant, shown
from gmemviz.facts import Facts, kernels, load
from gmemviz.model import check
from gmemviz.processes import Workers
from gmemviz.render import (
    Drawing,
    draw_diff,
    draw_matrix,
    draw_road,
    film_of_report,
    refuse_unmakable,
)
from gmemviz.study import designs, matrix
from gmemviz.whole import refuse_target

PICTURES: Final = ("calls", "states", "memory", "lanes", "matrix")


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "draw",
        help="write a picture of a Design, of a kernel's calls or of the matrix: "
        ".svg, .png, .pdf or .dot",
        description="Draw a Design's road as it is checked: the run shown is its counterexample, "
        "or a whole run of a correct one. `matrix` takes --kernel and --mount alone.",
    )
    parser.add_argument("picture", help=", ".join(PICTURES))
    add_design(parser)
    road = parser.add_argument_group("a kernel's own calls", "gmemviz draw calls FUNCTION ...")
    road.add_argument("--tree", type=Path, metavar="TREE", help="facts of this source tree")
    road.add_argument(
        "--fs", type=names, metavar="NAMES", help="through these filesystems' tables, as a,b"
    )
    road.add_argument("--noise", action="store_true", help="keep locks, tracing and debug names")
    road.add_argument("--diff", metavar="KERNEL", help="what changed since this shipped kernel")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="file to write"
    )
    parser.add_argument(
        "--step",
        type=whole(1),
        metavar="N",
        help="dress the picture as at step N (the last if left out)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    name = choice("picture", arguments.picture, PICTURES)
    file: Path = arguments.output
    refuse_unmakable(file)
    refuse_target(file, reads=design_files(arguments))
    if name == "matrix":
        drawing = _matrix(arguments)
    else:
        drawing = _road(arguments) if _is_road(arguments) else _still(name, arguments)
    drawing.save(file)
    return 0


_OF_A_ROAD: Final = ("tree", "fs", "noise", "diff")
_OF_A_DESIGN: Final = ("design", "mount", "placement", "cleanup", "metadata", "step")
_NOT_OF_THE_MATRIX: Final = (
    "name", "design", "placement", "cleanup", "metadata", *_OF_A_ROAD, "step",
)  # fmt: skip
_OTHERS: Final = "a Design or a kernel's own calls"


def _matrix(arguments: argparse.Namespace) -> Drawing:
    refuse(arguments, "a picture of the matrix has all designs", _NOT_OF_THE_MATRIX, of=_OTHERS)
    kernel, mount = arguments.kernel or kernels()[-1], arguments.mount or "own"
    rows = matrix([kernel], mounts=[mount], executor=Workers())
    return draw_matrix(rows, kernel=kernel, mount=mount)


def _is_road(arguments: argparse.Namespace) -> bool:
    # `calls` draws a Design's teardown, or a kernel's road from a function.
    return bool(arguments.picture == "calls" and arguments.name and arguments.name not in designs())


def _road(arguments: argparse.Namespace) -> Drawing:
    refuse(arguments, "a kernel's own calls have no choices", _OF_A_DESIGN, of="a Design")
    filesystems = arguments.fs or ()
    if arguments.tree:
        refuse(arguments, "a tree is its own kernel", ("kernel",), of="shipped facts")
    if arguments.diff:
        refuse(arguments, "--diff shows what changed", ("noise",), of="one kernel's calls")
    facts = _facts(arguments)
    old = load(arguments.diff) if arguments.diff else facts
    tell_names(filesystems, old, facts)
    if arguments.diff:
        return draw_diff(old, facts, arguments.name, filesystems=filesystems)
    if arguments.tree:  # whose lines the tooltips may show
        os.environ["GMEMVIZ_TREE"] = str(arguments.tree)
    return draw_road(facts, arguments.name, filesystems=filesystems, noise=arguments.noise)


def _facts(arguments: argparse.Namespace) -> Facts:
    name = arguments.name
    facts = facts_of(arguments, roots=[name])
    if not facts.has_function(name):
        near = meant(name, (*designs(), *facts.functions))
        said = f"no Design and no function {shown(name)} in the facts of {facts.kernel}"
        raise UnknownNameError(f"{said}{near}")
    return facts


def _still(name: str, arguments: argparse.Namespace) -> Drawing:
    why = f"the {name} of a Design are its own"
    refuse(arguments, why, _OF_A_ROAD, of="`draw calls FUNCTION`")
    report = check(read_design(arguments), keep_moves=True)
    if not report.applicable:
        raise GmemvizError(f"nothing to draw: {report.inapplicable}")
    return film_of_report(report).still(name, arguments.step)
