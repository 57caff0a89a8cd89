"""Say which plays of a Design's own actors a kernel shall see: who stops at which of its lines.

A play has one stop, or one for each side: that is how the bugs of tests/bugs are told (a reader has
loaded a pointer when evict_inode frees it), and what the model finds with more stops is not played.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, NamedTuple

from gmemviz.model import Action, Design
from gmemviz.model.design import DeclaredActor
from gmemviz.translate.c.names import Names, word


class Play(NamedTuple):
    """Name a play, the model's scenario that it asks about, and its row in C (struct beside)."""

    name: str
    scenario: str
    row: str


MODES: Final[Mapping[str, str]] = {
    "regular": "S_IFREG", "directory": "S_IFDIR", "symlink": "S_IFLNK", "special": "S_IFIFO",
    "bad": "S_IFREG",
}  # fmt: skip
"""What the creator writes into i_mode. (include/uapi/linux/stat.h)"""

AFTER_CLOSE: Final = 1001
AFTER_UMOUNT: Final = 1002
"""Moments of whoever closes. (gmemviz/record/played/played.h)"""

_GOING: Final = ("evict_inode", "destroy_inode")
"""Hooks in which I_FREEING is set and the inode is there. (fs/inode.c:evict@v6.12)"""


_LOADS: Final = (
    "free", "free after a grace period", "free in a worker", "read", "put on", "get",
    "get unless zero",
)  # fmt: skip
"""Words that load a pointer and then do something with it: others may come between."""


def stops_of(action: Action) -> int:
    """Return at how many places of an action a play may stop.

    Before it; once its question is answered; and once it has loaded the pointer that it uses.
    """
    return 1 + bool(action.only_if) + (action.verb in _LOADS and not action.is_word)


def lines_of(design: Design) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the stops of each body; an actor has one more, where it is done."""
    numbered: dict[str, tuple[int, ...]] = {}
    last = 0
    for title, body in design.bodies.items():
        count = sum(map(stops_of, body)) + title.startswith("actor ")
        numbered[title] = tuple(range(last + 1, last + count + 1))
        last += count
    return numbered


def plays_of(design: Design, basic: Mapping[str, tuple[str, ...]], start: str) -> tuple[Play, ...]:
    """Return the plays of a Design; `basic` are the driver's own, by the model's scenario."""
    names = Names(start, design)
    each = (_plays_of_kind(names, MODES[kind], kind, basic) for kind in design.kinds)
    return tuple(chain.from_iterable(each))


def _plays_of_kind(
    names: Names, mode: str, kind: str, basic: Mapping[str, tuple[str, ...]]
) -> Iterator[Play]:
    design = names.design
    suffix = f"-{kind}" if len(design.kinds) > 1 else ""
    common = [f".mode = {mode}"]
    if design.allocator == "new_inode":
        common.append(".is_listed = true")
    if timers_of(design):
        common.append(f".timers = {names.start}_timers")
    for scenario, plays in basic.items():
        after, before = _comes_before(scenario, names)
        for play in plays:
            fields = [f'.basic = "{play}"', *before, *common]
            yield Play(f"{play}{after}{suffix}", scenario, _row(fields))
    for how, about, fields in _late(names):
        yield Play(f"{how}{suffix}", about, _row([*fields, *common]))
    for actor in design.actors:
        for how, fields in _beside(actor, names):
            row = _row([f".actor = {_actor(actor, names)}", *fields, *common])
            others = [field for field in fields if field.startswith((".second", ".before"))]
            # Two of one actor are its own scenario.
            is_alone = others in ([], [f".second = {_actor(actor, names)}"])
            about = f"actor {actor.name}" if is_alone else "all actors"
            yield Play(f"{word(actor.name)}{how}{suffix}", about, row)


def beside_reader(actor: DeclaredActor) -> str:
    """Return the model's scenario of a reader without a reference, who comes behind an actor."""
    return f"actor {actor.name}, reader"


def _comes_before(scenario: str, names: Names) -> tuple[str, list[str]]:
    for actor in names.design.actors:
        if scenario == beside_reader(actor):
            return f"-after-{word(actor.name)}", [f".before = {_actor(actor, names)}"]
    return "", []


def timers_of(design: Design) -> list[str]:
    """Return the callbacks that are timers, by name."""
    return [callback.name for callback in design.callbacks if callback.runs == "timer"]


def _row(fields: list[str]) -> str:
    return f"{{ {', '.join(fields)} }}"


def _actor(actor: DeclaredActor, names: Names) -> str:
    return f"&{names.start}_actors[{names.design.actors.index(actor)}]"


# A worker is stopped in the midst of its body, whoever has queued it; softirqs nobody can stop.
def _late(names: Names) -> Iterator[tuple[str, str, list[str]]]:
    design = names.design
    early = [actor for actor in design.actors if actor.begins in ("creation", "open")]
    if timers_of(design):
        yield from _timed(early, names)
    for callback in design.callbacks if design.mount.own_table else ():
        if callback.runs != "worker":
            continue
        for number, line in enumerate(lines_of(design)[f"callback {callback.name}"], 1):
            how, stop = f"{word(callback.name)}@{number}", f".actor_stop = {line}"
            if not early:
                yield how, "last-close", [stop, ".unmounts = true"]
            for actor in early:
                fields = [f".actor = {_actor(actor, names)}", stop]
                about = f"actor {actor.name}"
                yield f"{word(actor.name)}+{how}", about, fields
                yield f"{word(actor.name)}+{how}+umount", about, [*fields, ".unmounts = true"]


