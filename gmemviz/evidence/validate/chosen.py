"""Choose what to hold a recording against: the kernel's facts, the Design, the scenario."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from gmemviz.errors import GmemvizError, RecordingError, choice
from gmemviz.facts import Facts, HookName, Trace, kernel_of_release, kernels
from gmemviz.model import SCENARIOS, Design, Scenario
from gmemviz.model.design import Action
from gmemviz.record.inode import Calls
from gmemviz.study import design_of_cell, designs, gallery

SUPER: Final = "super_operations"
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


def design_of(recording: Trace, trace: Trace, facts: Facts) -> tuple[Design, str]:
    """Return the cell that a mark of the recording names, or the gallery's Design; and what told.

    `trace` is the inode that was followed: the functions that ran as its hooks are slots of one
    filesystem's table in the facts, and of one Design that the kernel has. RecordingError where
    none fits, or more than one.
    """
    kernel = kernel_of(recording, facts)
    if cell := _marked(recording, CELL):
        design = design_of_cell((kernel, *cell.split()))
        return design, f"the mark {CELL + cell!r} names it"
    ran = {event.hook: event.function.partition(".")[0] for event in trace.events if event.hook}
    of_kernel = [name for name in designs() if _is_of(gallery(name), kernel)]
    fitting = [(name, _telling(gallery(name), ran, facts)) for name in of_kernel]
    fitting = [(name, functions) for name, functions in fitting if functions]
    if len(fitting) != 1:
        fitting = _by_files([name for name, _ in fitting] or of_kernel, trace, facts) or fitting
    if len(fitting) == 1:
        name, functions = fitting[0]
        return gallery(name), f"told from {', '.join(functions)}"
    names = [name for name, _ in fitting] or of_kernel
    shown = ", ".join(f"{function} as {hook}" for hook, function in sorted(ran.items()))
    word = "More than one Design fits" if fitting else "No Design of the gallery fits"
    raise RecordingError(
        f"{word} what the recording shows ({shown or 'no hook'}); "
        f"name one of {', '.join(names)}, or a file"
    )


def _is_of(design: Design, kernel: str) -> bool:
    return design.kernel == kernel and design.origin == "kernel"


# The functions by which a Design is told; () where it does not fit.
def _telling(design: Design, ran: Mapping[HookName, str], facts: Facts) -> tuple[str, ...]:
    own, tables = dict(design.functions), _tables(facts, ran)
    hooks = _super_hooks(own, facts)
    if not tables:  # no hook of super_operations ran
        is_told = ran.get("release", "") == own.get("release")
        return (own["release"],) if is_told and not hooks else ()
    fits = bool(hooks) and any(hooks.items() <= table.items() for table in tables)
    told_by = [function for hook, function in hooks.items() if ran.get(hook) == function]
    return tuple(told_by) if fits else ()


# Where a hook is missing or of another filesystem, which is what a recording is asked about, no
# table tells: then the one Design in whose files most of the functions stand that ran.
def _by_files(
    names: Iterable[str], trace: Trace, facts: Facts
) -> list[tuple[str, tuple[str, ...]]]:
    ran = sorted({event.function.partition(".")[0] for event in trace.events})
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        files, slots = _beside(gallery(name), facts)
        found[name] = tuple(
            word for word in ran if word in slots or files.intersection(_paths(word, facts))
        )
    most = max(map(len, found.values()), default=0)
    return [(name, told) for name, told in found.items() if len(told) == most > 0]


def _paths(function: str, facts: Facts) -> set[str]:
    return {known.path for known in facts.functions.get(function, ())}


# The files whose tables have the Design's own functions, and all hooks of these files: fs/pipe.c
# has a table of the superblock and one of the file.
def _beside(design: Design, facts: Facts) -> tuple[set[str], set[str]]:
    own = dict(design.functions)
    hooks = _super_hooks(own, facts) or {hook: own[hook] for hook in own if hook == "release"}
    tables = [table for table in facts.tables if hooks.items() <= dict(table.slots).items()]
    files = {table.path for table in tables if hooks}
    slots: set[str] = set()
    for table in facts.tables:
        if table.path in files:
            slots.update(function for _, function in table.slots)
    return files, slots


# The tables that hold the most of the functions that ran: a recording may show one too many.
def _tables(facts: Facts, ran: Mapping[HookName, str]) -> list[Mapping[str, str]]:
    tables = [dict(table.slots) for table in facts.tables if table.struct == SUPER]
    counts = [len(ran.items() & table.items()) for table in tables]
    most = max(counts, default=0)
    return [table for table, count in zip(tables, counts, strict=True) if count == most > 0]


# What a Design's functions are as hooks of a superblock; a file's release is of another table.
def _super_hooks(functions: Mapping[HookName, str], facts: Facts) -> dict[HookName, str]:
    members: set[str] = set()
    for table in facts.tables:
        if table.struct == SUPER:
            members |= dict(table.slots).keys()
    return {hook: function for hook, function in functions.items() if hook in members}


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
