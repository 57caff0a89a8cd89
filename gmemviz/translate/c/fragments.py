"""Fill in the fragments of `fragments.c`, which read as the C that they become.

A line that begins with ``@name`` begins a fragment, one with ``@ `` is a remark. In a fragment
`$word` stands for a word, and at the start of a line for lines, of which there may be none.
``#if``, ``#elif``, ``#else`` and ``#endif`` choose lines as in C: a word is true where it is there
and not empty, ``!`` means not and ``||`` or. The C itself has no such lines, and no `$`.
"""

from functools import cache
from importlib.resources import files
from string import Template

Words = dict[str, str | bool | list[str]]
"""What a fragment is filled with: words, lines, and what ``#if`` asks alone."""


def fill(name: str, words: Words) -> str:
    r"""Return a fragment of C, without a line end behind its last line.

    >>> fill("attach_one", {"inode": True, "set": "inode->i_private = (void *)FLAG_SET;"})
    '\tinode->i_private = (void *)FLAG_SET;'
    """
    chosen = _chosen(name, frozenset(word for word, value in words.items() if value))
    texts = dict(words)
    for word, value in words.items():
        if isinstance(value, list):
            texts[word] = "".join(f"{line}\n" for line in value)
    return chosen.substitute(texts).removesuffix("\n")


# There are few choices of lines, and thousands of Designs.
@cache
def _chosen(name: str, true: frozenset[str]) -> Template:
    chosen = ""
    has_chosen: list[bool] = []  # of each open #if: whether one of its branches held
    is_open = [True]  # the fragment's own, then of each open #if: whether we are in that branch
    for line in _fragments()[name]:
        directive, _, condition = line.partition(" ")
        if directive == "#if":
            has_chosen.append(False)
            is_open.append(False)
        if directive in ("#if", "#elif", "#else"):
            holds = not has_chosen[-1] and (directive == "#else" or _holds(condition, true))
            is_open[-1] = is_open[-2] and holds
            has_chosen[-1] |= holds
        elif directive == "#endif":
            has_chosen.pop()
            is_open.pop()
        elif is_open[-1]:
            chosen += f"${{{line[1:]}}}" if line.startswith("$") else f"{line}\n"
    return Template(chosen)


def _holds(condition: str, true: frozenset[str]) -> bool:
    terms = condition.split(" || ")
    return any((term.removeprefix("!") in true) is not term.startswith("!") for term in terms)


@cache
def _fragments() -> dict[str, list[str]]:
    text = files("gmemviz.translate.c").joinpath("fragments.c").read_text(encoding="utf-8")
    fragments: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("@"):
            lines.append(line)
        elif line[1] != " ":
            lines = fragments.setdefault(line[1:], [])
    return {name: _stripped(lines) for name, lines in fragments.items()}


# Without the empty line between two fragments.
def _stripped(lines: list[str]) -> list[str]:
    return "\n".join(lines).rstrip("\n").split("\n")
