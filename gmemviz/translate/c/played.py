"""Write the functions of a Design whose words are played: hooks, actors, callbacks, their tables.

Each body is a function of its own, which finds what it needs at a `struct place`, and each hook is
one that the kernel calls and that calls the body (include/linux/fs.h:super_operations).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from gmemviz.facts import HookName
from gmemviz.model import Action, Design
from gmemviz.model.design import Callback, DeclaredActor, Runs
from gmemviz.translate.c.bodies import calls_of_lock, got_by, written
from gmemviz.translate.c.fragments import Words, fill
from gmemviz.translate.c.names import Names, word
from gmemviz.translate.c.plays import Play, timers_of

HEADS: Final[Mapping[HookName, tuple[str, str]]] = {
    "drop_inode": ("int {}(struct inode *inode)", "{ inode, NULL, NULL, inode->i_sb }"),
    "evict_inode": ("void {}(struct inode *inode)", "{ inode, NULL, NULL, inode->i_sb }"),
    "destroy_inode": ("void {}(struct inode *inode)", "{ inode, NULL, NULL, inode->i_sb }"),
    "free_inode": ("void {}(struct inode *inode)", "{ inode, NULL, NULL, inode->i_sb }"),
    "release": (
        "int {}(struct inode *inode, struct file *file)",
        "{ inode, file, file->f_path.dentry, inode->i_sb }",
    ),
    "d_release": ("void {}(struct dentry *dentry)", "{ NULL, NULL, dentry, dentry->d_sb }"),
    "put_super": ("void {}(struct super_block *sb)", "{ NULL, NULL, NULL, sb }"),
    "kill_sb": ("void {}(struct super_block *sb)", "{ NULL, NULL, NULL, sb }"),
}
"""The hooks that are written, as the kernel declares them, and what their body finds there.
(include/linux/dcache.h:dentry_operations, include/linux/fs.h:file_system_type@v6.12)"""

HOLDS: Final[Mapping[str, str]] = {
    "nothing": "HOLDS_NOTHING", "lock": "HOLDS_NOTHING", "rcu": "HOLDS_RCU", "srcu": "HOLDS_SRCU",
    "inode": "HOLDS_INODE",
    "dentry": "HOLDS_DENTRY", "file": "HOLDS_FILE", "O_PATH file": "HOLDS_O_PATH",
}  # fmt: skip
"""What an actor holds, as the driver calls it; a lock its body takes itself.
(gmemviz/record/played/played.h)"""


def bodies_before_hooks(names: Names) -> Iterator[str]:
    """Yield locks, lists, callbacks and actors, which the hooks name."""
    design = names.design
    for lock in design.locks:
        yield fill("lock", {"lock": names(word(lock.name)), lock.kind: True})
    for name in design.lists:
        yield f"static LIST_HEAD({names(word(name))});"
    yield from _forward(design, names)
    if design.actors:
        yield _actors(names)
    for callback in design.callbacks:
        function = names(word(callback.name))
        yield _body(function, f"callback {callback.name}", names)
        has_own = callback.name in design.carried
        yield fill("later", {"function": function, _way_of(callback): True, "carried": has_own})


# A body may queue a callback that queues it in turn, so all are declared before any.
def _forward(design: Design, names: Names) -> Iterator[str]:
    for callback in design.callbacks:
        words: Words = {"function": names(word(callback.name)), _way_of(callback): True}
        yield fill("queued", {**words, "carried": callback.name in design.carried})
    if timers := timers_of(design):
        rows = [f"\t{names(word(name))}_later," for name in timers]
        yield fill("timers", {"start": names.start, "rows": rows})


# SRCU calls what it calls as RCU does: by an rcu_head. (kernel/rcu/srcutree.c:call_srcu@v6.12)
def _way_of(callback: Callback) -> Runs:
    return "rcu" if callback.runs == "srcu" else callback.runs


# Who holds a lock for as long as it runs has it also where the body ends early.
def _body(function: str, title: str, names: Names, lock: str = "") -> str:
    does = names.design.bodies[title]
    words: Words = {
        "function": function, "steps": written(title, does, names), "got": _got(does, names),
    }  # fmt: skip
    before, after = ([f"\t{call}"] for call in calls_of_lock(names, lock)) if lock else ([], [])
    return fill("body", {**words, "before": before, "after": after})


# A reference of its own, until the body puts it.
def _got(body: tuple[Action, ...], names: Names) -> list[str]:
    of = {kept.kind.name: names.of(kept) for kept in names.design.keeps}
    got = [of[name] for name in got_by(body)]
    return [f"\tstruct {words['own']} *got_{words['x']} = NULL;" for words in got]


def _actors(names: Names) -> str:
    design = names.design
    bodies: list[str] = []
    rows: list[str] = []
    for number, actor in enumerate(design.actors):
        function = names(f"does_{word(actor.name)}")
        bodies.append(_body(function, f"actor {actor.name}", names, actor.lock))
        rows.append(_actor_row(number, actor, function, names.start))
    count = str(len(design.actors))
    return fill("actors", {"start": names.start, "count": count, "bodies": bodies, "rows": rows})


def _actor_row(number: int, actor: DeclaredActor, function: str, start: str) -> str:
    flags = f"&{start}_is_over[{number}], &{start}_inside[{number}]"
    return f'\t{{ "{actor.name}", {HOLDS[actor.holds]}, {function}, {flags} }},'


def hook_of_place(hook: HookName, names: Names) -> str:
    """Return a hook that calls its body, and the body before it."""
    function = names(f"does_{hook}")
    head, place = HEADS[hook]
    body = _body(function, str(hook), names)
    gives = head.startswith("int")
    words: Words = {"head": head.format(names(hook)), "function": function, "place": place}
    return f"{body}\n\n{fill('hook_of_place', words | {'gives': gives})}"


def gives_up(names: Names, unwound: list[str]) -> Iterator[str]:
    """Yield what the creator does when it gives up, before its iput."""
    function = names("does_error_path")
    title = "error path"
    does = names.design.error_path
    steps = written(title, does, names) if does else []
    words: Words = {"function": function, "steps": steps, "before": [], "after": []}
    yield fill("body", words | {"got": _got(does, names)})
    words = {"start": names.start, "function": function, "steps": unwound}
    yield fill("unwind_of_place", words | {"unwinds": bool(unwound)})


def besides(names: Names, plays: Sequence[Play]) -> str:
    """Return the table of a Design's plays, and the function that plays the one of a number."""
    actors = len(names.design.actors)
    resets = [f"\tmemset({names.start}_is_over, 0, sizeof({names.start}_is_over));"]
    resets.append(f"\tmemset({names.start}_inside, 0, sizeof({names.start}_inside));")
    resets += [f"\tINIT_LIST_HEAD(&{names(word(name))});" for name in names.design.lists]
    return fill("besides", {
        "start": names.start,
        "rows": [f"\t{play.row}," for play in plays],
        "resets": resets if actors else resets[2:],
    })  # fmt: skip


def table_of_plays(plays: Mapping[str, Sequence[Play]]) -> str:
    """Return the scenarios of a module: a function a name, which asks whose Design is played."""
    numbered: dict[str, list[str]] = {}
    for start, of_design in plays.items():
        for number, play in enumerate(of_design):
            asks = f"\tif ({start}_play(run, {number}))\n\t\treturn;"
            numbered.setdefault(play.name, []).append(asks)
    functions = [
        fill("play", {"number": str(number), "steps": steps})
        for number, steps in enumerate(numbered.values())
    ]
    return fill("plays", {
        "externs": [f"bool {start}_play(struct run *run, int number);" for start in plays],
        "functions": functions,
        "rows": [f'\t{{ "{name}", play_{number} }},' for number, name in enumerate(numbered)],
    })  # fmt: skip
