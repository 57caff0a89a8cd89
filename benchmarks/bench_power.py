"""Measure how many changed recordings `validate` refuses: `make power`.

A mutant of each kind of every shipped recording is held against the gallery's Design, with the
addresses that its probes show and without. An error is counted apart: who says nothing of a
recording has refused nothing. The table goes to tests/evidence/power.json, which
tests/evidence/test_power.py compares. Run: python benchmarks/bench_power.py
"""

import json
from collections import Counter
from pathlib import Path

from gmemviz.whole import write_whole
from tests.evidence.mutants import KINDS, mutants, outcome

FILE = Path(__file__).parent.parent / "tests" / "evidence" / "power.json"
WAYS = {"with addresses": True, "without": False}


def main() -> None:
    """Print the table, and write it."""
    rates = {}
    for way, addressed in WAYS.items():
        counts = {kind: Counter[str]() for kind in KINDS}
        for mutant in mutants(addressed=addressed):
            said = outcome(mutant.trace)
            counts[mutant.kind][said] += 1
            if said != "refused":
                print(f"  {mutant.kind} of {mutant.name}: {said}", flush=True)
        rates[way] = {
            kind: [said.total(), said["refused"], said["error"]] for kind, said in counts.items()
        }
        made, right, errors = (sum(column) for column in zip(*rates[way].values(), strict=True))
        print(f"{way}: {right} of {made} refused, {right / made:.1%}; {errors} not answered")
        for kind, (count, refused, unanswered) in rates[way].items():
            print(f"  {kind:24} {refused:4} of {count:4}, {unanswered} not answered")
    write_whole(FILE, f"{json.dumps(rates, indent=1)}\n".encode())


if __name__ == "__main__":
    main()
