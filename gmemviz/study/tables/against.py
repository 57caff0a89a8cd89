"""Hold the tables of a tree against those of another, as a patch's review wants them.

Two Designs are the same where all their words are; lines of the source that only moved are no
difference. What differs is said by its first deed, with the statement that it comes from:

    toyfs toy_ops (toy.c:40): correct -> use-after-free
      + evict_inode: free target via kfree [toy.c:52]
      - free_inode: free target via kfree [toy.c:61]
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, NamedTuple

from gmemviz.shown import Rows, shows_itself, text
from gmemviz.study.tables.answers import TableAnswer, TableAnswers, verdict_of

Change = Literal["came", "went", "verdict", "design"]
BODIES: Final[Mapping[str, str]] = {"hooks": "", "actors": "actor ", "callbacks": "callback "}
"""What stands before a body's name, by the key that its table is under."""

NO_TABLE: Final = "no table"


class DesignLine(NamedTuple):
    """Be a line of a Design, with the body that it stands in and where it comes from."""

    body: str
    line: str
    at: str = ""

    def __str__(self) -> str:
        return f"{self.body}: {self.line}" + (f" [{self.at}]" if self.at else "")


@shows_itself
@dataclass(frozen=True)
class TableChange:
    """Say how a table differs between two trees: the verdicts, and the first deeds of each alone.

    `change` is the most that can be said of it: a verdict that differs goes before a Design.
    """

    table: str
    path: str
    line: int
    filesystem: str
    change: Change
    before: str
    after: str
    why: str
    added: DesignLine | None = None
    removed: DesignLine | None = None

    def answer(self) -> dict[str, Any]:
        """Return it as JSON-plain data."""
        deeds = {key: getattr(self, key) for key in ("added", "removed")}
        plain = {key: said._asdict() if said else None for key, said in deeds.items()}
        return {**asdict(self), **plain}

    def __repr__(self) -> str:
        return f"<TableChange {self.table}: {self.before} -> {self.after}>"


class TableChanges(Rows[TableChange]):
    """Be the tables that differ: a list that shows itself."""

    __slots__ = ()


def changed_tables(new: TableAnswers, old: TableAnswers) -> TableChanges:
    """Return the tables that differ, in the order of the new tree; those that went come last.

    A table whose file was moved is found by its name, where that is the only one of the name.
    """
    left = {found.key: found for found in old}
    changes = TableChanges()
    for found in new:
        before = left.pop(_before(found, left), None)
        changes += _changes(found, before)
    changes += [_went(gone) for gone in left.values()]
    return changes


def _before(found: TableAnswer, left: Iterable[tuple[str, str]]) -> tuple[str, str]:
    keys = list(left)
    namesakes = [key for key in keys if key[1] == found.key[1]]
    is_moved = found.key not in keys and len(namesakes) == 1
    return namesakes[0] if is_moved else found.key


def _went(gone: TableAnswer) -> TableChange:
    return _change(gone, "went", verdict_of(gone.row), NO_TABLE)


def _changes(found: TableAnswer, before: TableAnswer | None) -> Iterator[TableChange]:
    after = verdict_of(found.row)
    if before is None:
        yield _change(found, "came", NO_TABLE, after)
        return
    was = verdict_of(before.row)
    added, removed = first_of_each(found.designs, before.designs)
    if was != after or added or removed:
        change: Change = "verdict" if was != after else "design"
        yield _change(found, change, was, after, (added, removed))


def _change(
    found: TableAnswer,
    change: Change,
    before: str,
    after: str,
    deeds: tuple[DesignLine | None, DesignLine | None] = (None, None),
) -> TableChange:
    row = found.row
    place = row["table"], row["path"], row["line"], row["filesystem"]
    return TableChange(*place, change, before, after, row["why"], *deeds)


def first_of_each(
    new: Iterable[Mapping[str, Any]], old: Iterable[Mapping[str, Any]]
) -> tuple[DesignLine | None, DesignLine | None]:
    """Return the first line that only the new Designs have, and the first that only the old have.

    Where both have the same lines, those are returned at which their order first differs.
    """
    ours, theirs = _lines(new), _lines(old)
    added = next((said for key, said in ours.items() if key not in theirs), None)
    removed = next((said for key, said in theirs.items() if key not in ours), None)
    if added or removed:
        return added, removed
    for one_side, other in zip(ours.values(), theirs.values(), strict=True):
        if one_side[:2] != other[:2]:
            return one_side, other
    return None, None


# By body, line, and how often the body has said it: a second free is a line of its own.
def _lines(designs: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, int], DesignLine]:
    found: dict[tuple[str, str, int], DesignLine] = {}
    for design in designs:
        times: dict[tuple[str, str], int] = {}
        for said in _said(design):
            times[said[:2]] = times.get(said[:2], 0) + 1
            found.setdefault((*said[:2], times[said[:2]]), said)
    return found


def _said(design: Mapping[str, Any]) -> Iterator[DesignLine]:
    for key, value in design.items():
        if key in BODIES:
            for name, own in value.items():
                yield from _body(f"{BODIES[key]}{name}", own)
        elif key == "metadata":
            yield from (DesignLine("keeps", f"{name}: {own}") for name, own in value.items())
        elif key not in ("at", "kernel"):
            yield DesignLine(key, f"{value}")


def _body(title: str, own: Mapping[str, Any]) -> Iterator[DesignLine]:
    does = own["does"]
    places = own.get("at") or [""] * len(does)
    if not does:  # a hook that does nothing is another than none
        yield DesignLine(title, "nothing")
    for line, place in zip(does, places, strict=True):
        yield DesignLine(title, line, place)


@text.register
def change_text(change: TableChange) -> str:
    """Return a change as text: the verdicts, then the first deed of each side."""
    where = f"{change.table} ({change.path}:{change.line})"
    lines = [f"{change.filesystem} {where}: {change.before} -> {change.after}".strip()]
    lines += [
        f"  {sign} {said}" for sign, said in (("+", change.added), ("-", change.removed)) if said
    ]
    return "\n".join(lines)


@text.register
def changes_text(changes: TableChanges) -> str:
    """Return all changes as text, or that there is none."""
    if not changes:
        return "no table differs, as the source reads"
    return "\n".join(map(change_text, changes))
