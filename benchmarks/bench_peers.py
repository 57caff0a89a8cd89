"""Hold what we and other tools read against the hand-read list of teardown edges.

cscope and GNU global see the same folders as we do, cflow only the files of the list, as its
time grows faster than the text. Names that `facts.noise` drops are left out of every
tool's answers, as the list leaves them out. For global we cut references to a function's lines,
as it has no question for callees; references without a parenthesis are none of its false calls.
A peer's deferred edge counts when it names the callback, in whatever words.

Run it from the checkout: python benchmarks/bench_peers.py TREE, with cscope, gtags, global and
cflow on the PATH.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.extract import extract
from gmemviz.extract.body import LSM_CALLS
from gmemviz.extract.code.definitions import body_end, definitions
from gmemviz.extract.tree.tree import Tree
from gmemviz.facts.noise import is_noise
from gmemviz.facts.query import callees
from gmemviz.facts.snapshot import Facts

FOLDERS: Final = ("fs", "mm", "virt", "ipc", "kernel", "security", "include/linux", "net/socket.c")
LIST: Final = Path(__file__).parent.parent / "tests" / "facts" / "teardown_edges.txt"
KINDS: Final = ("direct", "inline", "ops", "deferred", "default")
TOOLS: Final = ("cscope", "gtags", "global", "cflow")
NO_CALL: Final = " named"  # after a name that global refers to without a parenthesis
CALLEE: Final = re.compile(r"^    (\w+)\(", re.MULTILINE)


class Place(NamedTuple):
    """Name a function of the list, and the file and lines where it stands."""

    name: str
    path: str
    first: int
    last: int


Edges = dict[Place, set[tuple[str, str]]]
Answer = dict[Place, set[str]]


def read_list(tree: Tree) -> Edges:
    """Return the kinds and callees of each function of the list."""
    found: Edges = {}
    edges: set[tuple[str, str]] = set()
    for text in LIST.read_text(encoding="utf-8").splitlines():
        if text.startswith("#"):
            continue
        if " | " in text:
            name, path, line = text.split(" | ")
            last = last_line(tree, path, int(line))
            edges = found[Place(name, path, int(line), last)] = set()
        else:
            _, kind, callee, _ = text.split()
            edges.add((kind, callee))
    return found


def last_line(tree: Tree, path: str, line: int) -> int:
    """Return the line on which the function that begins at `line` ends."""
    text = tree.read(path)
    for found in definitions(text, path):
        if tree.line(path, found.at) == line:
            return tree.line(path, body_end(text, found.body) - 1)
    sys.exit(f"{path}:{line} begins no function: the list is of another kernel than TREE")


def run(tree: Tree, *words: str, **environment: str) -> str:
    """Return what a tool prints when run in the tree."""
    settings = {**os.environ, **environment}
    done = subprocess.run(
        words, cwd=tree.folder, env=settings, check=False, capture_output=True, text=True,
        errors="replace",
    )  # fmt: skip
    if done.returncode and not done.stdout:
        sys.exit(f"{words[0]} failed: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
    return done.stdout


def ask_cscope(tree: Tree, places: list[Place], listing: Path, scratch: Path) -> Answer:
    """Return the functions that cscope says are called by each."""
    index = str(scratch / "cscope.out")
    run(tree, "cscope", "-b", "-q", "-k", "-i", str(listing), "-f", index)
    found: Answer = {}
    for place in places:
        said = run(tree, "cscope", "-d", "-q", "-f", index, "-L", "-2", place.name)
        lines = [line.split(maxsplit=3) for line in said.splitlines()]
        found[place] = {part[1] for part in lines if within(place, part[0], part[2])}
    return found


def ask_global(tree: Tree, places: list[Place], listing: Path, scratch: Path) -> Answer:
    """Return the names that global has references to on the lines of each function."""
    run(tree, "gtags", "-f", str(listing), str(scratch))
    where = {"GTAGSROOT": tree.root, "GTAGSDBPATH": str(scratch)}
    found: Answer = {place: set() for place in places}
    for path in sorted({place.path for place in places}):
        for line in run(tree, "global", "-x", "-f", "-r", path, **where).splitlines():
            name, number, file, text = line.split(maxsplit=3)
            name += "" if re.search(rf"\b{name}\s*\(", text) else NO_CALL
            for place in places:
                if within(place, file, number) and int(number) > place.first:
                    found[place].add(name)
    return found


def ask_cflow(tree: Tree, places: list[Place], _listing: Path, _scratch: Path) -> Answer:
    """Return the functions one step below each in cflow's tree, from the files of the list."""
    files = sorted({place.path for place in places})
    return {
        place: set(
            CALLEE.findall(run(tree, "cflow", "-i", "_", "-d", "2", "-m", place.name, *files))
        )
        for place in places
    }


