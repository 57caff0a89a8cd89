"""Make the shipped recordings anew: `make recordings`; needs QEMU, gcc and `make kernels`.

Each scenario runs on each kernel that can do it. What a kernel refuses is named and left out.
The confirmed ones are runs of the module that `gmemviz confirm` builds of a cell, on one kernel.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Final

from gmemviz.errors import GmemvizError, MissingToolError
from gmemviz.facts import Trace, judge_kernel, kernels
from gmemviz.model import design_from_choices
from gmemviz.record import parse
from gmemviz.record.boot.channel import RefusedError
from gmemviz.record.boot.judged import JudgedRun, functions_in, record_judged
from gmemviz.record.boot.kernel_images import find_kernel
from gmemviz.record.boot.module_build import build_module
from gmemviz.record.boot.scenarios import SCENARIOS
from gmemviz.record.boot.session import record, write_text
from gmemviz.translate.c.units import module_units
from gmemviz.whole import write_whole

__all__ = ("main",)

DATA: Final = Path(__file__).resolve().parent.parent / "gmemviz" / "record" / "data"
INDEX: Final = "index.json"
TRIES: Final = 3
START: Final = "your"
CONFIRMED: Final[dict[str, tuple[str, str]]] = {
    "confirmed-clean": (
        "own containing-struct evict-after-truncate resv_map",
        "a Design's module frees metadata in evict_inode after truncation; its file is closed",
    ),
    "confirmed-leak": (
        "own i_private none resv_map",
        "a Design's module frees its metadata nowhere; its file is closed",
    ),
    "confirmed-softirq": (
        "own i_private free-all attributes-tree",
        "a Design's module sleeps in free_inode, an RCU callback; its file is closed",
    ),
}
"""Cells of which `judge_kernel` plays last-close: mount, placement, cleanup, metadata; and how."""


def main(argv: Sequence[str] | None = None) -> int:
    """Record all, or what is named; return 0, or end with one sentence."""
    runs = [*product(kernels(), SCENARIOS), *product([judge_kernel()], CONFIRMED)]
    known = {f"{kernel}-{scenario}": (kernel, scenario) for kernel, scenario in runs}
    parser = argparse.ArgumentParser(prog="scripts.recordings", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=DATA, metavar="DIR")
    example = f"{kernels()[-1]}-gmem"
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"only these ({example})")
    arguments = parser.parse_args(argv)
    if unknown := sorted(set(arguments.name) - set(known)):
        sys.exit(f"no recording is named {', '.join(unknown)} (known: {', '.join(known)})")
    folder: Path = arguments.output
    index = folder / INDEX
    about = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else {}
    for name in arguments.name or known:
        kernel, scenario = known[name]
        file = folder / f"{name}.txt.xz"
        try:
            trace = whole(scenario, kernel, file)
        except (RefusedError, MissingToolError) as reason:
            print(f"{name}: left out, {reason}", flush=True)
            continue
        except GmemvizError as error:
            sys.exit(f"{name}: {error}")
        driver = _driver(scenario)
        about[name] = {"kernel": trace.kernel, "scenario": scenario, "driver": driver}
        write_whole(index, f"{json.dumps(dict(sorted(about.items())), indent=2)}\n".encode())
        print(f"{name}: {file.stat().st_size:,} bytes", flush=True)
    return 0


def _driver(scenario: str) -> str:
    return CONFIRMED[scenario][1] if scenario in CONFIRMED else SCENARIOS[scenario].driver


def _record(scenario: str, kernel: str, file: Path) -> Trace:
    if scenario not in CONFIRMED:
        # As the shipped answers: of one processor, whatever the machine.
        return record(scenario, kernel=kernel, out=file, accel="tcg")
    cell = CONFIRMED[scenario][0]
    mount, placement, cleanup, metadata = cell.split()
    design = design_from_choices(
        kernel=kernel, mount=mount, placement=placement, cleanup=cleanup, metadata=metadata
    )
    units, found = module_units({START: design}), find_kernel(kernel)
    functions = functions_in(units.values(), START)
    run = JudgedRun(f"{START} last-close", "last-close", scenario, functions, design=cell)
    text = record_judged(found, build_module(found, units), run)
    write_text(text, file)
    return parse(text)


def whole(scenario: str, kernel: str, file: Path) -> Trace:
    """Record until nothing is missing: an interrupt within the tracer can hide one entry."""
    for _ in range(TRIES):
        trace = _record(scenario, kernel, file)
        if not trace.missing:
            return trace
    raise GmemvizError(f"recorded {TRIES} times, and still: {' '.join(trace.missing)}")


if __name__ == "__main__":
    sys.exit(main())
