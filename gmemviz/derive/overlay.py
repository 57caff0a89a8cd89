"""Take what a developer knows and the source does not say, from a file of theirs.

    never = [{ at = "toy.c:26", because = "only one mount has small inodes" }]
    always = [{ asks = "container.target set" }]

    ["given back"]
    toy_put = { of = 0, at = "util.c:toy_put" }

A condition is named by where it is asked, or by what, in the words of a deed. The other tables are
rows of the kernel's functions as `extract/deeds/api.toml` has them, for helpers that are called
through a pointer, made by a macro, or better not read. What a verdict rests on is said beside it;
nothing is ever written into a tree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from gmemviz.derive.records import TableRead
from gmemviz.errors import DesignError, GmemvizError, WordError, choice, under
from gmemviz.extract import API, SECTIONS, Api, ApiRow
from gmemviz.facts import Deed, FunctionDeeds, Tested
from gmemviz.model.design import LONGEST, at_its_line, table_of_text
from gmemviz.text import brief
from gmemviz.whole import open_regular

RULES: Final = ("never", "always")
MOST_ARGUMENTS: Final = 16
OF_RULES: Final[Mapping[str, str]] = {
    "at": "where the condition is asked, as path:line",
    "asks": "what it asks, in the words of a deed, such as `i_size set` or `inode bad`",
    "because": "the reason, which is said with the verdict",
}
"""Keys of a condition that never holds, or always; it has `at` or `asks`, or both."""

OF_ROWS: Final[Mapping[str, str]] = {
    "at": "where the function stands, as path:function",
    "of": "to which argument it is done, from 0",
    "also": "to which other argument the same is done",
    "ends": "the body returns with it",
    "reaches": "the member of that argument that it is done to",
    "runs": "which argument is a function that is run",
    "value": "which argument is stored",
    "returns": "which argument it gives back as its value",
    "test": "the question that it asks",
    "sleeps": "it may sleep besides",
    "empties": "what it is given is empty then",
    "zeroed": "the memory that it allocates is cleared",
    "by_address": "the argument is the address of what is meant",
}
"""Keys of a function's row (`ApiRow`)."""


class Rule(NamedTuple):
    """Say that a condition never holds, or always: asked at a place, or asking something."""

    word: str
    at: str = ""
    asks: str = ""
    because: str = ""

    def answers(self, test: Tested) -> bool:
        """Tell whether a test is the one that is meant."""
        asked = f"{test._replace(negated=False)}"
        return (self.at in ("", test.at)) and (self.asks in ("", asked))

    def allows(self, test: Tested) -> bool:
        """Tell whether a test that is meant comes out as it has to on this way."""
        return test.negated == (self.word == "never")

    def __str__(self) -> str:
        which = " ".join(filter(None, (self.at, self.asks)))
        return f"{which} {self.word} holds" + (f", because {self.because}" if self.because else "")


