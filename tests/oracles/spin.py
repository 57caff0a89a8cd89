"""Run SPIN on Promela text, and believe it only where its search was complete.

Also the cells that it is run on, by tests and by a benchmark.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from gmemviz.errors import MissingToolError
from gmemviz.model import design_from_choices
from gmemviz.model.design.cell import why_not
from gmemviz.study import cells
from gmemviz.study.matrix import NAMES
from tests.oracles.promela import CODES

START, STEP, CELLS = 45, 2277, 40
"""A walk over the cells that meets every choice, every scenario and every defect of the matrix."""

FILE = "design.pml"

SPIN = ("spin", "-o1", "-o2", "-a", FILE)  # leave no variable out of a state
GCC = ("gcc", "-w", "-O0", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c")
# -O0: compiling takes far longer than searching. -DNOREDUCE: every step reads what others
# write, so reduction would gain nothing, and `timeout` needs no argument without it.
PAN = ("./pan", "-c0", "-w18")  # -c0: go on after an error
DEPTH = 10_000

ERROR = re.compile(r"^pan:\d+: (.*?)(?: \(at depth -?\d+\))?$", re.MULTILINE)
FLAG = re.compile(r"assertion violated +!\((\w+)\)")
COUNTS = {
    "errors": re.compile(r"errors: (\d+)$", re.MULTILINE),
    "states": re.compile(r"^ *(\d+) states, stored$", re.MULTILINE),
    "transitions": re.compile(r"^ *(\d+) transitions \(= stored\+matched\)$", re.MULTILINE),
}
CUT_SHORT = ("max search depth too small", "Search not completed", "out of memory", "max. mem")


class SpinError(Exception):
    """Say that SPIN gave no verdict: bad Promela, or a search that was cut short."""


class Verdict(NamedTuple):
    """Give the defect codes that SPIN reached, and the size of its search."""

    codes: frozenset
    states: int
    transitions: int


def design_of(cell):
    """Return the Design of a cell."""
    return design_from_choices(**dict(zip(NAMES, cell, strict=True)))


def sample():
    """Return the cells to try: only those whose choices go together."""
    fit = [cell for cell in cells() if not any(why_not(*kept) for kept in design_of(cell).keeps)]
    return [fit[(START + STEP * at) % len(fit)] for at in range(CELLS)]


def verify(text, *, depth=DEPTH):
    """Return the Verdict on Promela text; SpinError where there is none."""
    for tool in ("spin", "gcc"):
        if not shutil.which(tool):
            raise MissingToolError(f"{tool} is missing: apt-get install spin gcc")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, FILE).write_text(text, encoding="ascii")
        for command in (SPIN, GCC, (*PAN, f"-m{depth}")):
            said = run(folder, command)
        return read(said)


def run(folder, command):
    """Return what a command says in a folder; SpinError where it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode:
        raise SpinError(f"{command[0]} failed: {said.strip()[:1000]}")
    return said


def read(said):
    """Return the Verdict in what pan has printed."""
    if cut := [words for words in CUT_SHORT if words in said]:
        raise SpinError(f"the search is not complete: {cut[0]}")
    if "Full statespace search for:" not in said:
        raise SpinError(f"no full search: {said[:1000]}")
    counts = {name: int(found[1]) for name, p in COUNTS.items() if (found := p.search(said))}
    known = {code.replace("-", "_"): code for code in CODES}
    codes = set()
    for error in ERROR.findall(said):
        flag = FLAG.fullmatch(error)
        if not flag or flag[1] not in known:
            raise SpinError(f"pan found what is no defect: {error}")
        codes.add(known[flag[1]])
    if counts.keys() != COUNTS.keys() or bool(codes) != bool(counts["errors"]):
        raise SpinError(f"pan's answer is not understood: {said[:1000]}")
    return Verdict(frozenset(codes), counts["states"], counts["transitions"])
