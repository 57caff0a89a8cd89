"""Measure reading source: the corpus beside coccinelle, and with TREE a filesystem and a kernel.

Both judge the same files of tests/derive/corpus in the same run, each in processes of its own whose
CPU seconds count. A broken form is found where its code is said of it, a mended one right where
nothing is. Coccinelle (apt) has the rules of `teardown.cocci`.

Run it from the checkout: python benchmarks/bench_corpus.py [TREE]
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parent / "tests" / "derive" / "corpus"
RULES = HERE / "teardown.cocci"
FORMS = ("broken", "mended")
SAID = re.compile(r"^([a-z-]+) (?:.*/)?([a-z0-9]+?)(?:_\w+|\.c)?$", re.MULTILINE)
"""What a rule prints: a code, and a file or a function, both of which begin with the case's key."""

ALL = """
import sys
from pathlib import Path
from gmemviz.derive import derive_table, judge_derived, open_tree, tables_of
deeds = open_tree(Path(sys.argv[1]), kernel="6.12")
for table in tables_of(deeds):
    found = judge_derived(derive_table(deeds, table, "6.12"))
    for report in found.broken:
        for code in report.defects or ():
            print(code, table.path)
"""


def run(command: list[str]) -> tuple[float, str]:
    """Return the CPU seconds of a process and its children, and what it printed."""
    with tempfile.TemporaryDirectory() as cache:  # nothing that was kept answers
        settings = {**os.environ, "XDG_CACHE_HOME": cache}
        before = os.times()
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=settings)
        after = os.times()
    spent = after.children_user + after.children_system
    return spent - before.children_user - before.children_system, done.stdout


def judged(command: Mapping[str, list[str]]) -> tuple[float, dict[str, dict[str, set[str]]]]:
    """Return CPU seconds, and the codes said of each file by form."""
    total = 0.0
    found: dict[str, dict[str, set[str]]] = {}
    for form in FORMS:
        spent, text = run(command[form])
        total += spent
        found[form] = defaultdict(set)
        for code, key in SAID.findall(text):
            found[form][key].add(code)
    return total, found


def compared() -> None:
    """Print what each finds, and at what price."""
    cases = tomllib.loads((HERE.parent / "tests" / "derive" / "corpus.toml").read_text("utf-8"))
    jobs = {"gmemviz": {form: [sys.executable, "-c", ALL, str(CORPUS / form)] for form in FORMS}}
    if spatch := shutil.which("spatch"):
        rules = [spatch, "--sp-file", str(RULES), "--very-quiet", "--dir"]
        jobs["coccinelle"] = {form: [*rules, str(CORPUS / form)] for form in FORMS}
    seconds = {}
    for name, job in jobs.items():
        seconds[name], found = judged(job)
        right = sum(row["broken"] in found["broken"][key] for key, row in cases.items())
        quiet = sum(not found["mended"][key] for key in cases)
        print(f"{name:12} {seconds[name]:6.1f} CPU s   broken found {right:3} of {len(cases)}"
              f"   mended right {quiet:3} of {len(cases)}")  # fmt: skip
    if len(seconds) > 1:
        print(f"ratio {seconds['coccinelle'] / seconds['gmemviz']:.1f}")


def of_a_tree(tree: str) -> None:
    """Print what one filesystem, and a whole kernel, cost from a cold tree."""
    command = [sys.executable, "-m", "gmemviz", "check", "--tree", tree]
    for which in (["--fs", "ext4"], ["--all"]):
        spent, text = run([*command, *which])
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        last = text.strip().splitlines()[0][:60]
        print(f"{' '.join(which):12} {spent:6.1f} CPU s   at most {megabytes:.0f} MB   {last}")


if __name__ == "__main__":
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    compared()
    for folder in sys.argv[1:]:
        of_a_tree(folder)
