"""Measure extraction: CPU seconds from a cold start to a graph rooted at iput, against peers.

Every job is a process of its own, run in turns; the least of the rounds counts, as the
machine may be busy. tree-sitter and tree-sitter-c (pip) and cscope (apt) are left out where
they are missing. What is compared is the time until a rooted graph can be drawn, and not
equal work: cscope extracts everything, tree-sitter parses everything.

Run it from the checkout: python benchmarks/bench_extract.py TREE [--rounds N] [--python PYTHON]
where PYTHON has tree-sitter.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gmemviz import facts
from gmemviz.extract.tree.tree import Tree
from gmemviz.facts import encoding

FOLDERS = ("fs", "mm", "virt", "ipc", "kernel", "security", "include/linux", "net/socket.c")
FILESYSTEMS = ("virt/kvm/guest_memfd.c", "mm/shmem.c", "fs/hugetlbfs/inode.c")
SNAPSHOT = Path(facts.__file__).parent / "data" / f"{facts.kernels()[-1]}.json.gz"
CSCOPE_LEAVES = (".out", ".in", ".po")

ROOTED = """
import sys
from pathlib import Path
from gmemviz.extract.body import Reader
from gmemviz.extract.index import Index
from gmemviz.extract.kernel import no_collection, scan, teardown_targets
from gmemviz.extract.tree.tree import Tree
from gmemviz.extract.walk import follow, quiet
tree, folders, filesystems = Path(sys.argv[1]), sys.argv[2].split(), sys.argv[3].split()
with no_collection():
    index = Index(Tree(tree))
    paths = index.tree.files(folders)
    found = scan(index, paths, frozenset(paths), quiet)
    targets = teardown_targets(entry for entry in found if entry[0] in filesystems)
    read = follow(Reader(index), ["iput"], targets, 5)
print(len(read), "functions,", sum(len(f.calls) for f in read.values()), "calls")
"""
WHOLE = """
import sys
from pathlib import Path
from gmemviz.facts.census import combination
from gmemviz.extract.kernel import table_records
from gmemviz.extract.ops.tables import tables
from gmemviz.extract.tree.tree import Tree
tree = Tree(Path(sys.argv[1]))
found = [(path, table) for path in tree.files([""]) for table in tables(tree.read(path), path)]
records = [t for t in table_records(tree, found) if t.struct == "super_operations"]
print(len(records), "super_operations,", len({combination(t) for t in records}), "combinations")
"""
TREE_SITTER = """
import sys
import tree_sitter_c
from tree_sitter import Language, Parser
parser = Parser(Language(tree_sitter_c.language()))
count = 0
for path in open(sys.argv[1]):
    with open(path.strip(), "rb") as file:
        count += parser.parse(file.read()).root_node.has_error
print(count, "files with errors")
"""
READ = """
import sys
print(sum(len(open(path.strip(), "rb").read()) for path in open(sys.argv[1])) / 1e6, "MB")
"""


def cpu_seconds(command: list[str], folder: Path) -> tuple[float, str]:
    """Return the user and system time of a process and its children, and what it printed."""
    for left in Path(command[-1]).parent.glob(f"{Path(command[-1]).name}*"):
        if left.suffix in CSCOPE_LEAVES:
            left.unlink()  # else cscope would only bring its last index up to date
    before = os.times()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    after = os.times()
    if done.returncode:
        return float("nan"), done.stderr.strip().splitlines()[-1]
    spent = after.children_user + after.children_system
    return spent - before.children_user - before.children_system, done.stdout.strip()


def jobs(tree: Path, listing: Path, python: str) -> dict[str, list[str]]:
    """Return the processes to run, by what they measure."""
    rooted = [sys.executable, "-c", ROOTED, str(tree), " ".join(FOLDERS), " ".join(FILESYSTEMS)]
    found = {
        "read the files": [sys.executable, "-c", READ, str(listing)],
        "gmemviz, cold to a rooted graph": rooted,
        "gmemviz, whole tree's tables": [sys.executable, "-c", WHOLE, str(tree)],
    }
    if subprocess.run([python, "-c", "import tree_sitter_c"], check=False).returncode == 0:
        found["tree-sitter, parse"] = [python, "-c", TREE_SITTER, str(listing)]
    if cscope := shutil.which("cscope"):
        for flags in (["-b", "-q"], ["-b"]):
            name = f"cscope {' '.join(flags)}"
            found[name] = [cscope, *flags, "-k", "-i", str(listing), "-f", str(listing) + ".out"]
    return found


def warm_ms(rounds: int) -> dict[str, float]:
    """Return the median milliseconds of what a shipped snapshot answers in process."""
    times: dict[str, list[float]] = {"load a snapshot": [], "query iput, 3 filesystems": []}
    names = ["guest_memfd", "shmem", "hugetlbfs"]
    for _ in range(rounds):
        started = time.perf_counter()
        found = encoding.read(SNAPSHOT)
        loaded = time.perf_counter()
        facts.callees(found, "iput", depth=5, filesystems=names)
        times["load a snapshot"].append((loaded - started) * 1000)
        times["query iput, 3 filesystems"].append((time.perf_counter() - loaded) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Print the least CPU seconds of each job, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--python", default=sys.executable)
    chosen = parser.parse_args()
    root = chosen.tree.resolve()
    tree = Tree(root)
    paths = tree.files(FOLDERS)
    print(f"linux {tree.release}, {len(paths)} files of {' '.join(FOLDERS)}")
    least: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        listing = Path(scratch) / "files"
        listing.write_text("".join(f"{root / path}\n" for path in paths))
        for _ in range(chosen.rounds):
            for name, command in jobs(root, listing, chosen.python).items():
                spent, said = cpu_seconds(command, Path.cwd())
                if not least.get(name, float("inf")) <= spent:
                    least[name] = spent
                print(f"  {name:34} {spent:6.2f} CPU s  {said}", flush=True)
    ours = least["gmemviz, cold to a rooted graph"]
    for name, spent in least.items():
        print(f"{name:34} {spent:6.2f} CPU s  {spent / ours:5.1f} x ours")
    for name, ms in warm_ms(15).items():
        print(f"{name:34} {ms:6.1f} ms, median, a first query decodes what it needs")


if __name__ == "__main__":
    main()
