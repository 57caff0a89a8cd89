"""Record one run of a module of Designs, in a kernel as it is when it judges them."""

import re
from collections.abc import Iterable
from threading import Event
from typing import Final, NamedTuple

from gmemviz.facts import Trace
from gmemviz.record.boot.channel import Port, Progress, quiet
from gmemviz.record.boot.judge import options_of
from gmemviz.record.boot.kernel_images import KernelImage
from gmemviz.record.boot.qemu import boot
from gmemviz.record.boot.scenarios import RecordedScenario
from gmemviz.record.boot.session import LIMIT, headed, job
from gmemviz.record.text import CONSOLE

DEFINED: Final = r"^static [^=;\n]*?\b({start}_\w+)\([^;\n]*\)$"


class JudgedRun(NamedTuple):
    """Name a run as `judge` takes it, the model's scenario, and the recording that it makes.

    `functions` are the module's own that are recorded too; `design` says in a mark whose they are.
    """

    run: str
    scenario: str
    name: str
    functions: tuple[str, ...] = ()
    in_softirq: bool = False
    design: str = ""


def record_judged(
    kernel: KernelImage,
    module: bytes,
    run: JudgedRun,
    *,
    accel: str = "tcg",
    limit: float = LIMIT,
    stop: Event | None = None,
    progress: Progress = quiet,
) -> str:
    """Let a kernel play one run of a module of Designs, and return the text of its recording.

    The module's driver marks the inode and its end; marks that begin with "console: " are what
    the kernel said. RecordingError where the run ends the kernel; other errors as `record`'s.
    """
    scenario = RecordedScenario(run.name, (), (), run.functions)
    callbacks = [name for name in run.functions if name.endswith("_callback")]
    contents = job("judged", scenario, kernel, {"designs": module}, callbacks)
    contents["job/run"] = f"{run.name}\n{run.run}\n{run.scenario}\n{run.design}\n".encode()
    progress(f"booting {kernel.release} to record {run.run}")
    append = options_of(in_softirq=run.in_softirq)
    channel = Port(progress, limit=limit)
    text = boot(kernel, contents, channel, append=append, accel=accel, stop=stop)
    return headed(text, contents)


def functions_in(texts: Iterable[str], start: str) -> tuple[str, ...]:
    """Return the functions that C of ours defines under names that begin with `start`, sorted."""
    pattern = re.compile(DEFINED.format(start=re.escape(start)), re.MULTILINE)
    found: set[str] = set()
    for text in texts:
        found.update(pattern.findall(text))
    return tuple(sorted(found))


def console_of(recording: Trace) -> tuple[tuple[int, str], ...]:
    """Return what the kernel said, each line with the number of the event that followed it."""
    said = [(at, text) for at, text in recording.marks if text.startswith(CONSOLE)]
    return tuple((at, text.removeprefix(CONSOLE)) for at, text in said)
