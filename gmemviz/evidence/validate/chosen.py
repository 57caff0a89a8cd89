"""Choose what to hold a recording against: the kernel's facts, the Design, the scenario."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gmemviz.errors import GmemvizError, RecordingError, choice
from gmemviz.evidence.validate.derived import derived_of
from gmemviz.evidence.validate.filesystem import home_of, homes_told
from gmemviz.facts import Facts, Trace, kernel_of_release, kernels
from gmemviz.model import SCENARIOS, Design, Scenario
from gmemviz.model.design import Action
from gmemviz.record.inode import Calls
from gmemviz.study import design_of_cell, designs, gallery

FREES: Final = "free_inode_nonrcu"
"""By what a module gives an inode back to inode_cachep. (fs/inode.c:free_inode_nonrcu@v6.12)"""

ROADS: Final[Mapping[str, tuple[str, ...]]] = {
    "close": ("last-close", "o-path"),
    "rm-watch": ("igrab",),
    "umount": ("root-inode", "module-unload"),
    "rmmod": ("module-unload",),
    "iput": ("creation-fails-late", "creation-fails-early"),
    "unlink": ("unlink",),
    "drop-caches": ("reclaim",),
}
"""Who may drop the last reference after a mark: the first one, unless a mark names another."""

ROOT: Final = "root-inode"
BELOW_ROOT: Final = "umount"
"""The scenarios of an inode that goes with its superblock: the root's, and one with a name."""

NAMED: Final = "scenario "
"""How a mark begins that has the name of the model's scenario."""

CELL: Final = "design "
"""How a mark begins that has the choices of a cell."""

STANDS_IN: Final = {"igrab": "igrab stands in for the watch, which holds the inode without a file"}
"""What a scenario stands for that the model has no scenario of its own for."""


def kernel_of(trace: Trace, facts: Facts | None = None) -> str:
    """Return the kernel whose facts are a recording's, as 7.3 for 7.3.4; else RecordingError.

    With facts it is theirs, or the newest one where they are of none that is shipped: the facts
    say what that kernel does, and only what they leave open is the other's.
    """
    if facts:
        return kernel_of_release(facts.kernel) or kernels()[-1]
    if kernel := kernel_of_release(trace.kernel):
        return kernel
    said = f"of kernel {trace.kernel}" if trace.kernel else "of a kernel that it does not name"
    known = ", ".join(kernels())
    raise RecordingError(
        f"the recording is {said}; there are facts of {known} only: say which with --kernel, or "
        "have them made with --tree"
    )


def on_kernel(design: Design, kernel: str) -> tuple[Design, str]:
    """Return a Design as it would be on a kernel, and a word on it if it was meant for another."""
    if design.kernel == kernel:
        return design, "as asked for"
    return replace(design, kernel=kernel), f"as asked for; written for {design.kernel}"


def designs_of(recording: Trace, trace: Trace, facts: Facts) -> tuple[tuple[Design, str], ...]:
    """Return the cell that a mark of the recording names, or the Designs of whose functions ran.

    `trace` is the inode that was followed. It is the gallery's Design of that filesystem, or what
    its source comes to, a Design for each way that it leaves open; never another filesystem's.
    Where as much ran of one as of another, which no kernel that is right does, it is each one's.
    Beside each stands what told. RecordingError where nothing tells.
    """
    kernel = kernel_of(recording, facts)
    if cell := _marked(recording, CELL):
        design = design_of_cell((kernel, *cell.split()))
        return ((design, f"the mark {CELL + cell!r} names it"),)
    of_kernel = tuple(map(gallery, filter(lambda name: _is_of(gallery(name), kernel), designs())))
    found: list[tuple[Design, str]] = []
    for home in homes_told(trace, facts):
        told = f"told from {', '.join(home.ran)}"
        known = [
            design for design in of_kernel
            if home_of(dict(design.functions).values(), facts) == home.path
        ]  # fmt: skip
        if not known:
            told = f"derived of {home.path}, which the gallery does not have; {told}"
        found += ((design, told) for design in known or derived_of(home, trace, facts))
    if found:
        return tuple(found)
    ran = {event.hook: event.function for event in trace.events if event.hook}
    hooks = ", ".join(f"{function} as {hook}" for hook, function in sorted(ran.items()))
    raise RecordingError(
        f"what the recording shows is no filesystem's own: {hooks or 'no hook'}; "
        f"name one of {', '.join(design.name for design in of_kernel)}, or a file"
    )


def _is_of(design: Design, kernel: str) -> bool:
    return design.kernel == kernel and design.origin == "kernel"


def scenario_of(trace: Trace, mark: str, design: Design) -> tuple[Scenario, str]:
    """Return the scenario that a recording shows, and why that one.

    `mark` is the one that the inode was followed from. GmemvizError where the scenario does not
    ask about the Design.
    """
    road = next(road for road in ROADS if mark.startswith(road))
    default, *others = ROADS[road]
    why = f"the inode goes after the mark {mark!r}"
    name = default
    if name == ROOT and SCENARIOS[BELOW_ROOT].asks(design) and not _is_put_by_dput(trace):
        name, why = BELOW_ROOT, f"{why}, and no dput kills its dentry"
    for other in others:
        for _, text in trace.marks:
            if _letters(other) in _letters(text):
                name, why = other, f"the mark {text!r} names it"
    if said := _marked(trace, NAMED):
        name, why = choice("scenario", said, SCENARIOS), f"the mark {NAMED + said!r} names it"
    if name in STANDS_IN:
        why += f"; {STANDS_IN[name]}"
    scenario = SCENARIOS[name]
    if not scenario.asks(design):
        raise GmemvizError(f"the scenario {name} ({why}) does not ask about {design.title}")
    return scenario, why


# The root's dentry alone is put there; those below it are collected, and killed, before.
# (fs/dcache.c:do_one_tree@v6.12)
def _is_put_by_dput(trace: Trace) -> bool:
    calls = Calls(trace.events)
    above = calls.above(calls.names.index("evict"))
    return any(calls.names[caller] == "dput" for caller in above)


def is_judged(recording: Trace) -> bool:
    """Return whether it is of a module of a Design, as `gmemviz confirm` builds it."""
    return bool(_marked(recording, NAMED))


def as_played(design: Design, recording: Trace) -> Design:
    """Return a Design as the recorded kernel had it: as a module it calls no filesystem's own."""
    if not is_judged(recording):
        return design
    hooks = tuple((hook, _as_written(body, design)) for hook, body in design.hooks)
    return replace(design, hooks=hooks, functions=())


def as_file(design: Design) -> Design:
    """Return a Design as makes regular files alone, if it makes any: such is what was recorded.

    Else a step that belongs to files, as tmpfs's policy, could be left out: a directory has none.
    """
    return replace(design, kinds=("regular",)) if "regular" in design.kinds else design


# By the functions that the C of a Design calls: translate/c/hooks.py.
def _as_written(body: tuple[Action, ...], design: Design) -> tuple[Action, ...]:
    to_cachep = {"free to inode_cachep"}
    if not design.has_container:
        to_cachep.add("free struct")
    written = []
    for action in body:
        via = FREES if action.verb in to_cachep else ""
        written.append(action._replace(via=via))
    return tuple(written)


# What stands in a mark behind its first word, or "" where there is no such mark.
def _marked(trace: Trace, word: str) -> str:
    found = (text.removeprefix(word) for _, text in trace.marks if text.startswith(word))
    return next(found, "")


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