@dataclass(frozen=True)
class Overlay:
    """Hold the rules on conditions, and the rows of functions as (section, name, fields)."""

    name: str = ""
    rules: tuple[Rule, ...] = ()
    rows: tuple[tuple[str, str, tuple[tuple[str, Any], ...]], ...] = ()

    @property
    def api(self) -> Api:
        """Return what functions do: the kernel's own, and these, which come first."""
        if not self.rows:
            return API
        own = Api({})
        own.rows.update(API.rows)
        own.prefixes.update(API.prefixes)
        for section, name, row in self.rows:
            own.add(name, section, dict(row))
        return own

    def on(self, read: TableRead) -> tuple[TableRead, tuple[str, ...]]:
        """Return what is left of what was read, and in words what was taken from this file."""
        used: set[Rule] = set()
        kept = {field.name: self._kept(getattr(read, field.name), used) for field in fields(read)}
        unused = {f"{self.name} says: {rule}" for rule in self.rules if rule not in used}
        return replace(read, **kept), tuple(
            words for words in self.sentences if words not in unused
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return all that it says, as it is said beside a verdict."""
        words = (*self.rules, *map(_told, self.rows))
        return tuple(f"{self.name} says: {said}" for said in words)

    # Whatever a field holds, the functions in it are looked at.
    def _kept(self, value: Any, used: set[Rule]) -> Any:
        match value:
            case FunctionDeeds():
                return replace(value, deeds=tuple(self._deeds(value, used)))
            case Mapping():
                return {key: self._kept(entry, used) for key, entry in value.items()}
            case tuple() if not hasattr(value, "_fields"):
                return tuple(self._kept(entry, used) for entry in value)
        return value

    def _deeds(self, function: FunctionDeeds, used: set[Rule]) -> Iterator[Deed]:
        for deed in function.deeds:
            ways = [self._way(way, used) for way in deed.ways]
            left = tuple(way for way in ways if way is not None)
            if left or not deed.ways:
                yield replace(deed, ways=left)

    # None for a way that nobody takes; what is always so is no question any more.
    def _way(self, way: tuple[Tested, ...], used: set[Rule]) -> tuple[Tested, ...] | None:
        left = []
        for test in way:
            rule = next((rule for rule in self.rules if rule.answers(test)), None)
            if rule is None:
                left.append(test)
                continue
            used.add(rule)
            if not rule.allows(test):
                return None
        return tuple(left)


NOTHING: Final = Overlay()


def _told(row: tuple[str, str, tuple[tuple[str, Any], ...]]) -> str:
    section, name, said = row
    more = ", ".join(f"{key} {value}" for key, value in said if key != "at")
    return f"{name} is {section}" + (f" ({more})" if more else "")


def read_overlay(path: Path) -> Overlay:
    """Return the overlay of a file; GmemvizError says what is wrong, with its line."""
    try:
        with open_regular(path) as file:
            text = file.read(LONGEST + 1).decode("utf-8-sig")
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise GmemvizError(f"cannot read {path}: {reason}") from None
    try:
        return overlay_of(table_of_text(text), path.name)
    except WordError as refused:
        raise type(refused)(f"{path.name}: {at_its_line(refused, text)}", refused.about) from None


def overlay_of(table: Mapping[str, Any], name: str = "overlay") -> Overlay:
    """Return the overlay that a table of TOML says."""
    rules: list[Rule] = []
    rows = []
    for key, value in table.items():
        choice("key of an overlay", key, (*RULES, *SECTIONS))
        with under(key):
            if key in RULES:
                rules += _rules(key, value)
            else:
                rows += [(key, *row) for row in _rows(value)]
    return Overlay(name, tuple(rules), tuple(rows))


def _rules(word: str, value: object) -> Iterator[Rule]:
    entries = value if isinstance(value, list) else [value]
    for entry in entries:
        if not isinstance(entry, dict):
            raise DesignError(f"a condition must be a table, not {brief(entry)}", word)
        for key, said in entry.items():
            choice("key of a condition", key, OF_RULES)
            if not isinstance(said, str):
                raise DesignError(f"{key} must be text, not {brief(said)}", key)
        if not entry.get("at") and not entry.get("asks"):
            raise DesignError("a condition needs at (path:line) or asks", word)
        yield Rule(word, **entry)


def _rows(value: object) -> Iterator[tuple[str, tuple[tuple[str, Any], ...]]]:
    if not isinstance(value, dict):
        raise DesignError(f"it must be a table of functions, not {brief(value)}")
    for name, row in value.items():
        if not isinstance(row, dict):
            raise DesignError(f"{name} must be a table, not {brief(row)}", name)
        for key, said in row.items():
            choice(f"key of {name}", key, OF_ROWS)
            _refuse_kind(name, key, said)
        if not row.get("at"):
            raise DesignError(f"{name} needs at, as path:function", name)
        yield name, tuple(row.items())


# As the fields of a row are declared: an argument's number, a text, or true and false.
def _refuse_kind(name: str, key: str, said: object) -> None:
    wanted = ApiRow.__annotations__[key]
    if type(said) is not wanted or (wanted is int and not -1 <= int(str(said)) < MOST_ARGUMENTS):
        words = {int: "an argument's number from 0", str: "text", bool: "true or false"}[wanted]
        raise DesignError(f"{name}.{key} must be {words}, not {brief(said)}", key)
