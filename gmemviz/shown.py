"""Let a result show itself: one line in a shell, its text and a picture in a notebook.

What a result looks like, rooms above it know: they register it with `text` and `picture`. The
package says which modules do (`gmemviz.SHOWN`), and they are loaded when a notebook first asks.
May import: errors.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import singledispatch, wraps
from importlib import import_module
from itertools import islice
from typing import Any, Final, TypeVar

from gmemviz.errors import GmemvizError
from gmemviz.text import CUT, one_line, printable

MOST: Final = 190
"""Characters of a result's line."""

NAME: Final = 80
"""Characters of a name in such a line: the five choices of a cell have room."""

LINES: Final = 60
"""Results of a list that a notebook shows; what has more says how many."""

FIRST: Final = 9
"""Results that the line of a list begins with; as many of them stay as have room."""

WIDTH: Final = 72
"""Characters within which a list stays on one line."""

Result = TypeVar("Result")
Item = TypeVar("Item")
Key = TypeVar("Key")


# --- one line -----------------------------------------------------------------------------


def plain(words: str) -> str:
    """Return lines of words as such, each printable."""
    return "\n".join(printable(line.expandtabs(), keep="") for line in words.split("\n"))


def shows_itself(cls: type[Result]) -> type[Result]:
    """Make a class show itself: its own `repr` within one line, and a `bundle` for notebooks."""
    own: Callable[[Any], str] = cls.__repr__

    @wraps(own)
    def line(self: Any) -> str:
        return one_line(own(self), MOST)

    def notebook(self: object, **_: Any) -> dict[str, str]:
        return bundle(self)

    # IPython has its own way with what is a tuple, a list, a dict or a text, whatever a bundle
    # says. Inside of something else a line is enough.
    def pretty(self: object, printer: Any, _: object) -> None:
        printer.text(_in_words(self) if len(printer.stack) == 1 else repr(self))

    cls.__repr__ = line  # type: ignore[method-assign]
    cls._repr_mimebundle_ = notebook  # type: ignore[attr-defined]
    cls._repr_pretty_ = pretty  # type: ignore[attr-defined]
    return cls


# --- what functions return in the plain: as it is, but for how it shows ---------------------


# `str` says all, as ever; the line says all where there is room, else how many and the first.
def _shows_its_items(cls: type[Result]) -> type[Result]:
    kind: Any = cls.__base__

    def whole(self: Any) -> str:
        if kind is frozenset:  # it would write our class's name
            return f"frozenset({{{', '.join(map(repr, _in_order(self)))}}})"
        words: str = kind.__repr__(self)
        return words

    def line(self: Any) -> str:
        words = str(self)
        if len(words) <= MOST:
            return words
        first = ", ".join(map(repr, islice(_in_order(self), FIRST)))
        return f"{len(self)} in a {kind.__name__}: {first}"

    cls.__str__ = whole  # type: ignore[method-assign]
    cls.__repr__ = line  # type: ignore[method-assign]
    return shows_itself(cls)


# A set's own order is another one in each process.
def _in_order(result: Iterable[object]) -> Iterable[object]:
    return sorted(result, key=repr) if isinstance(result, frozenset) else result


@_shows_its_items
class Several(tuple[Item, ...]):
    """Be a tuple that shows itself."""

    __slots__ = ()


@_shows_its_items
class Rows(list[Item]):
    """Be a list that shows itself."""

    __slots__ = ()


@_shows_its_items
class Table(dict[Key, Item]):
    """Be a dict that shows itself."""

    __slots__ = ()


@_shows_its_items
class Group(frozenset[Item]):
    """Be a frozenset that shows itself."""

    __slots__ = ()


@shows_itself
class Text(str):
    """Be a text that a notebook shows as it is, line by line."""

    __slots__ = ()


# --- a notebook ---------------------------------------------------------------------------


@singledispatch
def text(result: object) -> str:
    """Return a result in words: what it calls its `text`, else its line, or a line a field."""
    words = result if isinstance(result, Text) else getattr(result, "text", None)
    if isinstance(words, str):
        return words
    names = getattr(result, "_fields", None) or getattr(result, "__dataclass_fields__", ())
    if not names or not repr(result).endswith(CUT):
        return repr(result)
    return "\n".join(f"{name}: {getattr(result, name)}" for name in names)


@singledispatch
def picture(result: object) -> str:  # noqa: ARG001 (a room that knows the class looks at it)
    """Return a picture or a table of a result as HTML that carries all it needs, or ""."""
    return ""


def bundle(result: object) -> dict[str, str]:
    """Return what stands for a result in a notebook, by mime type.

    Where there is no picture, or nothing that draws one, the text stands alone.
    """
    import html  # not needed before a notebook asks

    words = _in_words(result)
    try:
        drawn = picture(result)
    except (GmemvizError, ValueError):  # no engine, or one that refuses: no reason to show nothing
        drawn = ""
    if not drawn:
        return {"text/plain": words}
    # The table of a list says all that its text does.
    beside = "" if isinstance(result, Several) else f"<pre>{html.escape(words)}</pre>"
    return {"text/plain": words, "text/html": beside + drawn}


def _in_words(result: object) -> str:
    for room in import_module("gmemviz").SHOWN:
        import_module(room)
    return plain(text(result).rstrip("\n"))


@text.register(Several)
@text.register(Rows)
@text.register(Table)
@text.register(Group)
def _text_of_items(result: Collection[object]) -> str:
    whole = str(result)
    if len(whole) < WIDTH:
        return whole
    lines = list(islice(_lines(result), LINES))
    if len(result) > LINES:
        lines.append(f"... and {len(result) - LINES} more")
    return "\n".join(lines)


def _lines(result: Collection[object]) -> Iterator[str]:
    if isinstance(result, dict):
        for key, value in result.items():
            yield f"{_line_of(key)}: {_line_of(value)}"
    else:
        yield from map(_line_of, _in_order(result))


def _line_of(item: object) -> str:
    return printable(item) if isinstance(item, str) else one_line(repr(item), MOST)
