"""Let real kernels judge the whole matrix anew: `make confirmed`; needs QEMU, gcc, make kernels.

What they say is shipped as data, a file a kernel. A cell that disagrees is named, and the exit
status is 1: the model, the C or the driver is wrong, or an assumption is not said.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from gmemviz.errors import GmemvizError
from gmemviz.evidence.confirm.cells import confirm_cells, made_of
from gmemviz.facts import kernels
from gmemviz.study.confirmed import CHOSEN, file_of, write_confirmed

__all__ = ("main",)

DATA: Final = Path(__file__).resolve().parent.parent / "gmemviz" / "study" / "data"


def main(argv: Sequence[str] | None = None) -> int:
    """Confirm all kernels, or those named; return 0, 1 for a disagreement, or end in a sentence."""
    known = ", ".join(kernels())
    parser = argparse.ArgumentParser(prog="scripts.confirmed", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=DATA, metavar="DIR")
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"only these ({known})")
    arguments = parser.parse_args(argv)
    if unknown := sorted(set(arguments.name) - set(kernels())):
        sys.exit(f"no kernel {', '.join(unknown)} is confirmed (only {known})")
    disagree = 0
    arguments.output.mkdir(exist_ok=True)
    for kernel in arguments.name or kernels():
        try:
            # All shipped answers come of one processor, whatever the machine.
            rows = confirm_cells(kernel, accel="tcg", progress=partial(print, flush=True))
            date = datetime.now(UTC).date().isoformat()
            file = arguments.output / file_of(kernel)
            write_confirmed(rows, file, date=date, made_of=made_of(kernel))
        except GmemvizError as error:
            sys.exit(f"{kernel}: {error}")
        counts = Counter(row["judgement"] for row in rows)
        print(f"{kernel}: {', '.join(f'{n} {word}' for word, n in sorted(counts.items()))}")
        for row in rows:
            if row["judgement"] == "disagrees":
                disagree += 1
                cell = " ".join(row[name] for name in CHOSEN)
                print(f"  {cell}: missing {row['missing']}, surplus {row['surplus']}")
    return 1 if disagree else 0


if __name__ == "__main__":
    sys.exit(main())
