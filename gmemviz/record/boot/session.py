"""Record a scenario in a real kernel: `record`."""

import lzma
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from gmemviz.errors import choice, seconds
from gmemviz.facts import Trace, Watched
from gmemviz.record.boot.channel import Port, Progress, quiet
from gmemviz.record.boot.images import image
from gmemviz.record.boot.kernel_images import KernelImage, find_kernel, load_modules
from gmemviz.record.boot.module_build import driver
from gmemviz.record.boot.qemu import ACCELERATORS, AUTO, accelerator, boot
from gmemviz.record.boot.scenarios import SCENARIOS, RecordedScenario
from gmemviz.record.boot.tracing import OPTIONS, facts_of, functions, probed, probes
from gmemviz.record.text import HeadReader, head_of, parse
from gmemviz.whole import refuse_target, write_whole

LIMIT: Final = 120.0
"""Seconds that a guest may take; 5 to 10 are usual."""


def record(
    scenario: str,
    *,
    kernel: str | Path,
    modules: str | Path | None = None,
    out: str | Path | None = None,
    accel: str = AUTO,
    limit: float = LIMIT,
    progress: Progress = quiet,
) -> Trace:
    """Run a scenario in a real kernel in QEMU, and return its recording.

    `kernel` is an image or one that `gmemviz kernels` lists; the text is
    written to `out`, packed if that ends in .xz, whole or not at all. RefusedError
    says what the kernel does not offer, RecordingError how its console ended,
    MissingToolError which tool is not there, OutputError why `out` cannot be written.
    Nothing keeps running, whatever happens.
    """
    chosen = SCENARIOS[choice("scenario", scenario, SCENARIOS)]
    choice("accelerator", accel, ACCELERATORS)
    seconds("limit", limit)
    found = find_kernel(kernel, modules=modules)
    reads = [found.image, *([Path(modules)] if modules else [])]
    if out is not None:  # before anything is booted
        refuse_target(Path(out), reads=reads)
    text = run(scenario, chosen, found, accel=accel, limit=limit, progress=progress)
    if out is not None:
        write_text(text, Path(out), reads=reads)
    return parse(text, title=f"{scenario}: {chosen.driver}")


def run(
    name: str,
    scenario: RecordedScenario,
    kernel: KernelImage,
    *,
    accel: str = "tcg",
    limit: float = LIMIT,
    progress: Progress = quiet,
) -> str:
    """Run one of the driver's scenarios, shipped or not, and return the text."""
    modules = load_modules(kernel, scenario.modules)
    # The modules that scenarios have are those of KVM on a processor of AMD's.
    accel = accelerator(accel, kernel, emulates=bool(modules))
    progress("compiling the driver")
    contents = job(name, scenario, kernel, modules)
    progress(f"booting {kernel.release} with {accel}")
    return headed(boot(kernel, contents, Port(progress, limit=limit), accel=accel), contents)


def job(
    name: str,
    scenario: RecordedScenario,
    kernel: KernelImage,
    modules: Mapping[str, bytes],
    callbacks: Iterable[str] = (),
) -> dict[str, bytes]:
    """Return the guest's files: the driver, and what it is to load, to trace and to do.

    `callbacks` are functions that RCU calls to free an inode, beside the kernel's own.
    """
    chosen: set[str] = set()
    images = {"job/image": image(scenario.image)} if scenario.image else {}
    for facts in facts_of(kernel.release):
        chosen.update(functions(facts, scenario))
    return {
        "init": driver(),
        "job/scenario": name.encode(),
        "job/functions": _lines(sorted(chosen)),
        "job/probes": _lines(probes(callbacks)),
        "job/options": _lines(OPTIONS),
        "job/modules": _lines(modules),
        **{f"job/{module}.ko": data for module, data in modules.items()},
        **images,
    }


def headed(text: str, contents: Mapping[str, bytes]) -> str:
    """Return a recording under a head that says what was watched and what the kernel lacks.

    `text` begins with what the driver found in available_filter_functions (driver/tracing.c), and
    `contents` are the files by which it was told what to look for.
    """
    noted = HeadReader()
    lines = [line for line in text.splitlines(keepends=True) if not noted.take(line)]
    probes = contents["job/probes"].decode().splitlines()
    # Probes are refused where they cannot be set, so those that there are watch their functions.
    watched = noted.named["watched"] | set(map(probed, probes))
    told = set(contents["job/functions"].decode().split())
    return head_of(Watched(frozenset(watched), frozenset(told - watched))) + "".join(lines)


def write_text(text: str, file: Path, *, reads: Iterable[Path] = ()) -> None:
    """Write a recording's text, packed if the name ends in .xz, whole or not at all.

    What it `reads` is not written over.
    """
    data = text.encode()
    if file.suffix == ".xz":
        data = lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)
    write_whole(file, data, reads=reads)


def _lines(words: Iterable[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()
