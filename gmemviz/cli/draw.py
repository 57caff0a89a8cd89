"""gmemviz draw: write one picture, of a Design or of a kernel's calls, to a file."""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

from gmemviz.cli.choices import add_design, design_files, read_design
from gmemviz.cli.sources import facts_of
from gmemviz.errors import GmemvizError, choice
from gmemviz.facts import kernels, load
from gmemviz.facts.whole import refuse_target
from gmemviz.model import check
from gmemviz.render import (
    Drawing,
    draw_diff,
    draw_matrix,
    draw_road,
    film_of_report,
)
from gmemviz.study import designs, matrix

__all__ = ("add_parser",)

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
    road.add_argument("--fs", metavar="NAMES", help="through these filesystems' tables, as a,b")
    road.add_argument("--noise", action="store_true", help="keep locks, tracing and debug names")
    road.add_argument("--diff", metavar="KERNEL", help="what changed since this shipped kernel")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="file to write")
    parser.add_argument(
        "--step",
        type=int,
        metavar="N",
        help="dress the picture as at step N (the last if left out)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    name = choice("picture", arguments.picture, PICTURES)
    refuse_target(Path(arguments.output), reads=design_files(arguments))
    if name == "matrix":
        drawing = _matrix(arguments)
    else:
        drawing = _road(arguments) if _is_road(arguments) else _still(name, arguments)
    drawing.save(arguments.output)
    return 0


_NOT_OF_THE_MATRIX: Final = (
    "name", "placement", "cleanup", "metadata", "tree", "fs", "noise", "diff", "step",
)  # fmt: skip


def _matrix(arguments: argparse.Namespace) -> Drawing:
    for word in _NOT_OF_THE_MATRIX:
        value = getattr(arguments, word)
        if value is not None and value is not False:  # `--step 0` is given, too
            raise GmemvizError(f"a picture of the matrix has all designs: it takes no {word}")
    kernel, mount = arguments.kernel or kernels()[-1], arguments.mount or "own"
    with ProcessPoolExecutor() as executor:
        rows = matrix([kernel], mounts=[mount], executor=executor)
    return draw_matrix(rows, kernel=kernel, mount=mount)


def _is_road(arguments: argparse.Namespace) -> bool:
    # `calls` draws a Design's teardown, or a kernel's road from a function.
    return bool(arguments.picture == "calls" and arguments.name and arguments.name not in designs())


def _road(arguments: argparse.Namespace) -> Drawing:
    filesystems = arguments.fs.split(",") if arguments.fs else []
    if arguments.diff:
        old, new = load(arguments.diff), facts_of(arguments, roots=[arguments.name])
        return draw_diff(old, new, arguments.name, filesystems=filesystems)
    facts = facts_of(arguments, roots=[arguments.name])
    if arguments.tree:  # whose lines the tooltips may show
        os.environ["GMEMVIZ_TREE"] = str(arguments.tree)
    return draw_road(facts, arguments.name, filesystems=filesystems, noise=arguments.noise)


def _still(name: str, arguments: argparse.Namespace) -> Drawing:
    report = check(read_design(arguments), keep_moves=True)
    if not report.applicable:
        raise GmemvizError(f"nothing to draw: {report.inapplicable}")
    return film_of_report(report).still(name, arguments.step)
