"""Measure the model: how states grow, real bugs, one toggle, the matrix beside SPIN, the largest.

SPIN gets the same questions, as `tests.oracles.promela` writes them, and has to give the same
verdicts. Run it from the checkout: python benchmarks/bench_model.py, with spin and gcc on the PATH.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gmemviz.facts import kernels, load
from gmemviz.model import SCENARIOS, Design, Report, check
from gmemviz.model.search.explore import explore
from gmemviz.model.search.world import world_of
from gmemviz.study import answer, cells, designs, gallery, matrix
from tests.bugs.tables import laid_over
from tests.oracles.promela import promela
from tests.oracles.spin import FILE, GCC, PAN, SPIN, design_of, read, run, sample

PROCESSES = 2
GOAL_MS = 100
# The peak is not getrusage's: that of a child begins with what its parent had.
LARGEST = """
import sys, time
from pathlib import Path
from gmemviz.facts import load
from gmemviz.model import SCENARIOS
from gmemviz.model.search.explore import explore
from gmemviz.model.search.world import world_of
from gmemviz.study import gallery

def peak_mb():
    said = Path("/proc/self/status").read_text()
    return int(said.partition("VmHWM:")[2].split()[0]) / 1024

name, scenario = sys.argv[1:]
design = gallery(name)
world = world_of(design, SCENARIOS[scenario], load(design.kernel))
before, times = peak_mb(), []
for _ in range(9):
    started = time.perf_counter()
    found = explore(world)
    times.append(time.perf_counter() - started)
seconds = sorted(times)[4]
print(f"largest scenario, {scenario} of {name}: {found.states} states, {found.edges} transitions,")
print(f"  {found.states / seconds:.0f} states and {found.edges / seconds:.0f} transitions a second;"
      f" peak memory {peak_mb():.0f} MB, {before:.0f} MB before the search")
"""


def toggle(cell: tuple[str, ...]) -> tuple[float, Report]:
    """Do what a toggle asks of the model; return the processor's seconds and the Report."""
    started = time.process_time()
    report = check(design_of(cell))
    answer(report)  # with the counterexample's steps
    return time.process_time() - started, report


def toggles(kernel: str) -> None:
    """Print the distribution over all cells of a kernel."""
    todo = list(cells([kernel]))
    toggle(todo[0])  # reads the facts
    times = [toggle(cell)[0] * 1000 for cell in todo]
    at = statistics.quantiles(times, n=100)
    share = sum(ms < GOAL_MS for ms in times) / len(times)
    print(
        f"toggle, {len(times)} cells of {kernel}: p50 {at[49]:.1f} ms  p95 {at[94]:.1f} ms  "
        f"max {max(times):.1f} ms; {share:.2%} under {GOAL_MS} ms"
    )


def all_cells() -> float:
    """Print and return the wall time of the whole matrix."""
    started = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES) as executor:
        rows = matrix(executor=executor)
    seconds = time.perf_counter() - started
    fit = sum(row["applicable"] for row in rows)
    print(f"matrix, {len(rows)} cells on {PROCESSES} processes: {seconds:.1f} s wall")
    return seconds / fit


def ask_spin(report: Report) -> dict[str, float]:
    """Return SPIN's seconds for all scenarios of a cell, by stage."""
    seconds = dict.fromkeys(("promela", SPIN[0], GCC[0], PAN[0]), 0.0)
    for found in report.explorations:
        scenario, started = found.world.scenario, time.perf_counter()
        text = promela(report.design, scenario)
        seconds["promela"] += time.perf_counter() - started
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, FILE).write_text(text, encoding="ascii")
            for command in (SPIN, GCC, PAN):
                started = time.perf_counter()
                said = run(folder, command)
                seconds[command[0]] += time.perf_counter() - started
        if (codes := read(said).codes) != found.found.keys():
            sys.exit(f"{report.design.title}, {scenario.name}: SPIN finds {sorted(codes)}")
    return seconds


def beside_spin(whole: float) -> None:
    """Print the seconds a cell of both, one cell after another; `whole` is the matrix's wall."""
    ours, theirs = [], []
    for cell in sample():
        seconds, report = toggle(cell)
        ours.append((seconds, len(report.explorations)))
        theirs.append(ask_spin(report))
    scenarios = sum(number for _, number in ours)
    mean = statistics.mean(seconds for seconds, _ in ours)
    spin = statistics.mean(sum(stages.values()) for stages in theirs)
    told = [f"{name} {sum(s[name] for s in theirs) / scenarios * 1000:.0f}" for name in theirs[0]]
    print(f"SPIN, {len(ours)} cells, {scenarios} scenarios: the same verdicts;")
    print(f"  ms a scenario: {', '.join(told)}")
    print(f"  a cell in one process: SPIN {spin:.2f} s, ours {mean * 1000:.1f} ms: "
          f"{spin / mean:.0f} times")  # fmt: skip
    print(f"  a cell of the whole matrix: SPIN the same (extrapolated), ours {whole * 1000:.1f} ms"
          f" of wall on {PROCESSES} processes: {spin / whole:.0f} times")  # fmt: skip


