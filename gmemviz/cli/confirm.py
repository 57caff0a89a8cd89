"""gmemviz confirm: let a real kernel judge a Design, or cells of the matrix.

The Design becomes a kernel module, a kernel boots in QEMU and runs it,
and what that kernel says of the freed memory stands beside the model's verdict. Status 0 where
they agree; 1 where they do not; 3 where they do in part, or no run can show it. A Design with a
word of which no C is written is refused by the word's name, 2: what a kernel said without it would
be said of another Design. Of several cells, 1 where one disagrees, else the best that was found.
"""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from gmemviz.cli.line import FINE, FOUND, UNDECIDED, Answer, design_files, read_design, refuse, say
from gmemviz.errors import DesignError, UsageError, choice
from gmemviz.evidence.confirm import confirm, confirm_cells, confirm_filesystem
from gmemviz.facts import judge_kernel, kernel_of_release, kernels
from gmemviz.model import Design
from gmemviz.record.boot import ACCELERATORS, AUTO, find_kernel
from gmemviz.study import CHOICES
from gmemviz.translate.c import not_written
from gmemviz.whole import refuse_target

STATUS: Final[Mapping[str, int]] = {
    "agrees": FINE,
    "agrees in part": UNDECIDED,
    "disagrees": FOUND,
    "not confirmable": UNDECIDED,
}


def command(arguments: Namespace) -> Answer:
    """Return what a kernel says beside the model: status 0 all agrees, 1 not, 3 part or none."""
    if arguments.accel:
        choice("accelerator", arguments.accel, ACCELERATORS)
    if arguments.fs:
        return _filesystem(arguments)
    if arguments.matrix:
        return _matrix(arguments)
    refuse(arguments, "a Design is judged whole", ("sample", "seed"), of="--matrix")
    if arguments.record:
        refuse_target(Path(arguments.record), reads=design_files(arguments))
    booted = _own_kernel(arguments)
    design = _design(arguments)
    if word := not_written(design):
        raise DesignError(f"{design.title} cannot be written as a module: {word}")
    accel = arguments.accel or AUTO
    found = confirm(design, kernel=booted, out=arguments.record, accel=accel, progress=say)
    return Answer(
        found.text.rstrip(), found.answer(), STATUS[found.judgement], output="confirmation"
    )


def _filesystem(arguments: Namespace) -> Answer:
    others = ("name", "design", *CHOICES[1:], "matrix", "sample", "seed", "record")
    refuse(arguments, "a filesystem of the kernel's own is used as it is", others, of="a Design")
    found = confirm_filesystem(
        arguments.fs,
        kernel=arguments.kernel or judge_kernel(),
        accel=arguments.accel or AUTO,
        progress=say,
    )
    return Answer(
        found.text.rstrip(),
        found.answer(),
        STATUS[found.judgement],
        output="confirmed-filesystem",
    )


def _own_kernel(arguments: Namespace) -> str | None:
    """Return --kernel where it is an image or a kernel that was added, None for a shipped one.

    What is left in --kernel is the shipped kernel whose facts it has: the model's verdict is of
    that. Of a release that none is of, the Design's own kernel says which, and that is said.
    """
    name: str | None = arguments.kernel
    if not name or name in kernels():
        return None
    release = find_kernel(name).release
    arguments.kernel = kernel_of_release(release)
    if arguments.kernel is None:
        known = " nor ".join(kernels())
        say(f"Linux {release} is neither {known}: it is asked, the model goes by the Design's own")
    return name


def _design(arguments: Namespace) -> Design:
    # With a name or a file, --kernel is no choice of the five: it moves that Design.
    kernel: str | None = arguments.kernel
    if not kernel or not (arguments.name or arguments.design):
        return read_design(arguments)
    arguments.kernel = None
    return replace(read_design(arguments), kernel=kernel)


def _matrix(arguments: Namespace) -> Answer:
    if arguments.name or arguments.design:
        raise UsageError("give a Design or --matrix, not both")
    if arguments.record:
        raise UsageError("--record is for one Design, not for --matrix")
    refuse(arguments, "--matrix has every cell of the own mount", CHOICES[1:], of="one Design")
    if arguments.sample is None:
        refuse(arguments, "all cells are judged", ("seed",), of="--sample")
    kernel = arguments.kernel or judge_kernel()
    rows = confirm_cells(
        kernel,
        sample=arguments.sample,
        seed=arguments.seed or 0,
        accel=arguments.accel or AUTO,
        progress=say,
    )
    statuses = {STATUS[row["judgement"]] for row in rows}
    best = min(statuses, default=UNDECIDED)
    status = FOUND if FOUND in statuses else best
    return Answer("\n".join(_lines(rows)), rows, status, indent=1, output="confirmed-cell")


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    # How often each judgement is met, and whole what has to be settled.
    counted = Counter(row["judgement"] for row in rows)
    for word, count in sorted(counted.items()):
        yield f"{count:5} {word}"
    for row in rows:
        if row["judgement"] == "disagrees":
            yield json.dumps(row)
