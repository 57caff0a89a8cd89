"""Measure how many changed recordings `validate` refuses: `make power`.

A mutant of each kind of every shipped recording is held against the gallery's Design, with the
addresses that its probes show and without. The table goes to tests/evidence/power.json, which
tests/evidence/test_power.py compares. Run: python benchmarks/bench_power.py
"""

import json
from collections import Counter
from pathlib import Path

from gmemviz.errors import GmemvizError
from gmemviz.evidence import conform
from gmemviz.facts import Trace
from gmemviz.whole import write_whole
from tests.evidence.mutants import KINDS, mutants

FILE = Path(__file__).parent.parent / "tests" / "evidence" / "power.json"
WAYS = {"with addresses": True, "without": False}


def is_refused(trace: Trace) -> bool:
    """Say whether a recording does not conform; an error is no answer."""
    try:
        return not conform(trace).conforms
    except GmemvizError:
        return False


def main() -> None:
    """Print the table, and write it."""
    rates = {}
    for way, addressed in WAYS.items():
        made: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        for mutant in mutants(addressed=addressed):
            made[mutant.kind] += 1
            if is_refused(mutant.trace):
                refused[mutant.kind] += 1
            else:
                print(f"  {mutant.kind} of {mutant.name} is not refused", flush=True)
        rates[way] = {kind: [made[kind], refused[kind]] for kind in KINDS}
        share = refused.total() / made.total()
        print(f"{way}: {refused.total()} of {made.total()} refused, {share:.1%}")
        for kind, (count, right) in rates[way].items():
            print(f"  {kind:24} {right:4} of {count:4}")
    write_whole(FILE, f"{json.dumps(rates, indent=1)}\n".encode())


if __name__ == "__main__":
    main()
