"""gmemviz record: run a scenario in a real kernel in QEMU and bring its recording back."""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from gmemviz.cli.parser import refuse, time_limit
from gmemviz.errors import GmemvizError, choice
from gmemviz.facts import kernels
from gmemviz.record.boot import ACCELERATORS, LIMIT, SCENARIOS, record

TAKEN: Final = ("scenario", "kernel", "modules", "output", "accel", "limit")


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "record", help="record a scenario in a real kernel",
        description="Boot a kernel in QEMU, run a scenario under the function_graph tracer and "
        f"write the recording. `make kernels` fetches {' and '.join(kernels())}.",
    )  # fmt: skip
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="one of --list")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    parser.add_argument("--kernel", metavar="KERNEL", help=f"an image, {' or '.join(kernels())}")
    parser.add_argument("--modules", type=Path, metavar="DIR", help="where its modules are")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE",
        help="file to write, packed if it ends in .xz (KERNEL-SCENARIO.txt)",
    )  # fmt: skip
    parser.add_argument(
        "--accel", metavar="ACCEL",
        help=f"{' or '.join(ACCELERATORS)}, where it works ({ACCELERATORS[0]})",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=time_limit, metavar="SECONDS", help=f"when to give up ({LIMIT:g})"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.list:
        refuse(arguments, "--list records nothing", TAKEN, of="a SCENARIO")
        width = max(map(len, SCENARIOS))
        for name, scenario in SCENARIOS.items():
            print(f"{name:{width}}  {scenario.driver}")
        return 0
    if arguments.scenario:
        choice("scenario", arguments.scenario, SCENARIOS)
    if arguments.accel:
        choice("accelerator", arguments.accel, ACCELERATORS)
    if not (arguments.scenario and arguments.kernel):
        raise GmemvizError("say which SCENARIO and which --kernel (see gmemviz record --help)")
    out = arguments.output or Path(f"{Path(arguments.kernel).name}-{arguments.scenario}.txt")
    trace = record(
        arguments.scenario,
        kernel=arguments.kernel,
        modules=arguments.modules,
        out=out,
        accel=arguments.accel or ACCELERATORS[0],
        limit=arguments.limit or LIMIT,
        progress=_progress,
    )
    print(f"{out}: {len(trace.events)} functions entered, on Linux {trace.kernel}")
    return 0


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
