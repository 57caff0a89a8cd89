r"""Find every fault of a page of TOML that was refused, so that they are mended in one go.

`Design.from_table` ends at the first word that it does not take. What it refused is read again
here in parts: each key, kind of metadata and line of a body alone, beside the names that the others
bring; and a part that is refused by each of its own keys and words. What only parts together do
wrong, such as two pointers in one i_private, has no part of its own: it is told by the first
refusal, once the words are right.

>>> from gmemviz.errors import UnknownNameError
>>> refused = UnknownNameError("unknown mount: 'mine'", "mine")
>>> text = 'mount = "mine"\nerror_path = ["fre it"]'
>>> table = {"mount": "mine", "error_path": ["fre it"]}
>>> [str(fault)[:27] for fault in with_all(refused, table, text, read=dict).faults]
["line 1: unknown mount: 'min", 'line 2: error_path: unknown']
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, Final, NamedTuple

from gmemviz.errors import FaultsError, UnusedError, WordError, under
from gmemviz.facts import snapshots
from gmemviz.model.design import toml
from gmemviz.model.design.actions import Action
from gmemviz.model.design.choices import METADATA, Metadata

NAMED: Final[Mapping[str, str]] = {
    "locks": "LOCK", "lists": "LIST", "actors": "ACTOR", "callbacks": "CALLBACK",
}  # fmt: skip
"""The keys under which a Design gives names, by the operand that takes one in a line."""

BODIES: Final = ("hooks", "actors", "callbacks")
"""The keys under which there are tables with bodies."""

ALONE: Final = ("error_path", "constructor")
"""The keys that are bodies themselves."""

BESIDES: Final = {"does": ["sleep"]}
"""A body that is right anywhere, so that what stands beside one can be read without its lines."""

MOST_PARTS: Final = 1_000
"""Beyond these nobody has written the page by hand: the first fault is told, and at once."""

Read = Callable[[Mapping[str, Any]], object]
"""What makes a Design of a table, or raises WordError."""


class Readable(NamedTuple):
    """Hold what reads a part of the page, and what reads each of its own parts alone."""

    whole: Callable[[], object]
    apart: tuple[Callable[[], object], ...] = ()


def _faults(part: Readable) -> Iterator[WordError]:
    """Yield each fault in a part; what none of its own parts has wrong is wrong with the whole.

    A refusal that names no word, such as of a key that is missing, is no part's own fault.
    """
    fault = _fault(part.whole)
    if not fault:  # a word may be right among others only, so that none is read alone
        return
    inner = [*filter(None, map(_fault, part.apart))]
    for each in inner or [fault]:
        if each.about and not isinstance(each, UnusedError):  # its bodies are not in this part
            yield each


def _fault(read: Callable[[], object]) -> WordError | None:
    try:
        read()
    except WordError as fault:
        return fault
    return None


def with_all(
    refused: WordError, table: Mapping[str, Any], written: str, *, read: Read
) -> WordError:
    """Return the refusal with its line, as a FaultsError where it is not the only one.

    `written` is the text that `table` is of, and `read` what refused it.
    """
    parts = list(islice(_parts(table, read), MOST_PARTS + 1))
    if len(parts) > MOST_PARTS:
        parts.clear()
    found = [refused]
    for part in parts:
        found += [fault for fault in _faults(part) if str(fault) != str(refused)]
    at_lines = _in_order(found, written)
    return at_lines[0] if len(at_lines) == 1 else FaultsError(at_lines)


# The same wrong word may stand there twice: the second fault about it is at the second place.
def _in_order(found: list[WordError], written: str) -> list[WordError]:
    seen: list[str] = []
    placed: list[tuple[int, WordError]] = []
    for fault in found:
        line = toml.line_of(fault.about, written, after=seen.count(fault.about))
        seen.append(fault.about)
        said = f"line {line}: {fault}" if line else str(fault)
        placed.append((line, type(fault)(said, fault.about)))
    return [fault for _, fault in sorted(placed, key=lambda each: each[0])]


def _parts(table: Mapping[str, Any], read: Read) -> Iterator[Readable]:
    least = {"kernel": snapshots()[-1], "mount": "own"}
    for key, value in table.items():
        if key not in (*BODIES, *ALONE, "metadata") or not isinstance(value, dict | list):
            tables = ({**least, key: smaller} for smaller in _smaller(value))
            apart = tuple(partial(read, each) for each in tables)
            yield Readable(partial(read, {**least, key: value}), apart)
    for name, kind in _tables(table, "metadata"):
        # Without a placement nothing else of a kind would be looked at.
        owns = _apart(kind, {"placement": "i_private"})
        apart = tuple(partial(read, {**least, "metadata": {name: own}}) for own in owns)
        yield Readable(partial(read, {**least, "metadata": {name: kind}}), apart)
    yield from _of_bodies(table)


# A list or a table is read by its words; anything else is a word already.
def _smaller(value: object) -> Iterator[object]:
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        yield from ([word] for word in value)
    elif isinstance(value, dict):
        yield from ({key: own} for key, own in value.items())


# Each key of a table alone, and each word of its lists, beside what it cannot do without.
def _apart(own: object, least: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key, value in own.items() if isinstance(own, dict) else ():
        words = _smaller(value) if isinstance(value, list) and value else (value,)
        yield from ({**least, key: word} for word in words)


# What says that a kind or a lock is there may be wrong itself, and a line about it is right.
def _of_bodies(table: Mapping[str, Any]) -> Iterator[Readable]:
    kinds = {name: METADATA.get(name, Metadata(name, "")) for name, _ in _tables(table, "metadata")}
    named = {operand: _names(table.get(key)) for key, operand in NAMED.items()}
    for key in BODIES:
        for name, own in _tables(table, key):
            lines = own.get("does", []) if isinstance(own, dict) else own
            yield from _of_lines(f"{key}.{name}", lines, kinds, named)
            owns = _apart(_without_body(own), BESIDES)
            besides = partial(_read_besides, key, name, kinds=kinds, named=named)
            apart = tuple(partial(besides, each) for each in owns)
            yield Readable(partial(besides, _without_body(own)), apart)
    for key in ALONE:
        yield from _of_lines(key, table.get(key, []), kinds, named)


def _names(written: object) -> tuple[str, ...]:
    names = written if isinstance(written, dict | list) else ()
    return tuple(name for name in names if isinstance(name, str))


def _of_lines(
    where: str,
    lines: object,
    kinds: Mapping[str, Metadata],
    named: Mapping[str, Collection[str]],
) -> Iterator[Readable]:
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, str):
            yield Readable(partial(_read_line, where, line, kinds, named))


def _read_line(
    where: str, line: str, kinds: Mapping[str, Metadata], named: Mapping[str, Collection[str]]
) -> None:
    with under(where):
        Action.parse(line, kinds, names=named)


# The keys beside the body, for which any line stands in: its own were read one by one.
def _without_body(own: object) -> object:
    return {**own, **BESIDES} if isinstance(own, dict) else own


def _read_besides(
    key: str,
    name: str,
    own: object,
    kinds: Mapping[str, Metadata],
    named: Mapping[str, Collection[str]],
) -> None:
    alone = {key: {name: own}}
    if key == "hooks":
        toml.bodies(alone)
    elif key == "actors":
        tuple(toml.actors(alone, kinds, named))
    else:
        tuple(toml.callbacks(alone, kinds, named))


def _tables(table: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any]]:
    within = table.get(key)
    yield from within.items() if isinstance(within, dict) else ()