# A softirq is not stopped, so it is said when it comes: at its next tick, or when whoever closes
# stands at a line, or when all the rest is over and whoever armed it may be gone.
def _timed(early: list[DeclaredActor], names: Names) -> Iterator[tuple[str, str, list[str]]]:
    late, lines = ".timers_are_late = true", lines_of(names.design)
    for actor in early:
        about, fields = f"actor {actor.name}", [f".actor = {_actor(actor, names)}", late]
        yield f"{word(actor.name)}+timers", about, fields
        yield f"{word(actor.name)}+timers+umount", about, [*fields, ".unmounts = true"]
        # What the last close arms comes as the actor goes on, under a lock of it where it has one.
        stop = f".actor_stop = {lines[f'actor {actor.name}'][0]}"
        yield f"{word(actor.name)}@1+timers", about, [*fields, stop]
    for line in chain.from_iterable(lines.get(hook, ()) for hook in ("release", *_GOING)):
        yield f"timers-in-{line}", "last-close", [late, f".close_stop = {line}"]
    yield "timers", "last-close", [late]
    yield "timers+umount", "last-close", [late, ".unmounts = true"]


# Each play has a few words in its name: `walk@2` stops before its second line, `+umount` unmounts.
def _beside(actor: DeclaredActor, names: Names) -> Iterator[tuple[str, list[str]]]:
    lines = lines_of(names.design)
    own = lines[f"actor {actor.name}"]
    if actor.begins in ("close", "umount"):
        is_late = actor.begins == "umount"
        after = [f".close_stop = {AFTER_UMOUNT if is_late else AFTER_CLOSE}"]
        after += [".unmounts = true"] if is_late else []
        yield "", after
        for number, line in enumerate(own, 1):
            yield f"@{number}", [*after, f".actor_stop = {line}"]
    elif actor.begins == "eviction":
        going = [line for hook in _GOING for line in lines.get(hook, ())]
        for line in going:
            yield f"-in-{line}", [f".close_stop = {line}"]
        for number, line in enumerate(own if going else (), 1):
            yield f"@{number}", [f".close_stop = {going[0]}", f".actor_stop = {line}"]
    else:
        yield from _early(actor, names, own)


# Who begins before the close is there alone, then beside another of its kind, and beside others.
def _early(
    actor: DeclaredActor, names: Names, own: tuple[int, ...]
) -> Iterator[tuple[str, list[str]]]:
    design = names.design
    for number, line in enumerate(own, 1):
        stop = f".actor_stop = {line}"
        yield f"@{number}", [stop]
        if actor.until != "umount" and design.mount.own_table:
            yield f"@{number}+umount", [stop, ".unmounts = true"]
        if actor.until != "umount" and _owns_superblock(design):
            yield f"@{number}+umounted", [stop, ".unmounts_first = true"]
        for callback, late in _queued_by(actor, design):
            yield f"@{number}>{word(callback)}", [stop, f".late_stop = {late}"]
        for other in _beside_whom(actor, design):
            second = f".second = {_actor(other, names)}"
            yield f"@{number}+{word(other.name)}", [stop, second]
            yield f"@{number}+{word(other.name)}-first", [stop, second, ".close_is_last = true"]
        yield from ((f"@{number}{how}", [stop, *row]) for how, row in _behind(actor, names))


def _owns_superblock(design: Design) -> bool:
    return any(kept.placement.holder == "superblock" for kept in design.keeps)


# What an actor queues late runs later still: its worker begins when all the others are done.
def _queued_by(actor: DeclaredActor, design: Design) -> Iterator[tuple[str, int]]:
    queued = {action.name for action in actor.does if action.verb == "queue"}
    for callback in design.callbacks:
        if callback.name in queued and callback.does:
            yield callback.name, lines_of(design)[f"callback {callback.name}"][0]


# What an actor alone attaches is NULL for the others until it has been there: two are needed, and
# a third where neither of them frees it.
def _behind(actor: DeclaredActor, names: Names) -> Iterator[tuple[str, list[str]]]:
    others = [other for other in names.design.actors if other != actor]
    early = [other for other in others if other.begins in ("creation", "open")]
    for who in early:
        if not any(action.verb.startswith("attach") for action in who.does):
            continue
        after, before = f"-after-{word(who.name)}", f".before = {_actor(who, names)}"
        yield after, [before]
        for other in early:
            if other != who:
                second = f".second = {_actor(other, names)}"
                yield f"+{word(other.name)}{after}", [before, second]


# A reader changes nothing that a second one of it would see.
def _beside_whom(actor: DeclaredActor, design: Design) -> Iterator[DeclaredActor]:
    changes = any(action.verb != "read" for action in actor.does)
    if changes and actor.times > 1:
        yield actor
    for other in design.actors:
        if other != actor and other.begins in ("creation", "open"):
            yield other
