"""Say what the kernel's own functions do to their arguments: the rows of `api.toml`.

    kmem_cache_free = { of = 1, at = "mm/slub.c:kmem_cache_free" }      under ["given back"]

A section is a kind of deed, or one of a few that say how a value goes on: `passes` (the call is
its argument), `assigns`, `contains` (container_of), `asks` and `inert`.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, NamedTuple, cast, get_args

from gmemviz.errors import choice, of_kind
from gmemviz.facts import DeedKind

OTHERS: Final = ("passes", "assigns", "contains", "asks", "inert", "prefix")
"""Sections that are no kind of deed."""

_DEEDS: Final = frozenset(get_args(DeedKind))
SECTIONS: Final = (*get_args(DeedKind), *OTHERS)


class ApiRow(NamedTuple):
    """Say what a call does: its section, and to which argument.

    `also` is another argument that the same is done to. `reaches` is the member of the argument
    that it is done to, `runs` which argument is a function, `value` which one is stored, `test` the
    question that it asks. `returns` is the argument that it gives back as its value. `ends`: the
    body returns with it.
    """

    section: str
    at: str
    of: int = -1
    also: int = -1
    reaches: str = ""
    runs: int = -1
    value: int = -1
    returns: int = -1
    test: str = ""
    sleeps: bool = False
    empties: bool = False
    zeroed: bool = False
    by_address: bool = False
    ends: bool = False

    @property
    def deed(self) -> DeedKind | None:
        """Return the kind of deed that a call is; None where it only says how a value goes on."""
        return cast(DeedKind, self.section) if self.section in _DEEDS else None


class Api:
    """Look rows up by the name of a function."""

    def __init__(self, table: Mapping[str, Mapping[str, Any]]) -> None:
        self.rows: dict[str, ApiRow] = {}
        self.prefixes: dict[str, ApiRow] = {}
        self.begins: tuple[str, ...] = ()
        for section, rows in table.items():
            choice("section of the kernel's functions", section, SECTIONS)
            for name, fields in rows.items():
                of_kind(f"the row {name}", fields, dict)
                self.add(name, section, dict(fields))

    def add(self, name: str, section: str, fields: dict[str, Any]) -> None:
        """Take one row; a word that no row has is refused."""
        for key in fields:
            choice(f"key of the row {name}", key, ApiRow._fields)
        row = ApiRow(section, **fields)
        (self.prefixes if section == "prefix" else self.rows)[name] = row
        self.begins = tuple(self.prefixes)

    def row(self, name: str) -> ApiRow | None:
        """Return what is known of a function, or None."""
        found = self.rows.get(name)
        if found is None and name.startswith(self.begins):
            # trace_ext4_evict_inode is made by TRACE_EVENT: no file of the tree defines it.
            for prefix, row in self.prefixes.items():
                if name.startswith(prefix):
                    return row
        return found


API: Final = Api(
    tomllib.loads(files("gmemviz.extract.deeds").joinpath("api.toml").read_text(encoding="utf-8"))
)
"""The functions of Linux that come with gmemviz."""
