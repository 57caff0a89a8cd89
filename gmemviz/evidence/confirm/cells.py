"""Let a real kernel judge many cells of the matrix: one module, as few boots as may be.

Two kinds of boot are needed, for RCU callbacks in threads and in softirq, and each is shared out
among guests that run beside each other. A cell's names in C begin with its number (`c17`), and so
do its runs, so that the lines of a console find their way back to it.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from itertools import chain
from threading import Event
from typing import Any, Final

from gmemviz.errors import RecordingError, choice, whole_number
from gmemviz.evidence.confirm.confirm import confirmation
from gmemviz.evidence.confirm.confirmation import Confirmation
from gmemviz.evidence.confirm.runs import runs_of_design
from gmemviz.facts import kernel_of_release, kernels
from gmemviz.model import Design
from gmemviz.model.search import Exploration
from gmemviz.record.boot import (
    ACCELERATORS,
    AUTO,
    WHAT,
    CompileError,
    Guest,
    KernelImage,
    Said,
    accelerator,
    build_guest,
    build_module,
    driver_texts,
    find_kernel,
    judge,
    need_qemu,
)
from gmemviz.shown import Rows
from gmemviz.study import NAMES, Cell, cells, design_of_cell
from gmemviz.translate.c import cannot_write, module_units

AT_ONCE: Final = 2
"""Guests that run beside each other."""

MOUNTS: Final = ("own",)
"""A table that others share, and a superblock that nobody set up, are not asked about."""


def _quiet(line: str) -> None:
    """Say nothing."""


def confirm_cells(
    kernel: str,
    *,
    only: Iterable[Cell] = (),
    sample: int | None = None,
    seed: int = 0,
    at_once: int = AT_ONCE,
    accel: str = AUTO,
    progress: Callable[[str], None] = _quiet,
) -> list[dict[str, Any]]:
    """Return what the kernel says of its cells: the five choices, then as a Confirmation's answer.

    `kernel` is an image or one of `gmemviz kernels`; one that is not shipped has the cells of the
    shipped kernel whose release it has.
    All of the own mount, or `only` these; `sample` takes so many of them by chance, the same ones
    for the same `seed`. Errors as in `confirm`; UnknownNameError for a wrong word or number.
    """
    choice("accelerator", accel, ACCELERATORS)
    whole_number("at_once", at_once, least=1)
    if sample is not None:
        whole_number("sample", sample, least=1)
    found = find_kernel(kernel)
    model = kernel if kernel in kernels() else _shipped(found.release)
    need_qemu(WHAT)  # before a minute of compiling
    accel = accelerator(accel, found)
    every = list(only) or list(cells([model], mounts=MOUNTS))
    chosen = _sampled(every, sample, seed)
    designs = {f"c{number}": design_of_cell(cell) for number, cell in chosen}
    written = {start: design for start, design in designs.items() if not cannot_write(design)}
    progress(f"building a module of {len(written)} Designs")
    module, refused = _built(found, written)
    said: Said = {f"{start} build": lines for start, lines in refused.items()}
    guest = Guest(found, module, build_guest(), accel, stop=Event())
    for in_softirq in (False, True):
        runs: list[str] = []
        for start in written.keys() - refused.keys():
            plays = runs_of_design(written[start])
            runs += [f"{start} {run}" for run in plays if run.in_softirq is in_softirq]
        if not runs:
            continue
        progress(f"booting {found.release} for {len(runs)} runs")
        play = partial(judge, guest, in_softirq=in_softirq, progress=progress)
        said |= _beside(guest, play, _parts(sorted(runs), at_once))
    shared: dict[Any, Exploration] = {}
    rows = Rows[dict[str, Any]]()
    for (_, cell), (start, design) in zip(chosen, designs.items(), strict=True):
        judged = confirmation(design, found.release, said, start=start, shared=shared)
        rows.append({**dict(zip(NAMES, cell, strict=True)), **_answer(judged)})
    return rows


def _shipped(release: str) -> str:
    model = kernel_of_release(release)
    if model is None:
        raise RecordingError(
            f"Linux {release} has no cells: the matrix is of {', '.join(kernels())}"
        )
    return model


def made_of(kernel: str) -> str:
    """Return a sum over the C of all the cells of a kernel and of the driver around them."""
    every = enumerate(map(design_of_cell, cells([kernel], mounts=MOUNTS)))
    written = {f"c{number}": design for number, design in every if not cannot_write(design)}
    texts = [*module_units(written).values(), *driver_texts()]
    return sha256("\0".join(texts).encode()).hexdigest()


# Cells with their numbers among all, which a sample keeps.
def _sampled(every: list[Cell], sample: int | None, seed: int) -> list[tuple[int, Cell]]:
    numbered = list(enumerate(every))
    if sample is None or sample >= len(numbered):
        return numbered
    # A cell that is no design would say nothing.
    can = [(number, cell) for number, cell in numbered if not cannot_write(design_of_cell(cell))]
    return sorted(random.Random(seed).sample(can, min(sample, len(can))))  # noqa: S311 (no secret)


# A row of the matrix has the choices instead of a title, and counts the runs.
def _answer(judged: Confirmation) -> dict[str, Any]:
    answer = judged.answer()
    for key in ("design", "runs"):
        answer.pop(key)
    return {**answer, "runs": len(judged.heard), "evidence": judged.evidence}


# An error, or an interrupt, ends all guests at once.
def _beside(
    guest: Guest, play: Callable[[Sequence[str]], Said], parts: Sequence[Sequence[str]]
) -> Said:
    with ThreadPoolExecutor(len(parts) or 1) as pool:
        try:
            told = [part.items() for part in pool.map(play, parts)]
        except BaseException:
            assert guest.stop
            guest.stop.set()
            raise
    return dict(chain.from_iterable(told))


def _parts(runs: Sequence[str], count: int) -> list[Sequence[str]]:
    size = -(-len(runs) // count) or 1
    return [runs[at : at + size] for at in range(0, len(runs), size)]


# What the compiler refuses it names by line and file, and the file is the Design's start.
def _built(
    kernel: KernelImage, written: Mapping[str, Design]
) -> tuple[bytes, dict[str, tuple[str, ...]]]:
    try:
        return build_module(kernel, module_units(written)), {}
    except CompileError as error:
        refused: dict[str, tuple[str, ...]] = {}
        for line in error.lines:
            start = line.partition(".")[0]
            refused[start] = (*refused.get(start, ()), line)
        if not refused.keys() <= written.keys():
            raise
    left = {start: design for start, design in written.items() if start not in refused}
    return build_module(kernel, module_units(left)) if left else b"", refused
