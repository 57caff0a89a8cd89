"""Say what a Stage may start from, and make of each what it shows.

The five choices, a Design of the gallery, a filesystem of a shipped kernel as its source was read,
TOML of a reader's own, a filesystem of the tree that GMEMVIZ_TREE names. What comes from a browser
names no file: a stranger may have sent it.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gmemviz.errors import GmemvizError, choice
from gmemviz.facts import load, snapshots, super_tables, table_key
from gmemviz.model import Design, Report, check
from gmemviz.model.design import LONGEST
from gmemviz.render import own_tree
from gmemviz.stage import Headline, headline
from gmemviz.study import designs, gallery

if TYPE_CHECKING:
    from gmemviz.derive import Derived, Verdict

CHOICES: Final = "choices"
"""The word of the five choices, which are a start of their own."""

KINDS: Final = (CHOICES, "gallery", "filesystem", "toml", "tree")


class Begun(NamedTuple):
    """Hold what a Stage begins with; `said` is its headline where the Report's own says more."""

    report: Report
    said: Headline | None = None
    has_run: bool = True


class StartGroup(NamedTuple):
    """Give a heading and its starts: the word that stands for each, and how it is written."""

    label: str
    starts: tuple[tuple[str, str], ...]


def groups() -> list[StartGroup]:
    """Return what a Stage may start from, as a menu has it; the newest kernel comes first."""
    kernels = reversed(snapshots())
    tree = (("tree", "a filesystem of your tree …"),) if own_tree() else ()
    return [
        StartGroup("choices", ((CHOICES, "five choices (guest_memfd)"),)),
        StartGroup("gallery", tuple((f"gallery {name}", name) for name in designs())),
        *(
            StartGroup(f"filesystems of {kernel}, as read", _filesystems(kernel))
            for kernel in kernels
        ),
        StartGroup("your own", (("toml", "TOML of your own …"), *tree)),
    ]


# Two tables of one filesystem, such as those of 9p, are told apart by their own names.
@cache
def _filesystems(kernel: str) -> tuple[tuple[str, str], ...]:
    tables = super_tables(load(kernel))
    many = Counter(table.filesystem for table in tables)
    found = []
    for table in tables:
        alone = table.filesystem and many[table.filesystem] == 1
        text = table.filesystem if alone else f"{table.filesystem} {table.name}".strip()
        found.append((f"filesystem {kernel} {table_key(table)}", text))
    return tuple(sorted(found, key=lambda pair: pair[1].lower()))


def begin(word: str, text: str = "") -> Begun:
    """Return what a start of the menu shows; `text` is the TOML, or the tree's filesystem.

    GmemvizError says what cannot be read, meant or searched.
    """
    kind, _, name = word.partition(" ")
    choice("start", kind, KINDS[1:])
    if kind == "gallery":
        return Begun(check(gallery(name)))
    if kind == "toml":
        if len(text) > LONGEST:
            raise GmemvizError(f"a Design may have {LONGEST:,} characters")
        return Begun(check(Design.from_text(text)))
    from gmemviz.derive import judge_derived  # it loads what reads trees, which most need not

    derived = _of_tree(text) if kind == "tree" else _shipped(*name.partition(" ")[::2])
    return of_source(judge_derived(derived))


def _shipped(kernel: str, key: str) -> "Derived":
    from gmemviz.derive import derive, shipped_tables

    names = {table_key(table): table.name for table in super_tables(load(kernel))}
    wanted = choice("table", key, names)
    found = (read for read in shipped_tables(kernel, names[wanted]))
    return derive(next(read for read in found if table_key(read.table) == wanted))


def _of_tree(name: str) -> "Derived":
    from gmemviz.derive import derive_table, open_tree, road_named, tables_of

    folder = own_tree()
    if folder is None:
        raise GmemvizError("GMEMVIZ_TREE names no kernel tree")
    if not name.strip():
        raise GmemvizError("name a filesystem of your tree, such as ext4")
    deeds = open_tree(folder, name.strip())
    return derive_table(deeds, tables_of(deeds, name.strip())[0], road_named(deeds))


def of_source(verdict: "Verdict") -> Begun:
    """Return what is shown of a filesystem as it was read: the way that breaks, or else its first.

    Of one that is undecided only a way that breaks nothing is shown: what may be a defect is none.
    GmemvizError where the model would search no way.
    """
    if not verdict.reports:
        raise GmemvizError(f"{verdict.derived.table.name} is {verdict.sentence}")
    if verdict.word == "defects":
        report = min(verdict.broken, key=lambda each: len(each.run))
        told = headline(report)
        return Begun(report, told._replace(sentence=f"{told.sentence} (as the source was read)"))
    whole = [each for each in verdict.reports if each.verdict != "defects" and each.whole]
    report = (whole or verdict.reports)[0]
    if verdict.word == "correct":
        return Begun(report, has_run=bool(whole))
    sentence = f"{verdict.sentence[:1].upper()}{verdict.sentence[1:]}"
    short = "as read" if whole and not verdict.broken else "undecided"
    return Begun(report, Headline("unknown", sentence, "", short), has_run=bool(whole))


def said_of(design: Design) -> list[list[Any]]:
    """Return what a Design chooses, where it is none of five choices: headings with their words."""
    return [[name, list(words)] for name, words in _said(design) if words]


def _said(design: Design) -> Iterator[tuple[str, list[str]]]:
    functions = dict(design.functions)
    yield "kernel", [design.kernel]
    yield "superblock (mount)", [design.mount.name]
    yield "metadata", [f"{kept.kind.name} in {kept.placement.name}" for kept in design.keeps]
    yield "hooks", [f"{hook}: {functions.get(hook, f'your_{hook}')}" for hook, _ in design.hooks]
    yield "others", [actor.name for actor in design.actors]
