"""Tell under which #if a place of a text stands, in names of CONFIG options only.

    #if IS_ENABLED(CONFIG_A) && defined(CONFIG_B)
            first();        "CONFIG_A && CONFIG_B"
    #else
            second();       "!(CONFIG_A && CONFIG_B)"
    #endif

A condition that needs more than names, !, &&, || and parentheses is the word "other".
"""

import re
from bisect import bisect_right

DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(ifdef|ifndef|if|elif|else|endif)\b([^\n]*)", re.MULTILINE)
OPTION = re.compile(
    r"\bdefined\s*\(?\s*(\w+)\s*\)?|\b(?:IS_ENABLED|IS_BUILTIN|IS_REACHABLE)\s*\(\s*(\w+)\s*\)"
)
PLAIN = re.compile(r"[\w!&|() ]*\Z")
DEEPEST = 63
"""Conditionals within one another that a label tells of: C asks no more of a compiler."""


class Conditions:
    """Map the offsets of one text to labels such as ``CONFIG_MMU && !CONFIG_SWAP``."""

    def __init__(self, text: str) -> None:
        self.offsets = [0]
        self.labels = [""]
        if "#" not in text:
            return
        stack: list[str] = []
        for match in DIRECTIVE.finditer(text):
            _apply(stack, match.group(1), match.group(2))
            self.offsets.append(match.end())
            self.labels.append(" && ".join(label for label in stack[:DEEPEST] if label))

    def at(self, offset: int) -> str:
        """Return the label that holds at `offset`, or "" where none does."""
        return self.labels[bisect_right(self.offsets, offset) - 1]


# Of an #elif only its own condition counts; that those before it failed is not said.
def _apply(stack: list[str], word: str, rest: str) -> None:
    if word.startswith("if"):
        label = _option(rest)
        stack.append(_opposite(label) if word == "ifndef" else label)
    elif stack and word == "endif":
        stack.pop()
    elif stack and word == "else":
        stack[-1] = _opposite(stack[-1])
    elif stack:
        stack[-1] = _option(rest)


def _option(text: str) -> str:
    text = text.partition("/*")[0].partition("//")[0].strip().rstrip("\\").strip()
    text = OPTION.sub(lambda match: match.group(1) or match.group(2), text)
    # Longer expressions are the kernel's text, and a label is names only.
    return " ".join(text.split()) if PLAIN.match(text) and len(text) <= 120 else "other"


def _opposite(label: str) -> str:
    if label.startswith("!") and " " not in label:
        return label[1:]
    return f"!({label})" if " " in label else f"!{label}"
