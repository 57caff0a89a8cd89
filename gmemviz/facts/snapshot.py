"""Hold the facts of one kernel, and answer where a function is and what a filesystem's tables are.

A snapshot decodes an entry when it is first asked for, so that loading is quick.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from gmemviz.errors import UnknownNameError, meant, shown
from gmemviz.facts.filesystems import tables_called
from gmemviz.facts.records import Field, Function, OpsTable, Source
from gmemviz.shown import Several, Table, shows_itself

Fields = Mapping[tuple[str, str], Field]
Decoded_co = TypeVar("Decoded_co", covariant=True)


class Lazy(Mapping[str, Decoded_co], Generic[Decoded_co]):
    """Decode what goes by a name when it is first looked up, and keep it."""

    def __init__(self, names: Mapping[str, object], decode: Callable[[str], Decoded_co]) -> None:
        self._names = names
        self._decode = decode
        self._known: dict[str, Decoded_co] = {}

    def __getitem__(self, name: str) -> Decoded_co:
        if name not in self._known:
            if name not in self._names:
                raise KeyError(name)
            self._known[name] = self._decode(name)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names  # Mapping's own would decode

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<Lazy: {len(self)} names>"


@shows_itself
@dataclass(frozen=True, eq=False)
class Facts:
    """Say what one kernel's source says: functions, tables of hooks, struct members.

    `functions` maps a name to its definitions, sorted by path: static functions of
    several files may share one. Names run in sorted order. `skipped` is what a
    tree held and could not be read, as (path, reason).
    """

    kernel: str
    release: str
    functions: Mapping[str, tuple[Function, ...]]
    read_tables: Callable[[], tuple[OpsTable, ...]]
    read_fields: Callable[[], Fields]
    package: str = ""
    sha256: str = ""
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def tag(self) -> str:
        """Name the release as a Source does: v7.3.4."""
        return f"v{self.release}"

    @cached_property
    def tables(self) -> tuple[OpsTable, ...]:
        """Hold every table of hooks, sorted by struct, path, line."""
        return Several(self.read_tables())

    @cached_property
    def fields(self) -> Fields:
        """Map (struct, member) to where the member is declared."""
        return Table(self.read_fields())

    def function(self, name: str, path: str = "") -> Function:
        """Return the function of that name, as a caller in the file `path` means it.

        UnknownNameError where the facts have no definition of it.
        """
        found = self.functions.get(name) if isinstance(name, str) else None
        if not found:
            raise self.lacks(f"no function {shown(name)}", name, self.functions)
        return _pick(found, path)

    def has_function(self, name: str) -> bool:
        """Tell whether the facts hold the definition of `name`."""
        return name in self.functions

    def has_field(self, struct: str, name: str) -> bool:
        """Tell whether ``struct`` has a member `name` in this kernel."""
        return (struct, name) in self.fields

    def source(self, name: str, path: str = "") -> Source:
        """Return where a function is defined; UnknownNameError where it is not."""
        found = self.function(name, path)
        return Source(found.path, found.line, name, self.tag)

    def call_source(self, caller: str, callee: str, path: str = "") -> Source:
        """Return where `caller` first calls `callee` (for a hook, its member's name).

        UnknownNameError where it does not.
        """
        found = self.function(caller, path)
        for call in found.calls:
            if call.callee == callee:
                return Source(found.path, call.line, caller, self.tag)
        callees = [call.callee for call in found.calls]
        raise self.lacks(f"{caller} does not call {shown(callee)}", callee, callees)

    def tables_of(self, filesystem: str, struct: str = "") -> tuple[OpsTable, ...]:
        """Return a filesystem's tables, by any name of it (`filesystem_names`).

        ``tmpfs`` and ``shmem`` are the same: one is the type's name, one the file's.
        UnknownNameError for a name that no filesystem of this kernel has.
        """
        keys = tables_called(self, filesystem)
        own = (table for table in self.tables if (table.path, table.name) in keys)
        return Several(table for table in own if struct in ("", table.struct))

    def lacks(self, what: str, name: object, near: Iterable[str]) -> UnknownNameError:
        """Return the error for a name that these facts do not have, with the nearest that is."""
        return UnknownNameError(f"{what} in the facts of {self.kernel}{meant(name, near)}")

    def __repr__(self) -> str:
        return f"<Facts {self.kernel} ({self.release}): {len(self.functions)} functions>"


def _pick(found: tuple[Function, ...], path: str) -> Function:
    own = [function for function in found if function.path == path]
    # A static function of another .c file is out of reach; of the rest, stubs are short.
    seen = own or [f for f in found if not f.static or f.path.endswith(".h")] or found
    return max(seen, key=lambda function: (len(function.calls), function.path))


def by_name(functions: Iterable[Function]) -> dict[str, tuple[Function, ...]]:
    """Group functions by name; names and definitions sorted."""
    groups: dict[str, list[Function]] = {}
    for function in sorted(functions, key=lambda f: (f.name, f.path, f.line)):
        groups.setdefault(function.name, []).append(function)
    return {name: tuple(group) for name, group in groups.items()}
