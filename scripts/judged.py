"""Search every table whose deeds are shipped anew: `make judged`, and the end of `make facts`.

A change of the model or of `derive` changes verdicts; the diff of the file says of whom.
"""

import sys
from pathlib import Path
from typing import Final

from gmemviz.derive import (
    Judged,
    TableRead,
    derive,
    judge_derived,
    judged_of,
    packed,
    shipped_tables,
)
from gmemviz.facts import snapshots, table_key
from gmemviz.processes import Workers
from gmemviz.whole import write_whole

OUT: Final = Path(__file__).resolve().parent.parent / "gmemviz" / "derive" / "judged.json"


def judge(read: TableRead) -> Judged:
    """Return the verdict on one table."""
    return judged_of(judge_derived(derive(read)))


def verdicts(kernel: str) -> dict[str, Judged]:
    """Return the verdict on each table of a shipped kernel, searched on all processors."""
    found = shipped_tables(kernel)
    keys = [table_key(read.table) for read in found]
    return dict(zip(keys, Workers().map(judge, found), strict=True))


def main() -> int:
    """Write the verdicts of all kernels."""
    write_whole(OUT, packed({kernel: verdicts(kernel) for kernel in snapshots()}).encode("ascii"))
    print(f"{OUT.name}: {OUT.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
