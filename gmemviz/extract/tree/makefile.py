"""Read a kernel Makefile as far as it says which objects are built, with some options settled.

    obj-y                   += super.o        built
    obj-$(CONFIG_TOY)       += toy.o          built if CONFIG_TOY is y, or m, or not settled
    toy-y                   := a.o b.o        what makes up toy.o: built if that is
    ifdef CONFIG_TOY
    obj-y                   += extra.o
    endif

Three values are told apart: yes, no, and None for what an unsettled option decides.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

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


@dataclass
class Lists:
    """Hold what each list of a Makefile may have at its end, and all that one ever had."""

    final: dict[str, set[str]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    def take(self, name: str, words: Iterable[str], *, adds: bool, made: Verdict) -> None:
        """Carry out an assignment; one that may be made leaves what was there."""
        self.named.update(words)
        if made is False:
            return
        if made and not adds:
            self.final.pop(name, None)
        self.final.setdefault(name, set()).update(words)

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
        name, words = line[: match.start()].strip(), line[match.end() :].split()
        if name.startswith(HOST_PROGRAMS):  # run while the kernel is built, no part of it
            lists.named.update(f"{word}.o" for word in words)
            continue
        list_name, certain = list_of(name, options)
        if list_name:
            # `mmu-y := $(mmu-y) a.o` adds too: it makes the list of itself.
            adds = match.group() in ("+=", "?=") or any(f"$({name})" in word for word in words)
            objects = [word for word in words if word.endswith((".o", "/"))]
            lists.take(list_name, objects, adds=adds, made=_both(made, certain))
    return lists


def list_of(name: str, options: Options) -> tuple[str, Verdict]:
    """Return the list that `obj-$(CONFIG_X)` means, and whether it is certainly that one.

    ("obj-y", True) if CONFIG_X is y, ("obj-", True) if it is not set, ("obj-y", None) if it is
    not settled, and ("", False) for what is no list of objects.
    """
    expanded = _expand(name, options)
    if "$" in expanded:
        return expanded.partition("$")[0] + "y", None
    return (expanded, True) if LIST.match(expanded) else ("", False)


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
        found = _are_equal(rest, options)
    return _opposite(found) if word.startswith("ifn") else found


# Both `(a,b)` and `"a" "b"` are compared; what still has a $ in it is not settled.
def _are_equal(rest: str, options: Options) -> Verdict:
    pair = PAIR.match(_expand(rest[:LONGEST_TEST], options))
    if not pair or "$" in pair.group():
        return None
    left, right = (side.strip() for side in pair.groups() if side is not None)
    return left == right


def _expand(text: str, options: Options) -> str:
    return VARIABLE.sub(lambda match: options.get(match.group(1), match.group()), text)


def _both(first: Verdict, second: Verdict) -> Verdict:
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def _opposite(verdict: Verdict) -> Verdict:
    return None if verdict is None else not verdict
