"""Pack frozen records into numbers and lists, and unpack them by the types of their fields.

    Source("fs/a.c", 3, "f", "v7.3")      [0, 3, 1, 2], with the words fs/a.c, f, v7.3

No record is named here, so one that gains a field needs no line here. The names of the fields go
along: what was packed before a field came is unpacked with the field's default.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

Unpacked = Callable[[Any], Any]
"""How a value of one type is unpacked."""

PLAIN: Final[Mapping[object, Unpacked]] = {bool: bool, int: int}


class Packer:
    """Pack values one after the other; `words` and `fields` are what all of them share."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.fields: dict[str, tuple[str, ...]] = {}

    @property
    def words(self) -> list[str]:
        """Return the texts that were packed, in the order in which they were first met."""
        return list(self._numbers)

    def pack(self, value: object) -> Any:
        """Return a value as JSON can hold it; TypeError for what is no record, text or number."""
        match value:
            case str():
                return self._numbers.setdefault(value, len(self._numbers))
            case None | int():
                return value if value is None else int(value)
            case Mapping():
                return [[self.pack(key), self.pack(each)] for key, each in value.items()]
        # A NamedTuple is a tuple, too: its fields are asked first.
        if names := field_names(type(value)):
            self.fields[type(value).__name__] = names
            return [self.pack(getattr(value, name)) for name in names]
        if isinstance(value, tuple):
            return [self.pack(each) for each in value]
        raise TypeError(f"a {type(value).__name__} cannot be packed")


def field_names(kind: type) -> tuple[str, ...]:
    """Return the fields of a dataclass or a NamedTuple, in their order; () of any other type."""
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    names: tuple[str, ...] = getattr(kind, "_fields", ())
    return names


class Unpacker:
    """Unpack what a Packer packed, with its words and fields; a way is made once for each type.

    What does not fit the type raises one of IndexError, KeyError, TypeError, ValueError.
    """

    def __init__(self, words: Sequence[str], names: Mapping[str, Sequence[str]]) -> None:
        self._words = words
        self._fields = names
        self._ways: dict[object, Unpacked] = dict(PLAIN)

    def unpack(self, kind: Any, data: Any) -> Any:
        """Return the value of a type, such as ``tuple[Deed, ...]``."""
        return self._way(kind)(data)

    def _way(self, kind: Any) -> Unpacked:
        if kind not in self._ways:
            self._ways[kind] = self._made(kind)
        return self._ways[kind]

    def _made(self, kind: Any) -> Unpacked:
        origin = get_origin(kind)
        if kind is str or origin is Literal:
            return self._words.__getitem__
        if origin in (Union, UnionType):
            return self._optional(kind)
        if origin is tuple:
            return self._tuple(get_args(kind))
        if field_names(kind):
            return self._record(kind)
        key, value = map(self._way, get_args(kind))  # a Mapping has two, and nothing else is left
        return lambda data: {key(name): value(each) for name, each in data}

    def _optional(self, kind: Any) -> Unpacked:
        (inner,) = (self._way(each) for each in get_args(kind) if each is not NoneType)
        return lambda data: None if data is None else inner(data)

    def _tuple(self, kinds: tuple[Any, ...]) -> Unpacked:
        if kinds[-1] is Ellipsis:  # tuple[Deed, ...]
            each = self._way(kinds[0])
            return lambda data: tuple(map(each, data))
        ways = tuple(map(self._way, kinds))  # tuple[str, FunctionDeeds]
        return lambda data: tuple(way(each) for way, each in zip(ways, data, strict=True))

    def _record(self, kind: Any) -> Unpacked:
        hints = get_type_hints(kind)
        names = self._fields.get(kind.__name__, ())
        ways = [self._way(hints[name]) for name in names]

        def record(data: Any) -> Any:
            pairs = zip(names, ways, data, strict=True)
            return kind(**{name: way(each) for name, way, each in pairs})

        return record
