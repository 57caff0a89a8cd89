"""Read the members of a struct: their names, offsets, and the structs they point to."""

from typing import NamedTuple

from gmemviz.extract.code.conditions import Conditions
from gmemviz.extract.code.lexer import Tokens, tokenize

DEEPEST = 20  # nested structs; the kernel's go to 6
# Words that stand before or after a declarator and are not its name.
QUALIFIERS = frozenset(
    "const volatile unsigned signed long short int char void bool struct union enum static"
    " __percpu __rcu __user __iomem __private ____cacheline_aligned_in_smp ____cacheline_aligned"
    " __randomize_layout __aligned __attribute__ __packed __bitwise __force __guarded_by"
    " __counted_by __counted_by_le __counted_by_be __counted_by_ptr __nonstring"
    " __no_randomize_layout __cacheline_group_begin __cacheline_group_end"
    " __designated_init randomized_struct_fields_start randomized_struct_fields_end".split()
)
TAKES_NAME_FIRST = ("DECLARE_", "DEFINE_", "__DECLARE_", "STRUCT_", "TRAILING_OVERLAP", "__struct_")


class Member(NamedTuple):
    """Give a member: the struct that it is or points to, and whether it points to a function."""

    name: str
    offset: int
    struct: str
    hook: bool
    condition: str


def members(text: str) -> list[Member]:
    """Return the members of a struct body (its braces included), anonymous parts flattened."""
    tokens = tokenize(text)
    found: list[tuple[str, int, str, bool]] = []
    _read(tokens, 1, len(tokens.words) - 1, found, 0)
    conditions = Conditions(text)
    return [Member(*entry, conditions.at(entry[1])) for entry in found]


def _read(
    tokens: Tokens, start: int, end: int, found: list[tuple[str, int, str, bool]], depth: int
) -> None:
    if depth > DEEPEST:
        return
    for first, last in tokens.split(start, end, ";"):
        begin = first
        brace = next((i for i in range(first, last) if tokens.words[i] == "{"), -1)
        if brace >= 0:
            close = tokens.matching(brace)
            after = [w for w in tokens.words[close + 1 : last] if w not in QUALIFIERS]
            if tokens.words[first] in ("struct", "union") and not after:
                _read(tokens, brace + 1, close, found, depth + 1)
                continue
            if "(" in tokens.words[first:brace]:  # struct_group(name, ...) and its like
                continue
            begin = close
        for part in tokens.split(begin, last, ","):
            struct = _pointed(tokens.words[first : part[1]]) if brace < 0 else ""
            declarator(tokens, *part, struct, found)


def _pointed(words: list[str]) -> str:
    if "struct" in words[:-1]:
        return words[words.index("struct") + 1]
    return ""


def declarator(
    tokens: Tokens, first: int, last: int, struct: str, found: list[tuple[str, int, str, bool]]
) -> None:
    """Add the member that [first, last) declares: the last name before any ( [ or : ."""
    words = tokens.words
    name = -1
    for index in range(first, last):
        word = words[index]
        if word == "(" and words[index + 1 : index + 2] == ["*"]:
            _add(tokens, _next_name(words, index + 2, last), "", found, hook=True)
            return
        if word == "(" and name >= 0 and words[name].startswith(TAKES_NAME_FIRST):
            _add(tokens, _next_name(words, index + 1, last), struct, found, hook=False)
            return
        if word in ("(", ":", "["):
            break
        if _is_name(word) and word not in QUALIFIERS:
            name = index
    _add(tokens, name, struct, found, hook=False)


def _add(
    tokens: Tokens, name: int, struct: str, found: list[tuple[str, int, str, bool]], *, hook: bool
) -> None:
    if name >= 0:
        found.append((tokens.words[name], tokens.offsets[name], struct, hook))


def _next_name(words: list[str], start: int, end: int) -> int:
    return next((index for index in range(start, end) if _is_name(words[index])), -1)


def _is_name(word: str) -> bool:
    return word[0].isalpha() or word[0] == "_"
