"""Make the shipped recordings anew: `make recordings`; needs QEMU, gcc and `make kernels`.

Each scenario runs on each kernel that can do it. What a kernel refuses is named and left out.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gmemviz.errors import GmemvizError
from gmemviz.facts.records import Trace
from gmemviz.facts.whole import write_whole
from gmemviz.record.channel import RefusedError
from gmemviz.record.scenarios import SCENARIOS
from gmemviz.record.session import record

__all__ = ("main",)

DATA: Final = Path(__file__).resolve().parent.parent / "gmemviz" / "record" / "data"
KERNELS: Final = ("6.12", "7.3")
INDEX: Final = "index.json"
TRIES: Final = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Record all, or what is named; return 0, or end with one sentence."""
    known = {f"{kernel}-{scenario}": (kernel, scenario) for kernel in KERNELS
             for scenario in SCENARIOS}  # fmt: skip
    parser = argparse.ArgumentParser(prog="scripts.recordings", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=DATA, metavar="DIR")
    parser.add_argument("name", nargs="*", metavar="NAME", help="only these (7.3-gmem)")
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
        except RefusedError as reason:
            print(f"{name}: left out, {reason}", flush=True)
            continue
        except GmemvizError as error:
            sys.exit(f"{name}: {error}")
        driver = SCENARIOS[scenario].driver
        about[name] = {"kernel": trace.kernel, "scenario": scenario, "driver": driver}
        write_whole(index, f"{json.dumps(dict(sorted(about.items())), indent=2)}\n".encode())
        print(f"{name}: {file.stat().st_size:,} bytes", flush=True)
    return 0


def whole(scenario: str, kernel: str, file: Path) -> Trace:
    """Record until nothing is missing: an interrupt within the tracer can hide one entry."""
    for _ in range(TRIES):
        trace = record(scenario, kernel=kernel, out=file)
        if not trace.missing:
            return trace
    raise GmemvizError(f"recorded {TRIES} times, and still: {' '.join(trace.missing)}")


if __name__ == "__main__":
    sys.exit(main())
