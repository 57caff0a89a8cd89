"""Record one run of a module of Designs, in a kernel as it is when it judges them."""

import re
from collections.abc import Callable, Iterable, Iterator
from threading import Event
from typing import Final, NamedTuple

from gmemviz.facts import Trace
from gmemviz.record.boot.channel import Channel
from gmemviz.record.boot.initramfs import archive
from gmemviz.record.boot.judge import APPEND, IN_THREAD
from gmemviz.record.boot.kernel_images import Kernel
from gmemviz.record.boot.qemu import boot
from gmemviz.record.boot.scenarios import Scenario
from gmemviz.record.boot.session import LIMIT, job
from gmemviz.record.boot.tracing import PROBES
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


def _quiet(line: str) -> None:
    """Say nothing."""


def record_judged(
    kernel: Kernel,
    module: bytes,
    run: JudgedRun,
    *,
    accel: str = "tcg",
    limit: float = LIMIT,
    stop: Event | None = None,
    progress: Callable[[str], None] = _quiet,
) -> str:
    """Let a kernel play one run of a module of Designs, and return the text of its recording.

    The module's driver marks the inode and its end; marks that begin with "console: " are what
    the kernel said. RecordingError where the run ends the kernel; other errors as `record`'s.
    """
    scenario = Scenario(run.name, (), (), run.functions)
    probes = _probes(run.functions)
    contents = job("judged", scenario, kernel, {"designs": module}, probes)
    contents["job/run"] = f"{run.name}\n{run.run}\n{run.scenario}\n{run.design}\n".encode()
    progress(f"booting {kernel.release} to record {run.run}")
    append = APPEND if run.in_softirq else f"{APPEND} {IN_THREAD}"
    channel = Channel(progress)
    return boot(
        kernel.image, archive(contents), channel,
        accel=accel, limit=limit, append=append, stop=stop,
    )  # fmt: skip


# A callback of the Design's own frees the inode that its rcu_head lies in, as i_callback does.
def _probes(functions: Iterable[str]) -> Iterator[str]:
    own = [name for name in functions if name.endswith("_callback")]
    also = "".join(f" || func.function == {name}" for name in own)
    for probe in PROBES:
        yield f"{probe}{also}" if probe.endswith("func.function == i_callback") else probe
    yield from (f"p:gmemviz/{name} {name}@ head=%di:x64" for name in own)


def functions_in(texts: Iterable[str], start: str) -> tuple[str, ...]:
    """Return the functions that C of ours defines under names that begin with `start`, sorted."""
    pattern = re.compile(DEFINED.format(start=re.escape(start)), re.MULTILINE)
    return tuple(sorted({name for text in texts for name in pattern.findall(text)}))


def console_of(recording: Trace) -> tuple[tuple[int, str], ...]:
    """Return what the kernel said, each line with the number of the event that followed it."""
    return tuple(
        (at, text.removeprefix(CONSOLE)) for at, text in recording.marks if text.startswith(CONSOLE)
    )