def within(place: Place, path: str, line: str) -> bool:
    """Tell whether a line of a file is one of the function's."""
    return path == place.path and place.first <= int(line) <= place.last


def ask_us(facts: Facts, places: list[Place]) -> tuple[Answer, Edges]:
    """Return our calls by name; and all edges: for a hook, those that end at a function."""
    named: Answer = {}
    edges: Edges = {}
    for place in places:
        calls = facts.function(place.name, place.path).calls
        named[place] = {call.callee for call in calls if call.kind not in ("ops", "deferred")}
        edges[place] = {(call.kind, call.callee) for call in calls if call.kind != "ops"}
        # An architecture's function may hide behind a header's stub, and so be called inline.
        edges[place] |= {(kind, name) for name in named[place] for kind in ("direct", "inline")}
        through = callees(facts, place.name, noise=True, path=place.path)
        edges[place] |= {("ops", edge.hook) for edge in through if edge.kind == "ops"}
    return named, edges


def row(name: str, truth: Edges, answer: Answer, given: Callable[[Place, str, str], bool]) -> str:
    """Return one line: the direct calls, what is false, and the edges of each other kind."""
    wanted = {kind: [(p, c) for p, g in truth.items() for k, c in g if k == kind] for kind in KINDS}
    have = {kind: sum(given(p, kind, c) for p, c in pairs) for kind, pairs in wanted.items()}
    members = others = right = 0
    wrong = []
    for place, group in truth.items():
        called = {callee for kind, callee in group if kind != "ops"}
        hooks = {callee for kind, callee in group if kind == "ops"}
        for callee in sorted(answer[place]):
            if callee.endswith(NO_CALL):
                continue
            if callee not in called and not is_noise(callee) and callee not in LSM_CALLS:
                members += callee in hooks
                others += callee not in hooks
                wrong.append(f"{place.name} -> {callee}")
            elif callee in called:
                right += 1
    counts = "  ".join(f"{have[kind]:3} of {len(wanted[kind]):3}" for kind in KINDS)
    false = f"{members:3} {others:3}  {right / (right + members + others):6.1%}"
    return f"{name:8} {counts}  {false}\n" + "".join(f"    false: {edge}\n" for edge in wrong)


def main() -> None:
    """Print what each tool finds of the list, and which of its calls are false."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("--false", action="store_true", help="print every false call")
    chosen = parser.parse_args()
    if lacking := [name for name in TOOLS if not shutil.which(name)]:
        sys.exit(f"{', '.join(lacking)} missing: the Debian packages are cscope, global and cflow")
    tree = Tree(chosen.tree.resolve())
    truth = read_list(tree)
    places = list(truth)
    facts = extract(
        tree.folder, folders=FOLDERS, roots=sorted({place.path for place in places}), depth=1
    )
    named, edges = ask_us(facts, places)

    implementers: dict[str, set[str]] = {}
    for member, function in (slot for table in facts.tables for slot in table.slots):
        implementers.setdefault(member, set()).add(function)

    print(f"linux {tree.release}: {len(places)} functions; given of the list's edges, by kind;")
    print("false: members taken for functions, others; precision of calls by name")
    heads = "  ".join(f"{kind:>10}" for kind in KINDS)
    print(f"{'':8} {heads}    m   o  precision")
    rows = [row("gmemviz", truth, named, lambda place, *edge: edge in edges[place])]
    for name, ask in (("cscope", ask_cscope), ("global", ask_global), ("cflow", ask_cflow)):
        with tempfile.TemporaryDirectory() as folder:
            listing = Path(folder) / "files"
            listing.write_text("".join(f"{path}\n" for path in tree.files(FOLDERS)))
            said = ask(tree, places, listing, Path(folder))

        def theirs(place: Place, kind: str, callee: str, said: Answer = said) -> bool:
            # A member's name leads nowhere: an edge through a table ends at a function in it.
            ends = implementers.get(callee, set()) if kind == "ops" else {callee}
            return bool(said[place] & (ends | {callee + NO_CALL for callee in ends}))

        rows.append(row(name, truth, said, theirs))
    for text in rows:
        print(text.rstrip() if chosen.false else text.partition("\n")[0])


if __name__ == "__main__":
    main()
