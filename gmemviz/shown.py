"""Let a result show itself: one line in a shell, its text and a picture in a notebook.

What a result looks like, rooms above it know: they register it with `text` and `picture`. The
package says which modules do (`gmemviz.SHOWN`), and they are loaded when a notebook first asks.
May import: errors.
"""

from collections.abc import Callable, Collection, Iterable, Sized
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
        printer.text(_told(self) if len(printer.stack) == 1 else repr(self))

    cls.__repr__ = line  # type: ignore[method-assign]
    cls._repr_mimebundle_ = notebook  # type: ignore[attr-defined]
    cls._repr_pretty_ = pretty  # type: ignore[attr-defined]
    return cls


# --- what functions return in the plain: as it is, but for how it shows ---------------------


def _whole(result: Collection[object]) -> str:
    if isinstance(result, frozenset):  # whose own order is another one in each process
        return f"frozenset({{{', '.join(map(repr, _in_order(result)))}}})"
    whole: str = _kind(result).__repr__(result)
    return whole


def _listed(result: Collection[object]) -> str:
    # Whole where there is room, else how many there are, and the first of them.
    whole, first = _whole(result), ", ".join(map(repr, islice(_in_order(result), FIRST)))
    return whole if len(whole) <= MOST else f"{len(result)} in a {_kind(result).__name__}: {first}"


def _in_order(result: Collection[object]) -> Iterable[object]:
    return sorted(result, key=repr) if isinstance(result, frozenset) else result


def _kind(result: object) -> Any:
    return next(kind for kind in (tuple, list, dict, frozenset) if isinstance(result, kind))


@shows_itself
class Several(tuple[Item, ...]):
    """Be a tuple that shows itself."""

    __slots__ = ()
    __repr__ = _listed
    __str__ = _whole


@shows_itself
class Rows(list[Item]):
    """Be a list that shows itself."""

    __slots__ = ()
    __repr__ = _listed
    __str__ = _whole


@shows_itself
class Table(dict[Key, Item]):
    """Be a dict that shows itself."""

    __slots__ = ()
    __repr__ = _listed
    __str__ = _whole


@shows_itself
class Group(frozenset[Item]):
    """Be a frozenset that shows itself."""

    __slots__ = ()
    __repr__ = _listed
    __str__ = _whole


@shows_itself
class Text(str):
    """Be a text that a notebook shows as it is, line by line."""

    __slots__ = ()


# --- a notebook ---------------------------------------------------------------------------


@singledispatch
def text(result: object) -> str:
    """Return a result in words: what it calls its `text`, else its line, or a line a field."""
    said = getattr(result, "text", None)
    if isinstance(said, str):
        return said
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

    said = _told(result)
    try:
        drawn = picture(result)
    except (GmemvizError, ValueError):  # no engine, or one that refuses: no reason to show nothing
        drawn = ""
    if not drawn:
        return {"text/plain": said}
    # The table of a list says all that its text does.
    words = "" if isinstance(result, Several) else f"<pre>{html.escape(said)}</pre>"
    return {"text/plain": said, "text/html": words + drawn}


def _told(result: object) -> str:
    for room in import_module("gmemviz").SHOWN:
        import_module(room)
    return plain(text(result).rstrip("\n"))


@text.register
def _text_of_text(result: Text) -> str:
    return str(result)


@text.register(Several)
@text.register(Rows)
@text.register(Group)
def _text_of_several(result: Collection[object]) -> str:
    return _lines(result, map(_words, _in_order(result)))


@text.register
def _text_of_table(result: Table) -> str:  # type: ignore[type-arg]  # dispatched on at run time
    return _lines(result, (f"{_words(key)}: {_words(one)}" for key, one in result.items()))


def _lines(result: Sized, told: Iterable[str]) -> str:
    if len(whole := str(result)) < WIDTH:
        return whole
    more = [f"... and {len(result) - LINES} more"] if len(result) > LINES else []
    return "\n".join([*islice(told, LINES), *more])


def _words(item: object) -> str:
    return printable(item) if isinstance(item, str) else one_line(repr(item), MOST)