def largest() -> tuple[str, str]:
    """Return the gallery's Design and the scenario with the most states."""
    sizes = {
        (name, scenario.name): explore(world_of(design, scenario, load(design.kernel))).states
        for name in designs()
        for design in [gallery(name)]
        for scenario in SCENARIOS.values()
        if scenario.asks(design)
    }
    return max(sorted(sizes), key=lambda pair: sizes[pair])


GROWING = """
kernel = "7.3"
mount = "own"
filled = {filled}
named = {named}
metadata.blob = {{ placement = "containing-struct" }}
hooks.alloc_inode = ["alloc container"{init}]
hooks.free_inode = ["free blob", "free struct"]
"""
OF_FOLIO = """
metadata.tag = { placement = "folio" }
hooks.free_folio = ["free tag"]
"""
"""What each folio keeps is asked about with two of them."""
BESIDE = ("rcu", "inode", "O_PATH file", "dentry")
"""What the actors hold, one by one; each reads once, and umount waits for it."""


def growing(actors: int, *, inodes: int, folios: int, named: bool = False) -> Design:
    """Return a Design with so many actors; of what alloc_inode leaves alone a second inode asks."""
    init = ', "init blob"' if inodes == 1 else ""
    words = {"filled": str(folios > 0).lower(), "named": str(named).lower()}
    text = GROWING.format(init=init, **words) + OF_FOLIO * (folios == 2)
    for number, holds in enumerate(BESIDE[:actors]):
        text += f'actors.a{number} = {{ holds = "{holds}", until = "umount", times = 1, '
        text += 'does = ["read blob"] }\n'
    return Design.from_text(text)


def growth() -> None:
    """Print states and CPU seconds with more and more actors, folios and inodes, and with names."""
    print(f"load {os.getloadavg()[0]:.1f}; seconds are of the processor")
    print("actors  inodes  folios  named   states  largest search  seconds")
    rows = [(*row, False) for row in product((1, 2), (0, 1, 2), range(len(BESIDE) + 1))]
    rows += [(2, 2, actors, True) for actors in range(len(BESIDE))]
    for inodes, folios, actors, named in rows:
        started = time.process_time()
        report = check(growing(actors, inodes=inodes, folios=folios, named=named))
        seconds = time.process_time() - started
        largest_search = max(search.states for search in report.explorations)
        limit = "" if report.is_complete else ", limit met: " + report.verdict
        print(f"{actors:6}  {inodes:6}  {folios:6}  {named:5}  {report.states:7}"
              f"  {largest_search:14}  {seconds:7.2f}{limit}")  # fmt: skip


def real_bugs() -> None:
    """Print what the check of each Design of tests/bugs costs, broken and mended."""
    cases: dict[str, dict[str, dict[str, object]]] = {}
    for file in sorted((Path(__file__).parents[1] / "tests" / "bugs").glob("*.toml")):
        cases |= tomllib.loads(file.read_text(encoding="utf-8"))
    found: list[tuple[float, int, str]] = []
    for key, case in cases.items():
        for form in (case["broken"], laid_over(case["broken"], case["mended"])):
            design, started = Design.from_table(key, form), time.process_time()
            report = check(design)
            found.append((time.process_time() - started, report.states, key))
            if not report.is_complete:
                print(f"{key}: limit met")
    times = [seconds for seconds, *_ in found]
    print(
        f"real bugs, {len(found)} Designs: mean {statistics.mean(times) * 1000:.0f} ms of the "
        f"processor, p95 {statistics.quantiles(times, n=100)[94] * 1000:.0f} ms"
    )
    for seconds, states, key in sorted(found, reverse=True)[:3]:
        print(f"  {seconds:.2f} s  {states:6} states  {key}")


def main() -> None:
    """Print all of it."""
    growth()
    real_bugs()
    if lacking := [tool for tool in ("spin", "gcc") if not shutil.which(tool)]:
        sys.exit(f"{', '.join(lacking)} missing: apt-get install spin gcc")
    for kernel in kernels():
        toggles(kernel)
    beside_spin(all_cells())
    subprocess.run([sys.executable, "-c", LARGEST, *largest()], check=True)


if __name__ == "__main__":
    main()
