"""gmemviz draw: write one picture, of a Design or of a kernel's calls, to a file.

Three things can be drawn, and `command` tells them apart: the matrix of a kernel and a mount, a
kernel's own road from a function, and a Design at a step of its run. What the other two need is
refused. Status 0 once the file is written, whatever it shows; 3 where a search hit its limit
before there was a run to show.
"""

import os
from argparse import Namespace
from pathlib import Path
from typing import Final

from gmemviz.cli.line import (
    Answer,
    design_files,
    facts_of,
    progress,
    read_design,
    refuse,
    tell_names,
)
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

OF_A_ROAD: Final = ("tree", "fs", "noise", "diff")
OF_A_DESIGN: Final = ("design", "mount", "placement", "cleanup", "metadata", "step")
OF_ONE_DESIGN: Final = ("name", "design", "placement", "cleanup", "metadata")
"""What a picture of the matrix, which has all of them, takes none of."""


def command(arguments: Namespace) -> Answer:
    """Write a picture; nothing is said, status 0."""
    name = choice("picture", arguments.picture, PICTURES)
    file: Path = arguments.output
    refuse_unmakable(file)
    refuse_target(file, reads=design_files(arguments))
    is_gallery_name = arguments.name in designs()
    if name == "matrix":
        drawing = _matrix(arguments)
    elif name == "calls" and arguments.name and not is_gallery_name:
        drawing = _road(arguments)
    else:
        drawing = _design(name, arguments)
    drawing.save(file)
    return Answer()


def _matrix(arguments: Namespace) -> Drawing:
    why, others = "a picture of the matrix has all designs", "a Design or a kernel's own calls"
    refuse(arguments, why, (*OF_ONE_DESIGN, *OF_A_ROAD, "step"), of=others)
    kernel, mount = arguments.kernel or kernels()[-1], arguments.mount or "own"
    rows = matrix(
        [kernel], mounts=[mount], executor=Workers(progress=progress.for_workers("checking"))
    )
    return draw_matrix(rows, kernel=kernel, mount=mount)


def _road(arguments: Namespace) -> Drawing:
    refuse(arguments, "a kernel's own calls have no choices", OF_A_DESIGN, of="a Design")
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


def _facts(arguments: Namespace) -> Facts:
    name = arguments.name
    facts = facts_of(arguments, roots=[name])
    if not facts.has_function(name):
        near = meant(name, (*designs(), *facts.functions))
        said = f"no Design and no function {shown(name)} in the facts of {facts.kernel}"
        raise UnknownNameError(f"{said}{near}")
    return facts


def _design(picture: str, arguments: Namespace) -> Drawing:
    why = f"the {picture} of a Design are its own"
    refuse(arguments, why, OF_A_ROAD, of="`draw calls FUNCTION`")
    report = check(read_design(arguments), keep_moves=True)
    if not report.applicable:
        raise GmemvizError(f"nothing to draw: {report.inapplicable}")
    return film_of_report(report).still(picture, arguments.step)
