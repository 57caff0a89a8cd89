"""Expand the kernel's scope macros: guard(mutex)(&lock) calls mutex_lock and mutex_unlock."""

import re
from typing import Final, NamedTuple

from gmemviz.extract.code.lexer import Tokens, tokenize

SCOPE_MACROS: Final = frozenset(
    "guard CLASS ACQUIRE scoped_guard scoped_cond_guard scoped_class __free __cleanup".split()
)
DEFINE = re.compile(
    rb"^(DEFINE_CLASS|DEFINE_GUARD|DEFINE_GUARD_COND|DEFINE_FREE|DEFINE_LOCK_GUARD_[01]"
    rb"|DEFINE_LOCK_GUARD_1_COND|EXTEND_CLASS|EXTEND_CLASS_COND)\(",
    re.MULTILINE,
)
# Which argument holds the expression that enters the scope, and which leaves it.
ENTER: Final = {
    "DEFINE_CLASS": 3,
    "DEFINE_GUARD": 2,
    "DEFINE_GUARD_COND": 2,
    "DEFINE_LOCK_GUARD_0": 1,
    "DEFINE_LOCK_GUARD_1": 2,
    "DEFINE_LOCK_GUARD_1_COND": 2,
    "EXTEND_CLASS": 2,
    "EXTEND_CLASS_COND": 3,
}
LEAVE: Final = {
    "DEFINE_CLASS": 2,
    "DEFINE_GUARD": 3,
    "DEFINE_FREE": 2,
    "DEFINE_LOCK_GUARD_0": 2,
    "DEFINE_LOCK_GUARD_1": 3,
}
EXTENDS: Final = (
    "DEFINE_GUARD_COND",
    "DEFINE_LOCK_GUARD_1_COND",
    "EXTEND_CLASS",
    "EXTEND_CLASS_COND",
)
LONGEST = 3000


class ScopeClass(NamedTuple):
    """Give the functions that entering and leaving a scope call; `base` lends its leave."""

    enter: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    base: str = ""


def scope_classes(text: bytes) -> dict[str, ScopeClass]:
    """Return the scope classes that one file defines, by name."""
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
        base = names[0][0]
        if kind == "DEFINE_FREE":
            base = f"__free {base}"  # a namespace of its own: DEFINE_FREE(kfree, ...)
        name = base + names[1][0] if kind in EXTENDS else base
        enter, leave = (_called(tokens, parts, where.get(kind)) for where in (ENTER, LEAVE))
        found[name] = ScopeClass(enter, leave, base if kind in EXTENDS else "")
    return found


def _called(tokens: Tokens, parts: list[tuple[int, int]], which: int | None) -> tuple[str, ...]:
    if which is None or which >= len(parts):
        return ()
    first, last = parts[which]
    words = tokens.words
    return tuple(
        words[index]
        for index in range(first, last)
        if words[index + 1 : index + 2] == ["("]
        and (words[index][0].isalpha() or words[index][0] == "_")
        and words[index] not in ("if", "likely", "unlikely", "sizeof")
        and words[index - 1] not in ("->", ".")
    )
