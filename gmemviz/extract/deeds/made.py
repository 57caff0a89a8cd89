"""Find the functions that macros make, and the names that macros join by `##`.

    #define TOY_BIT(name, bit)                                          \
    static inline bool toy_test_##name(struct toy *toy)                 \
    {                                                                   \
            return test_bit(bit, &toy->flags);                          \
    }
    TOY_BIT(dirty, TOY_DIRTY)               makes toy_test_dirty

    #define toy_get(toy, what) toy_get_##what(toy)
    toy_get(toy, body);                     calls toy_get_body

What is made stands, for whoever asks for a place, where the macro was called.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from gmemviz.extract.code import Definition, Tokens, is_name, tokenize

JOIN: Final = re.compile(r"\s*##\s*")
WORD: Final = re.compile(r"\w+")
CALLED: Final = re.compile(
    rb"^(?:static[ \t]+)?(?:inline[ \t]+)?([A-Za-z_]\w*)\(([^()]*)\)", re.MULTILINE
)


def is_maker(body: bytes) -> bool:
    """Tell whether a macro's body has a function in braces, with a name that is joined."""
    return b"##" in body and b"{" in body


def expanded(body: str, given: Mapping[str, str]) -> str:
    """Return a macro's body with what a call gave, and with names joined."""
    text = JOIN.sub("##", body.replace("\\\n", " "))
    return WORD.sub(lambda word: given.get(word[0], word[0]), text).replace("##", "")


def joined(body: str, given: Mapping[str, str]) -> str:
    """Return a macro's body with the joined names alone changed: its other words are values."""
    text = JOIN.sub("##", body)
    for name, word in given.items():
        text = re.sub(rf"\b{name}(?=##)|(?<=##){name}\b", word, text)
    return text.replace("##", "")


def calls_of(names: Collection[str], text: bytes) -> Iterator["re.Match[bytes]"]:
    """Yield where macros of these names are called at the start of a line."""
    return (match for match in CALLED.finditer(text) if match[1].decode() in names)


def functions_in(text: str, path: str, at: int) -> Iterator[tuple[Definition, str, Tokens]]:
    """Yield the functions of a text that a macro made: their place, head and body."""
    tokens = tokenize(text)
    words = tokens.words
    index = 0
    while index < len(words):
        if words[index] == "{":
            close = tokens.matching(index)
            name = tokens.opening(index - 1) - 1 if words[index - 1] == ")" else -1
            if name >= 0 and is_name(words[name]):
                place = Definition(path, words[name], False, at, at, at, inline=True)
                body = words[index : close + 1]
                yield place, " ".join(words[name:index]), Tokens(body, [0] * len(body))
            index = close
        index += 1
