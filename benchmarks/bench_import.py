"""Measure what `import gmemviz` costs over a bare Python, and that it pulls in nothing heavy.

Both are whole processes, run in turns: python benchmarks/bench_import.py
"""

import statistics
import subprocess
import sys
import time

ROUNDS = 21
HEAVY = ("anywidget", "graphviz", "ipywidgets", "IPython", "jupyterlab", "pandas")


def run_ms(code: str) -> float:
    """Return the wall time of a Python process that runs `code`."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Print medians and the difference."""
    times: dict[str, list[float]] = {"pass": [], "import gmemviz": []}
    for _ in range(ROUNDS):
        for code, found in times.items():
            found.append(run_ms(code))
    for code, found in times.items():
        print(f"{code:16} {statistics.median(found):7.1f} ms  (of {ROUNDS}, in turns)")
    bare, ours = (statistics.median(found) for found in times.values())
    print(f"import gmemviz adds {ours - bare:.1f} ms (goal: under 150)")
    code = f"import sys, gmemviz; print([m for m in {HEAVY} if m in sys.modules])"
    heavy = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    print(f"heavy packages imported with it: {heavy.stdout.strip()} (goal: none)")


if __name__ == "__main__":
    main()
