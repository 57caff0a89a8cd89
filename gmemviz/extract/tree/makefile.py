"""Read a kernel Makefile as far as it says which objects are built, with some options settled.

Three values are told apart: yes, no, and None for what an unsettled option decides.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

Options = Mapping[str, str]
"""Settled options: `y`, or "" for not set."""

Verdict = bool | None

COMMENT = re.compile(r"(?m)#[^\n]*$")
OPERATOR = re.compile(r"[:+?]?=")
VARIABLE = re.compile(r"\$[({](\w+)[)}]")
TEST = re.compile(r"(else\b)?\s*(?:(ifn?eq|ifn?def)\b\s*(.*))?")
PAIR = re.compile(r"""\((.*),(.*)\)\s*\Z|(?:"|')(.*?)(?:"|')\s+(?:"|')(.*?)(?:"|')\s*\Z""")
LIST = re.compile(r"([\w.-]+)-(y|m|n|objs|)\Z")
LONGEST_TEST: Final = 500
HOST_PROGRAMS: Final = ("hostprogs", "userprogs")


class Assignment(NamedTuple):
    """Give an assignment to a list, and whether it is made."""

    name: str
    operator: str
    words: tuple[str, ...]
    made: Verdict


@dataclass
class Lists:
    """Hold what each list of a Makefile may have at its end, and all that one ever had."""

    final: dict[str, set[str]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    def take(self, one: Assignment) -> None:
        """Carry out an assignment; one that may be made leaves what was there."""
        self.named.update(one.words)
        if one.made is False:
            return
        if one.made and one.operator in ("=", ":="):
            self.final.pop(one.name, None)
        self.final.setdefault(one.name, set()).update(one.words)

    def built(self) -> set[str]:
        """Return the objects and folders that are, or may be, part of the kernel.

        A list that makes up an object (`ramfs-y` of ramfs.o) counts if that object does.
        """
        found: set[str] = set()
        known = -1
        while known < len(found):
            known = len(found)
            for name, words in self.final.items():
                stem, _, suffix = name.rpartition("-")
                whole = f"{stem}.o"
                is_part = whole in self.named and whole not in words
                if suffix in ("y", "m", "objs") and (whole in found or not is_part):
                    found |= words
        return found


def read_makefile(text: str, options: Options) -> Lists:
    """Return a Makefile's lists of objects, read under `options`."""
    lists = Lists()
    for line, made in branches(text, options):
        match = OPERATOR.search(line)
        if not match:
            continue
        name, operator, rest = line[: match.start()].strip(), match.group(), line[match.end() :]
        if name.startswith(HOST_PROGRAMS):  # run while the kernel is built, no part of it
            lists.named.update(f"{word}.o" for word in rest.split())
        elif listed := list_of(name, options):
            words = tuple(word for word in rest.split() if word.endswith((".o", "/")))
            adds = "+=" if f"$({name})" in rest else operator  # what a list makes of itself
            lists.take(Assignment(listed[0], adds, words, _both(made, listed[1])))
    return lists


def list_of(name: str, options: Options) -> tuple[str, Verdict] | None:
    """Return the list that `obj-$(CONFIG_X)` means, and whether it is certainly that one."""
    expanded = _expand(name, options)
    if "$" in expanded:
        return expanded.partition("$")[0] + "y", None
    return (expanded, True) if LIST.match(expanded) else None


def branches(text: str, options: Options) -> Iterator[tuple[str, Verdict]]:
    """Yield the lines that are no conditionals, and whether each is read."""
    stack: list[tuple[Verdict, Verdict]] = []  # is this branch read, may a later one be
    for line in map(str.strip, COMMENT.sub("", text.replace("\\\n", " ")).splitlines()):
        match = TEST.match(line)
        otherwise, word, rest = match.groups("") if match else ("", "", "")
        if otherwise and stack:
            left = stack.pop()[1]
            test = holds(word, rest, options) if word else True
            stack.append((_both(left, test), _both(left, _opposite(test))))
        elif word:
            test = holds(word, rest, options)
            stack.append((test, _opposite(test)))
        elif line == "endif" and stack:
            stack.pop()
        else:
            made: Verdict = True
            for here, _ in stack:
                made = _both(made, here)
            yield line, made


def holds(word: str, rest: str, options: Options) -> Verdict:
    """Tell whether an ifeq, ifneq, ifdef or ifndef holds."""
    if word.endswith("def"):
        value = options.get(rest.strip())
        found = None if value is None else value != ""
    else:
        pair = PAIR.match(_expand(rest[:LONGEST_TEST], options))
        sides = [side.strip() for side in pair.groups() if side is not None] if pair else ["$"]
        found = None if any("$" in side for side in sides) else sides[0] == sides[1]
    return _opposite(found) if word.startswith("ifn") else found


def _expand(text: str, options: Options) -> str:
    return VARIABLE.sub(lambda match: options.get(match.group(1), match.group()), text)


def _both(one: Verdict, two: Verdict) -> Verdict:
    if one is False or two is False:
        return False
    return None if one is None or two is None else True


def _opposite(verdict: Verdict) -> Verdict:
    return None if verdict is None else not verdict
