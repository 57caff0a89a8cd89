"""Break real filesystems one statement at a time, and ask what is said: `make mutants TREE=...`.

    kfree(ei->i_data);                  -> ;                       drop a free
    .free_inode = toy_free_inode        -> .destroy_inode = ...    before the grace period
    truncate_...(...); clear_inode(...) -> the other way round     before truncation

Only tables that were read in full and are correct are broken. A changed file keeps its length, so
that nothing else of the tree is read anew, and the tree itself is never written to. A mutant is
caught where its verdict has a defect. It `differs` where only the Design has changed, which
`check --against` shows; else it is the `same`, and was missed. None is left out as equivalent.
"""

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.derive import derive_table, judge_derived, open_tree, read_table, tables_of
from gmemviz.errors import GmemvizError
from gmemviz.extract import KernelDeeds
from gmemviz.extract.body import BodyReader
from gmemviz.extract.deeds.summaries import Library
from gmemviz.extract.tree.tree import Tree
from gmemviz.facts import OpsTable, Source, kernels
from gmemviz.whole import write_whole

OUT: Final = Path(__file__).resolve().parent.parent / "tests" / "derive" / "mutants.json"
STATEMENT: Final = re.compile(r"\s*(?:[\w>.\-*]+\s*=\s*[^;{}]+|\w+\(.*\));\s*")
"""A line that is one statement: to take it out leaves what is around it as it was."""

RCU_FREE: Final = re.compile(r"\bk(v?)free_rcu\(([^,;]+),[^;]*\);")
TEST: Final = re.compile(r"if \((![\w>.\-]+|\w+ & MAY_NOT_BLOCK|\w+ & LOOKUP_RCU)\)")
"""A condition whose answer is to end the function: NULL, or RCU walk without a reference."""

MOVES: Final = {
    ("free_inode", "destroy_inode"): "before the grace period",
    ("free_inode", "evict_inode"): "to another hook",
    ("evict_inode", "destroy_inode"): "to another hook",
    ("destroy_inode", "evict_inode"): "to another hook",
}
"""What becomes of a function that stands in another slot of its table, where that is empty."""

DROPS: Final = {
    "free": "drop a free", "init": "drop an init", "clear_inode": "drop a clear_inode",
}  # fmt: skip


KERNEL: Final = kernels()[0]
"""Whose roads the tables are checked on: TREE is a tree of it."""
USUAL: Final = "ext4_sops"
"""A table of the usual folders: with it the drivers, which have a dozen tables, are left out."""

TABLES: Final = (
    "debugfs_super_operations", "bpf_super_ops", "v9fs_super_ops", "minix_sops", "isofs_sops",
    "bfs_sops", "ext2_sops",
)  # fmt: skip
"""Those that are broken; of any other, `python -m scripts.mutants TREE TABLE ...` asks."""

BEFORE_GRACE: Final = "before the grace period"
CORRECT: Final = "correct, 0 unread"
CAUGHT: Final = "caught "
DIFFERS: Final = "differs"
SAME: Final = "same"


class Changed(Tree):
    """Be a tree in which one file has another text, of the same length; all else it shares."""

    def __init__(self, tree: Tree, path: str, text: bytes) -> None:
        vars(self).update(vars(tree))
        self.changed = (path, text)

    def read(self, path: str) -> bytes:
        """Return the changed text, or what the tree has."""
        return self.changed[1] if path == self.changed[0] else super().read(path)


class Mutant(NamedTuple):
    """Be one change: its kind, the table, and a file's new text or the table's new slots."""

    kind: str
    table: OpsTable
    at: str
    text: tuple[str, bytes] | None = None

    @property
    def key(self) -> str:
        """Name it by kind, table and line."""
        return f"{self.kind}: {self.table.name} {self.at}"


def mutants(deeds: KernelDeeds, table: OpsTable) -> Iterator[Mutant]:
    """Yield the mutants of one table, each once."""
    every = (_moved(table), _of_lines(deeds, table), _of_functions(deeds, table))
    known: set[str] = set()
    for mutant in chain.from_iterable(every):
        if mutant.key not in known:
            known.add(mutant.key)
            yield mutant


def _moved(table: OpsTable) -> Iterator[Mutant]:
    taken = dict(table.slots)
    for (old, new), kind in MOVES.items():
        if old in taken and new not in taken:
            slots = tuple((new if name == old else name, value) for name, value in table.slots)
            yield Mutant(kind, replace(table, slots=slots), f"{old} as {new}")


# What a line of the Design was read from is changed, so that it is of weight by our own reading.
def _of_lines(deeds: KernelDeeds, table: OpsTable) -> Iterator[Mutant]:
    for (_, line), places in derive_table(deeds, table, KERNEL).places.items():
        word = line.rpartition(": ")[2].partition(" ")[0]
        source = _own(places, table)
        if source and word in DROPS:
            yield from _changed(deeds, DROPS[word], table, source, _without)
        if source and word in ("free", "clear_inode"):
            yield from _changed(deeds, BEFORE_GRACE, table, source, _at_once)
            yield from _swapped(deeds, table, source)


def _of_functions(deeds: KernelDeeds, table: OpsTable) -> Iterator[Mutant]:
    read = read_table(deeds, table, KERNEL)
    for deed in read.module_exit.deeds if read.module_exit else ():
        if deed.via == "rcu_barrier":
            yield from _changed(deeds, "drop a barrier", table, deed.at, _without)
    ends = [found for hook, found in read.hooks.items() if hook != "alloc_inode"]
    for found in (*ends, *(found for _, found in read.beside.values())):
        yield from _tests(deeds, table, Source(found.path, found.line, found.function, ""))


