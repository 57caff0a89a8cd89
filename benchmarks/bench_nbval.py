"""Measure the run of all notebooks with nbval, and how often one fails that had not to.

A kernel sometimes never answers; it is then tried once more, which counts as a failure here.
Run it from the checkout: python benchmarks/bench_nbval.py [ROUNDS]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts.lost_kernels import AGAIN
from tests.test_notebooks import NOTEBOOKS, TIME_LIMIT_S, validated

ROUNDS, GOAL_S, IN_A_ROW = 1, 240, 20


def validate(path):
    """Run one notebook; return its seconds, and what went wrong or ""."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = validated(path, Path(folder))
            failed = done.returncode or AGAIN in done.stdout
            said = done.stdout + done.stderr if failed else ""
        except subprocess.TimeoutExpired as late:
            said = f"no answer in {TIME_LIMIT_S} s\n{(late.stdout or b'').decode()}"
    return time.monotonic() - began, said


def main():
    """Run the rounds, print each as it ends, and return 1 if a notebook failed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    took = {path.stem: [] for path in NOTEBOOKS}
    failed = 0
    for number in range(1, rounds + 1):
        for path in NOTEBOOKS:
            seconds, wrong = validate(path)
            took[path.stem].append(seconds)
            failed += bool(wrong)
            if wrong:
                print(f"round {number}: {path.name} failed\n{wrong}", flush=True)
        whole = sum(seconds[-1] for seconds in took.values())
        print(f"round {number}: {whole:.0f} s, {failed} failed so far", flush=True)
    for name, seconds in took.items():
        print(f"{name:28} {statistics.median(seconds):5.1f} s, longest {max(seconds):5.1f} s")
    whole = statistics.median(map(sum, zip(*took.values(), strict=True)))
    reached = "reached" if whole < GOAL_S else "MISSED"
    print(f"all {len(took)}: {whole:.0f} s, median of {rounds} (goal: < {GOAL_S} s: {reached})")
    print(f"{failed} of {rounds * len(took)} failed (goal: none in {IN_A_ROW} rounds in a row)")
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
