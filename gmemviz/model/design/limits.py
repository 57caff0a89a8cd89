"""Say how much a Design may be, and which names it may use: a stranger's file is no trap.

What a search costs grows with kinds and actions, and TOML's reader takes a minute for one deep
key. Every refusal names the limit.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from gmemviz.errors import DesignError
from gmemviz.text import brief

LONGEST: Final = 65_536
"""Characters of a TOML text; the whole gallery has 25,000."""
DEPTH: Final = 8
"""Tables or lists within each other, and words of a dotted key."""
NAME: Final = 64
"""Characters of a kind of metadata, a hook, a function."""
TITLE: Final = 200
"""Characters of a Design's name."""
SAID: Final = 2_000
"""Characters of any other text."""
KINDS: Final = 32
"""Kinds of metadata of one Design."""
ACTIONS: Final = 64
"""Actions of one hook."""
LISTED: Final = 64
"""Words of any other list."""
ACTORS: Final = 8
"""Actors, and likewise callbacks, locks and lists, of one Design."""

RESERVED: Final = frozenset(
    "SB_ACTIVE a_ops actor address batch bindings cache closed d_hash d_release dentry f_ref "
    "failed file folio hashed holder i_count i_lock i_mode i_nlink i_sb_list i_state inode locked "
    "mapped mapping marks memslot mmap_lock module mount nrpages opened path persistent "
    "pinned pointer published readers refused s_umount second slots_lock superblock "
    "unlinked waits_for xarray "
    "cleared stale".split()
)
"""Names of the model's own cells. A kind of metadata may be called so, too: its cell is marked.

The last line has what a pointer may hold where it leads to no object (`machine.heap.STALE`). So a
Design may keep a ``folio`` or a ``holder`` of its own, and no step takes it for the kernel's; what
a reader is told has the name as the Design says it (`unmarked`).
"""
MARK: Final = "metadata:"
"""Stands before the cell of such a kind; no name of the Design's has a colon in it."""


def unmarked(text: str) -> str:
    """Return a text with the names as the Design has them."""
    return text.replace(MARK, "") if MARK in text else text


C_KEYWORDS: Final = frozenset(
    "_Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert "
    "_Thread_local alignas alignof asm auto bool break case char const constexpr continue default "
    "do double else enum extern false float for goto if inline int long nullptr register restrict "
    "return short signed sizeof static static_assert struct switch thread_local true typedef "
    "typeof typeof_unqual union unsigned void volatile while".split()
)
"""Keywords of C23, and asm of GNU C: no name of a function."""

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OWN_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
"""What a kind of metadata, an actor or a lock may be called."""
_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\\?\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:\\.|[^"\\\n])*"?'
    r"|'[^'\n]*'?"
    r"|#[^\n]*"
    r"|[.\[\]{}=,\n]",
    re.DOTALL,
)
"""What counts for the depth of TOML, and what hides it: strings and comments."""
_OPEN: Final = frozenset("[{")
_CLOSE: Final = frozenset("]}")
_MARKS: Final = frozenset(".=,\n") | _OPEN | _CLOSE


def refuse_long(what: str, text: str, at_most: int) -> None:
    """Raise DesignError where a text is longer than `at_most` characters."""
    if len(text) > at_most:
        raise DesignError(
            f"{what} has {len(text):,} characters, and may have {at_most:,}: {brief(text)}"
        )


def refuse_many(what: str, things: Collection[object], at_most: int) -> None:
    """Raise DesignError where there are more than `at_most`."""
    if len(things) > at_most:
        raise DesignError(f"{what}: {len(things):,} are named, and at most {at_most:,} may be")


def refuse_identifier(what: str, name: str) -> None:
    """Raise DesignError where `name` is none that a C function may have; "" names nothing."""
    if not name:
        return
    refuse_long(what, name, NAME)
    if not _IDENTIFIER.fullmatch(name) or name in C_KEYWORDS:
        raise DesignError(
            f"{what} must be a name in C (letters of ASCII, digits and _, no keyword), "
            f"not {brief(name)}"
        )


def refuse_name(name: str, *, what: str = "metadata") -> None:
    """Raise DesignError where a kind of metadata, an actor or a lock can't be called `name`."""
    refuse_long("a kind of metadata" if what == "metadata" else what, name, NAME)
    if not OWN_NAME.fullmatch(name):
        raise DesignError(
            f"{what} {brief(name)} must be made of letters of ASCII, digits, - and _, "
            "and not begin with -"
        )


def refuse_deep(written: str) -> None:
    """Raise DesignError where TOML text nests deeper than DEPTH, before anybody parses it."""
    nested, dots, line = 0, 0, 1
    for mark in _marks(written):
        dots = dots + 1 if mark == "." else 0
        nested += (mark in _OPEN) - (mark in _CLOSE)
        line += mark.count("\n")
        if max(nested, dots + 1) > DEPTH:
            raise DesignError(
                f"line {line} has more than {DEPTH} tables, lists or keys within each other"
            )


def _marks(written: str) -> Iterator[str]:
    # Comments and long strings only count lines; a short string may be a word of a dotted key.
    for found in _TOKEN.finditer(written):
        mark = found[0] if found[0] in _MARKS else "\n" * found[0].count("\n")
        if mark:
            yield mark


def refuse_values(table: Any, where: str = "the Design") -> None:
    """Raise DesignError where a key or a text in a parsed table is too long."""
    if isinstance(table, dict):
        for key, value in table.items():
            refuse_long(f"a key of {where}", key, NAME)
            refuse_values(value, key)
    elif isinstance(table, list):
        for value in table:
            refuse_values(value, where)
    elif isinstance(table, str):
        refuse_long(where, table, SAID)
