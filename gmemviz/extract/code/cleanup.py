"""Expand the kernel's scope macros: guard(mutex)(&lock) calls mutex_lock and mutex_unlock.

A header defines a class of scopes, and a body enters one by its name
(include/linux/cleanup.h@v6.12):

    DEFINE_GUARD(toy, struct toy *, toy_lock(_T), toy_unlock(_T))
    DEFINE_FREE(toy_put, struct toy *, if (_T) toy_put(_T))

    guard(toy)(&some_toy);                            toy_lock here, toy_unlock on the way out
    struct toy *found __free(toy_put) = toy_get();    toy_put on the way out
"""

import re
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
LONGEST: Final = 3000  # bytes of a definition that we read


class ScopeClass(NamedTuple):
    """Give the functions that entering and leaving a scope call; `base` lends its leave."""

    enter: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    base: str = ""


def scope_classes(text: bytes) -> dict[str, ScopeClass]:
    """Return the scope classes that one file defines, by name; `__free x` is DEFINE_FREE's x."""
    found: dict[str, ScopeClass] = {}
    if b"DEFINE_" not in text and b"EXTEND_CLASS" not in text:
        return found
    for match in DEFINE.finditer(text):
        kind = match.group(1).decode()
        tokens = tokenize(text[match.end() - 1 : match.end() + LONGEST].decode("latin-1"))
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
        enter, leave = (_called(tokens, parts, which) for which in ARGUMENTS[kind])
        found[name] = ScopeClass(enter, leave, base if extends else "")
    return found


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
