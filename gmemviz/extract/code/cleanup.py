"""Expand the kernel's scope macros: guard(mutex)(&lock) calls mutex_lock and mutex_unlock.

A header defines a class of scopes, and a body enters one by its name
(include/linux/cleanup.h@v6.12):

    DEFINE_GUARD(toy, struct toy *, toy_lock(_T), toy_unlock(_T))
    DEFINE_FREE(toy_put, struct toy *, if (_T) toy_put(_T))

    guard(toy)(&some_toy);                            toy_lock here, toy_unlock on the way out
    struct toy *found __free(toy_put) = toy_get();    toy_put on the way out
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from gmemviz.extract.code.lexer import Tokens, is_name, tokenize

SCOPE_MACROS: Final = frozenset(
    "guard CLASS ACQUIRE scoped_guard scoped_cond_guard scoped_class __free __cleanup".split()
)
ARGUMENTS: Final[dict[str, tuple[int | None, int | None]]] = {
    "DEFINE_CLASS": (3, 2),
    "DEFINE_FREE": (None, 2),
    "DEFINE_GUARD": (2, 3),
    "DEFINE_LOCK_GUARD_0": (1, 2),
    "DEFINE_LOCK_GUARD_1": (2, 3),
    "DEFINE_GUARD_COND": (2, None),
    "DEFINE_LOCK_GUARD_1_COND": (2, None),
    "EXTEND_CLASS": (2, None),
    "EXTEND_CLASS_COND": (3, None),
}
"""Which argument has the expression that enters the scope, and which the one that leaves it."""

EXTENDS: Final = ("_COND", "EXTEND_CLASS")
"""How the macros end that lend from a class: DEFINE_GUARD_COND(toy, _try, ...) makes toy_try."""

DEFINE: Final = re.compile(rb"^(" + "|".join(ARGUMENTS).encode() + rb")\(", re.MULTILINE)
NO_CALLS: Final = frozenset(("if", "likely", "unlikely", "sizeof"))
TAKES_FROM: Final = 4  # the arguments of DEFINE_CLASS behind its init are what that takes
LONGEST: Final = 3000  # bytes of a definition that we read


class ScopeClass(NamedTuple):
    """Give the functions that entering and leaving a scope call; `base` lends its leave."""

    enter: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    base: str = ""


class ScopeText(NamedTuple):
    """Hold what entering and leaving a scope says; `takes` are the arguments of the first.

    `at` is where it stands. One that is lent from another class has no text of its own.
    """

    at: int
    enter: str = ""
    leave: str = ""
    takes: tuple[str, ...] = ("_T",)
    base: str = ""


class _Defined(NamedTuple):
    kind: str
    name: str
    base: str
    text: str
    at: int
    tokens: Tokens
    parts: list[tuple[int, int]]

    def said(self, which: int | None) -> str:
        """Return one argument as it is written."""
        if which is None or which >= len(self.parts):
            return ""
        first, last = self.parts[which]
        offsets = [*self.tokens.offsets, len(self.text)]
        return self.text[offsets[first] : offsets[min(last, len(offsets) - 1)]]


def scope_classes(text: bytes) -> dict[str, ScopeClass]:
    """Return the scope classes that one file defines, by name; `__free x` is DEFINE_FREE's x."""
    found: dict[str, ScopeClass] = {}
    for made in _defined(text):
        enter, leave = (_called(made.tokens, made.parts, i) for i in ARGUMENTS[made.kind])
        found[made.name] = ScopeClass(enter, leave, made.base)
    return found


def scope_texts(text: bytes) -> dict[str, ScopeText]:
    """Return the same classes, with what is done as it is written: if (_T) toy_put(_T)."""
    found: dict[str, ScopeText] = {}
    for made in _defined(text):
        enter, leave = map(made.said, ARGUMENTS[made.kind])
        if made.kind.startswith("DEFINE_LOCK_GUARD"):  # such a scope holds the lock, and has a name
            enter, leave = (said.replace("_T->lock", "_T") for said in (enter, leave))
        words = [made.tokens.words[slice(*part)] for part in made.parts[TAKES_FROM:]]
        names = [[word for word in part if is_name(word)][-1:] for part in words]
        takes = tuple(name for part in names for name in part)
        is_class = made.kind == "DEFINE_CLASS"
        found[made.name] = ScopeText(
            made.at, enter, leave, takes if is_class else ("_T",), made.base
        )
    return found


def _defined(text: bytes) -> Iterator[_Defined]:
    if b"DEFINE_" not in text and b"EXTEND_CLASS" not in text:
        return
    for match in DEFINE.finditer(text):
        kind = match.group(1).decode()
        said = text[match.end() - 1 : match.end() + LONGEST].decode("latin-1")
        tokens = tokenize(said)
        parts = tokens.split(1, tokens.matching(0), ",")
        names = [tokens.words[first:last] for first, last in parts]
        if len(names) < 3 or not names[0] or not names[1]:
            continue
        name = base = names[0][0]
        extends = kind.endswith(EXTENDS)
        if extends:
            name = base + names[1][0]
        elif kind == "DEFINE_FREE":
            name = f"__free {base}"  # a name of its own: there may be a guard called so too
        yield _Defined(kind, name, base if extends else "", said, match.start(), tokens, parts)


def _called(tokens: Tokens, parts: list[tuple[int, int]], which: int | None) -> tuple[str, ...]:
    if which is None or which >= len(parts):
        return ()
    words = tokens.words
    found = []
    for index in range(*parts[which]):
        is_call = words[index + 1 : index + 2] == ["("] and is_name(words[index])
        if is_call and words[index] not in NO_CALLS and words[index - 1] not in ("->", "."):
            found.append(words[index])
    return tuple(found)