# The statement nearest to the kernel's own function that is the filesystem's.
def _own(places: Iterable[Source], table: OpsTable) -> Source | None:
    folder = table.path.rpartition("/")[0]
    own = [source for source in places if source.path.rpartition("/")[0] == folder]
    return own[-1] if own else None


def _without(line: str) -> str:
    return f"{';':<{len(line)}}" if STATEMENT.fullmatch(line) else line


def _at_once(line: str) -> str:
    return RCU_FREE.sub(lambda found: f"k{found[1]}free({found[2]});", line).ljust(len(line))


def _untested(line: str) -> str:
    return TEST.sub(lambda found: f"if (NULL{' ' * (len(found[1]) - 4)})", line)


def _lines(deeds: KernelDeeds, path: str) -> list[str]:
    return deeds.tree.read(path).decode("latin-1").split("\n")


def _changed(
    deeds: KernelDeeds, kind: str, table: OpsTable, source: Source, change: Callable[[str], str]
) -> Iterator[Mutant]:
    lines = _lines(deeds, source.path)
    new = change(lines[source.line - 1])
    if new != lines[source.line - 1] and len(new) == len(lines[source.line - 1]):
        lines[source.line - 1] = new
        yield _mutant(kind, table, source, lines)


def _mutant(kind: str, table: OpsTable, source: Source, lines: list[str]) -> Mutant:
    text = "\n".join(lines).encode("latin-1")
    return Mutant(kind, table, f"{source.path}:{source.line}", (source.path, text))


# A free, or clear_inode, trades places with the truncation some lines above it.
def _swapped(deeds: KernelDeeds, table: OpsTable, source: Source) -> Iterator[Mutant]:
    lines = _lines(deeds, source.path)
    here = source.line - 1
    for above in range(here - 1, max(here - 30, 0), -1):
        if lines[above].startswith("{") or lines[above].startswith("}"):
            return
        if "truncate_inode_pages" in lines[above]:
            if STATEMENT.fullmatch(lines[above]) and STATEMENT.fullmatch(lines[here]):
                lines[above], lines[here] = lines[here], lines[above]
                yield _mutant("before truncation", table, source, lines)
            return


# `if (!x)` whose answer is to return; what follows is done with NULL, or without a reference.
def _tests(deeds: KernelDeeds, table: OpsTable, source: Source) -> Iterator[Mutant]:
    lines = _lines(deeds, source.path)
    for at in range(source.line, min(source.line + 60, len(lines) - 1)):
        if lines[at].startswith("}"):
            return
        if lines[at + 1].strip().startswith("return"):
            place = source._replace(line=at + 1)
            yield from _changed(deeds, "drop a NULL test", table, place, _untested)


def asked(deeds: KernelDeeds, mutant: Mutant, before: str) -> str:
    """Return what is said of a mutant of a table, of which `before` was said."""
    tree, library = deeds.tree, deeds.library
    if mutant.text:
        deeds.tree = Changed(tree, *mutant.text)
        deeds.index.tree = deeds.tree
        deeds.library = Library(BodyReader(deeds.index), library.api)
    try:
        said = said_of(deeds, mutant.table)
    finally:
        deeds.tree, deeds.index.tree, deeds.library = tree, tree, library
    return SAME if said == before else said if said.startswith(CAUGHT) else DIFFERS


def said_of(deeds: KernelDeeds, table: OpsTable) -> str:
    """Return the codes of a table's defects, or else its Designs, as text."""
    try:
        derived = derive_table(deeds, table, KERNEL)
    except GmemvizError as error:
        return f"refused: {error}"
    found = judge_derived(derived)
    if found.word == "defects":
        codes = {code for report in found.broken for code in report.defects or ()}
        return f"{CAUGHT}{', '.join(sorted(codes))}"
    return f"{found.word}, {len(derived.unread)} unread: {derived.texts}"


def whole(folder: Path, names: Sequence[str] = TABLES) -> dict[str, str]:
    """Return the answers on all mutants of a tree's tables of these names, by their keys."""
    deeds = open_tree(folder, USUAL)
    found: dict[str, str] = {}
    for table in chain.from_iterable(tables_of(deeds, table=name) for name in names):
        before = said_of(deeds, table)
        if before.startswith(CORRECT):
            for mutant in mutants(deeds, table):
                found[mutant.key] = asked(deeds, mutant, before)
                print(f"{mutant.key}: {found[mutant.key]}", flush=True)
    return found


def shares(answers: Mapping[str, str]) -> dict[str, tuple[int, int, int]]:
    """Return for each kind how many were caught, differ, and are the same.

    >>> shares({"drop a free: toy_ops toy.c:3": "differs"})
    {'drop a free': (0, 1, 0)}
    """
    count = Counter(
        (key.partition(":")[0], said.partition(" ")[0]) for key, said in answers.items()
    )
    words = (CAUGHT.strip(), DIFFERS, SAME)
    kinds = sorted({kind for kind, _ in count})
    return {kind: (count[kind, words[0]], count[kind, words[1]], count[kind, words[2]])
            for kind in kinds}  # fmt: skip


def packed(answers: Mapping[str, str]) -> bytes:
    """Return the answers as a file, with their checksum: nobody writes one by hand."""
    text = json.dumps(answers, indent=0, sort_keys=True)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return f'{{"sha256": "{sha256}", "answers": {text}}}\n'.encode()


def main() -> int:
    """Ask about all mutants of the tree that is named."""
    found = whole(Path(sys.argv[1]), sys.argv[2:] or TABLES)
    for kind, (caught, differ, same) in shares(found).items():
        print(f"{kind:24} {caught:3} caught {differ:3} differ {same:3} the same")
    write_whole(OUT, packed(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
