"""Hold the model's verdict on a Design against what a real kernel said of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, Final

from gmemviz.errors import GmemvizError, MissingToolError, RecordingError, choice, of_kind
from gmemviz.evidence.confirm.choose import choose_run
from gmemviz.evidence.confirm.confirmation import BUILD, Confirmation, Heard
from gmemviz.evidence.confirm.runs import BUSY, Run, plays_of_design, runs_of_design
from gmemviz.evidence.console import UNSTOPPED, heard, trouble
from gmemviz.facts import kernels
from gmemviz.model import Design, check
from gmemviz.model.search import Exploration
from gmemviz.record.boot import (
    ACCELERATORS,
    AUTO,
    LOST,
    WHAT,
    CompileError,
    Guest,
    JudgedRun,
    accelerator,
    build_guest,
    build_module,
    find_kernel,
    functions_in,
    headers_of,
    judge,
    need_build_tools,
    need_qemu,
    record_judged,
    write_text,
)
from gmemviz.record.text import parse
from gmemviz.study import named
from gmemviz.translate.c import cannot_write, is_played, module_units
from gmemviz.whole import refuse_target

START: Final = "your"


def confirmation(
    design: Design,
    release: str,
    said: Mapping[str, tuple[str, ...]],
    *,
    start: str = START,
    shared: dict[Any, Exploration] | None = None,
) -> Confirmation:
    """Return what the console's lines of a Design's runs come to; `said` is by run, as `judge`'s.

    A Design that the compiler refused has the compiler's lines under "`start` build". `shared`
    keeps searches for Designs that differ in names only.
    """
    report = check(design, shared=shared)
    if unwritten := cannot_write(design) or report.inapplicable:
        return Confirmation(report, release, unwritten=unwritten)
    if refused := said.get(f"{start} build"):
        return Confirmation(report, release, (Heard(BUILD, heard(refused)),))
    listened = [_listen(run, said.get(f"{start} {run}")) for run in runs_of_design(design)]
    return Confirmation(report, release, tuple(listened))


def _listen(run: Run, lines: tuple[str, ...] | None) -> Heard:
    if lines is None:
        return Heard(run, (), "it was not played")
    if why := trouble(lines):
        return Heard(run, (), why, is_lost=LOST in lines)
    words = heard(lines)
    if run.how == BUSY:  # nobody holds the other locks: only the xarray's is asked about
        words = tuple(word for word in words if word.code == "deadlock")
    is_unstopped = any(line.startswith(UNSTOPPED) for line in lines)
    return Heard(run, words, is_lost=LOST in lines, is_unstopped=is_unstopped)


def units_of(designs: Mapping[str, Design]) -> dict[str, str]:
    """Return the texts of a module of Designs, with the plays of those that have actors."""
    if not any(map(is_played, designs.values())):
        return module_units(designs)
    plays = {start: plays_of_design(design, start) for start, design in designs.items()}
    return module_units(designs, plays)


def _quiet(line: str) -> None:
    """Say nothing."""


def cannot_ask(kernel: str | Path) -> str:
    """Return why `confirm` would end before it begins, and what to type; "" where it would not.

    It looks for the kernel, its headers and the tools, and starts nothing.
    """
    try:
        headers_of(find_kernel(kernel))
        need_qemu(WHAT)
        need_build_tools()
    except GmemvizError as error:
        return str(error)
    return ""


def confirm(
    design: Design | str | Path,
    *,
    kernel: str | Path | None = None,
    record: bool = False,
    out: str | Path | None = None,
    accel: str = AUTO,
    stop: Event | None = None,
    progress: Callable[[str], None] = _quiet,
) -> Confirmation:
    """Build a Design as a module, let a real kernel in QEMU run it, and compare the verdicts.

    `kernel` is an image or one of `gmemviz kernels` (else the Design's own). With `record` one
    more boot records a run that shows the first of the defects, or last-close where there is
    none; `out` is the file for its text, and asks for it too. Once `stop` is set, what runs is
    ended. GmemvizError where it was, RecordingError where there are no headers, where the compiler
    refuses the text for another reason than a missing field, or where the guest hangs;
    MissingToolError says which tool is not there, OutputError why `out` cannot be written.
    """
    # Bad input is told first, what is missing next, and both before anything is compiled.
    design = named(design)
    of_kind("design", design, Design)
    choice("accelerator", accel, ACCELERATORS)
    if kernel is None:  # a kernel may be shipped to be read alone
        choice("kernel to boot", design.kernel, kernels())
    if out is not None:
        refuse_target(Path(out))
    found = find_kernel(design.kernel if kernel is None else kernel)
    need_qemu(WHAT)
    if out is not None:
        refuse_target(Path(out), reads=[found.image])
    accel = accelerator(accel, found)
    guest = Guest(found, b"", b"", accel, stop=stop)
    judged, module = _judged(design, guest, progress)
    if not record and out is None:
        return judged
    run = choose_run(judged)
    if not isinstance(run, Run):
        return replace(judged, unrecorded=run)
    functions = functions_in(units_of({START: design}).values(), START)
    about = JudgedRun(f"{START} {run}", run.scenario, str(run), functions, run.in_softirq)
    try:
        text = record_judged(found, module, about, accel=accel, stop=stop, progress=progress)
    except (RecordingError, MissingToolError) as error:  # there is a judgement all the same
        return replace(judged, unrecorded=f"{run}: {error}")
    if out is not None:
        write_text(text, Path(out))
    recording = parse(text, title=f"{run}: {design.title}")
    return replace(judged, recording=recording, recorded_run=run)


def _judged(
    design: Design, guest: Guest, progress: Callable[[str], None]
) -> tuple[Confirmation, bytes]:
    kernel = guest.kernel
    if cannot_write(design):
        return confirmation(design, kernel.release, {}), b""
    progress("building the module")
    try:
        module = build_module(kernel, units_of({START: design}), stop=guest.stop)
    except CompileError as error:
        if "no-such-field" not in {word.code for word in heard(error.lines)}:
            raise
        return confirmation(design, kernel.release, {f"{START} build": error.lines}), b""
    guest = guest._replace(module=module, program=build_guest())
    said: dict[str, tuple[str, ...]] = {}
    for in_softirq in (False, True):
        runs = [run for run in runs_of_design(design) if run.in_softirq is in_softirq]
        if runs:
            progress(f"booting {kernel.release} for {len(runs)} runs")
            names = [f"{START} {run}" for run in runs]
            said |= judge(guest, names, in_softirq=in_softirq)
    return confirmation(design, kernel.release, said), module
