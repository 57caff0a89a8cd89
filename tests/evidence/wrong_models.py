"""Wrong models of the road, each of which differs from the kernel's by one line of one function.

A kernel has told what every cell does (`gmemviz/study/data`), so a wrong model is held against its
words without a boot: whatever it says more or less than the kernel showed gives it away.
"""

import random
from hashlib import sha256
from importlib.resources import files

from gmemviz.evidence.confirm.confirmation import Confirmation, Heard
from gmemviz.evidence.confirm.runs import runs_of_design
from gmemviz.evidence.console import Word
from gmemviz.model import check
from gmemviz.model.road.lines import Call, Do, Function, Hook, StopIf
from gmemviz.model.road.skeleton import SKELETON
from gmemviz.study import design_of_cell
from gmemviz.study.confirmed import confirmed, file_of

KERNELS = ("6.12", "7.3")


def changed(function, change):
    """Return the skeleton with one function's lines changed."""
    body = SKELETON[function]
    return {**SKELETON, function: Function(body.says, tuple(change(list(body.lines))))}


def without(kind, at=0):
    """Return a change that leaves out a line of a kind, the one of a number."""

    def change(lines):
        line = [line for line in lines if isinstance(line, kind)][at]
        return [other for other in lines if other is not line]

    return change


def twice(kind, at=0):
    def change(lines):
        line = [line for line in lines if isinstance(line, kind)][at]
        where = lines.index(line)
        return [*lines[:where], line, *lines[where:]]

    return change


def moved(kind, to, at=0):
    """Return a change that puts a line of a kind elsewhere."""

    def change(lines):
        line = [line for line in lines if isinstance(line, kind)][at]
        rest = [other for other in lines if other is not line]
        rest.insert(len(rest) if to is None else to, line)
        return rest

    return change


def calling(old, new):
    """Return a change that calls one function in place of another."""
    return lambda lines: [
        Call((new,)) if isinstance(line, Call) and line.names == (old,) else line for line in lines
    ]


def defaulting(count):
    """Return a change by which a NULL hook does only the first so many of its lines."""
    return lambda lines: [
        line._replace(default=line.default[:count]) if isinstance(line, Hook) else line
        for line in lines
    ]


def ignored(lines):
    """Do what a NULL hook would do, also where there is one."""
    for line in lines:
        if isinstance(line, Hook):
            yield from line.default
        else:
            yield line


def also(lines):
    """Do after the hook what a NULL hook would do."""
    for line in lines:
        yield line
        if isinstance(line, Hook):
            yield from line.default


WRONG = {
    "no grace period": ("destroy_inode", calling("call_rcu", "i_callback")),
    "two grace periods' callbacks": ("destroy_inode", twice(Call, 1)),
    "the VFS never frees": ("destroy_inode", without(Call, 1)),
    "the VFS frees beside destroy_inode": ("destroy_inode", without(StopIf)),
    "destroy_inode is not called": ("destroy_inode", without(Hook)),
    "destroy_inode is called twice": ("destroy_inode", twice(Hook)),
    "destroy_inode comes last": ("destroy_inode", moved(Hook, None)),
    "free_inode is not called": ("i_callback", ignored),
    "free_inode and the VFS free": ("i_callback", also),
    "free_inode is called twice": ("i_callback", twice(Hook)),
    "evict_inode is not called": ("evict", ignored),
    "evict_inode is called twice": ("evict", twice(Hook)),
    "truncation after evict_inode": ("evict", also),
    "no clear_inode by default": ("evict", defaulting(1)),
    "no truncation by default": ("evict", lambda lines: [
        line._replace(default=line.default[1:]) if isinstance(line, Hook) else line
        for line in lines
    ]),
    "evict destroys nothing": ("evict", without(Call)),
    "evict destroys first": ("evict", moved(Call, 1)),
    "clear_inode does nothing": ("clear_inode", without(Do)),
    "truncation does nothing": ("truncate_inode_pages_final", without(Do)),
    "drop_inode is not asked": ("iput_final", ignored),
    "drop_inode is asked twice": ("iput_final", twice(Hook)),
}  # fmt: skip
"""A function of the road, and the change to its lines, by what is wrong then."""


def told(row, cell, report):
    """Return a Confirmation of what is stored of a cell, beside another model's report."""
    by_name = {str(run): run for run in runs_of_design(report.design)}
    words = {name: [] for name in by_name}
    for code, shown in row.get("shown", {}).items():
        if shown["run"] in words:
            words[shown["run"]].append(Word(code, shown["line"]))
    listened = [Heard(run, tuple(words[name])) for name, run in by_name.items()]
    return Confirmation(report, row["release"], tuple(listened))


def gives_away(row, cell, skeleton, shared):
    """Return what gives a wrong model away in a cell, or ""."""
    try:
        found = told(row, cell, check(design_of_cell(cell), skeleton=skeleton, shared=shared))
    except AssertionError:  # a machine that cannot even go on
        return "broken"
    if found.missing:
        return f"says {found.missing[0]}, which the kernel did not show"
    return f"lacks {found.surplus[0]}, which the kernel showed" if found.surplus else ""


def asked(seed=0):
    """Return every cell that a kernel agreed on, in an order of chance, with what it said."""
    rows = [(cell, row) for kernel in KERNELS for cell, row in confirmed(kernel).items()]
    agreed = [(cell, row) for cell, row in rows if row["judgement"].startswith("agrees")]
    return random.Random(seed).sample(agreed, len(agreed))  # noqa: S311 (no secret)


def held_against(name, cells):
    """Return in how many cells a wrong model is given away, and by what first."""
    function, change = WRONG[name]
    skeleton, shared = changed(function, change), {}
    found = [(cell, gives_away(row, cell, skeleton, shared)) for cell, row in cells]
    reasons = [(cell, why) for cell, why in found if why]
    return len(reasons), reasons[:1]


def checksum():
    """Return a sum over what the kernels said."""
    folder = files("gmemviz.study") / "data"
    said = b"".join((folder / file_of(kernel)).read_bytes() for kernel in KERNELS)
    return sha256(said).hexdigest()
