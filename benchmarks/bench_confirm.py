"""Let a kernel judge cells together, against a module and a boot for each.

The same cells both ways, in turn, in one run: python -m benchmarks bench_confirm [CELLS].
"""

import sys
import time

from gmemviz.evidence.confirm.cells import confirm_cells
from gmemviz.evidence.confirm.confirm import confirm
from gmemviz.facts import judge_kernel
from gmemviz.model import design_from_choices
from gmemviz.study.matrix import NAMES

KERNEL, CELLS = judge_kernel(), 8


def main() -> int:
    """Print both and their ratio; return 1 if the judgements differ."""
    count = int(sys.argv[1]) if sys.argv[1:] else CELLS
    start = time.perf_counter()
    rows = confirm_cells(KERNEL, sample=count)
    together = time.perf_counter() - start
    start = time.perf_counter()
    alone = [
        confirm(design_from_choices(**{name: row[name] for name in NAMES})).judgement
        for row in rows
    ]
    apart = time.perf_counter() - start
    print(f"{rows[0]['release']}, {len(rows)} cells, {sum(row['runs'] for row in rows)} runs")
    print(f"a module and a boot each  {apart:6.1f} s  {apart / len(rows):5.1f} s a cell")
    print(f"together                  {together:6.1f} s  {together / len(rows):5.1f} s a cell")
    print(f"ratio                     {apart / together:6.1f}")
    return int([row["judgement"] for row in rows] != alone)


if __name__ == "__main__":
    sys.exit(main())
