"""Write a Design and a scenario as Promela, so that SPIN can say what our search says.

The order of a program's steps is taken from the model; what a step does is written anew
in `promela_operations`.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final

from gmemviz.errors import GmemvizError, of_kind
from gmemviz.facts import Facts, load
from gmemviz.facts.vocabulary import Context
from gmemviz.model.design import DEFECTS, Design, unfit
from gmemviz.model.machine import Act, Jump, Program
from gmemviz.model.road import bodies
from gmemviz.model.road.members import used
from gmemviz.model.scenarios import Scenario
from gmemviz.model.search import World, world_of
from tests.oracles.promela_names import (
    At,
    Names,
    Text,
    comment,
    identifiers,
    indent,
    names_of,
    when,
)
from tests.oracles.promela_operations import condition, operation

__all__ = ("CODES", "is_known", "promela")

OF_NO_STEP: Final = ("hang", "unreachable-hook")
CODES: Final = tuple(code for code in DEFECTS if code not in OF_NO_STEP)
"""The defects that a run can show; each is a flag of the Promela text, with _ for -."""


def is_known(design: Design) -> bool:
    """Return whether the text can say all that a Design does: no word of a body of its own.

    Nor a container of which alloc_inode leaves a member as an earlier life of the memory left it,
    nor kinds of inode, nor a member that the VFS itself loads and reads.
    """
    declares = design.actors or design.callbacks or design.locks or design.lists
    declares = declares or design.kinds != ("regular",) or any(used(design))
    return (
        not declares and not design.unset_at_birth and bodies.WORDS.keys().isdisjoint(design.said)
    )


CONTEXTS: Final[Mapping[Context, str]] = {
    "P": "PROCESS",
    "A": "ATOMIC",
    "L": "I_LOCK",
    "B": "SOFTIRQ",
    "?": "NO_CODE",
}

WORDS: Final = """\
#define ABSENT 0    /* what memory is */
#define HELD 1
#define AWAITING 2
#define FREED 3
#define NOTHING 0   /* no object, no cache, no reader */
#define CLEARED 254 /* a word of flags */
#define SET 255
#define NOT_QUEUED 255
#define INODE_CACHEP 1
#define OWN_CACHE 2
#define I_FREEING 1
#define I_CLEAR 2
#define I_WILL_FREE 4
#define PROCESS 0   /* where a step runs */
#define ATOMIC 1
#define I_LOCK 2
#define SOFTIRQ 3
#define NO_CODE 4
"""

INLINES: Final = """\
#define at(place) !ended && pc == place
#define is_held(thing) (status[thing] == HELD || status[thing] == AWAITING)
#define is_set(slot) (slot != NOTHING && slot != CLEARED)

inline tell(code) { code = true; assert(!code); code = false; } /* and goes on */
inline fail(code) { ended = true; tell(code); goto end; }
inline bug_on(broken) { if :: broken -> fail(assertion); :: else fi; }

inline allocate(thing) {
    if :: is_held(thing) -> tell(leak); :: else fi;
    status[thing] = HELD;
}
inline touch(thing) { if :: status[thing] == FREED -> fail(use_after_free); :: else fi; }
inline free(thing) {
    if :: status[thing] == FREED -> fail(double_free); :: else fi;
    status[thing] = FREED;
}
inline free_to(thing, came_from, cache) {
    if :: status[thing] == FREED -> fail(double_free); :: else fi;
    if :: came_from != cache -> fail(wrong_cache); :: else fi;
    status[thing] = FREED;
}
inline container_of(came_from) { if :: came_from != OWN_CACHE -> fail(wrong_cache); :: else fi; }
inline put(count) { count--; answer = count; }
inline load(from, to) { to = from; answer = (to != NOTHING -> 1 : 0); }

inline may_sleep(context) {
    if
    :: context == ATOMIC || context == I_LOCK -> tell(sleep_in_atomic);
    :: context == SOFTIRQ -> tell(sleep_in_softirq);
    :: else
    fi;
}
inline take_lock(context) { if :: context == SOFTIRQ -> tell(lock_context); :: else fi; }
inline take_shared_lock(context) { if :: context == SOFTIRQ -> tell(deadlock); :: else fi; }
"""


def promela(design: Design, scenario: Scenario, *, facts: Facts | None = None) -> str:
    """Return Promela that shows every defect of `design` in `scenario` as a failed assertion.

    The assertion names its defect, as ``!(use_after_free)``. To hear of all of them, not
    of the first: ``spin -a FILE``, ``gcc -DSAFETY -DNOREDUCE -o pan pan.c``, ``./pan -c0``.
    That a hook is never entered is no defect of any run, so SPIN does not say it.
    GmemvizError names what the text cannot say, or why the Design is none.
    """
    of_kind("design", design, Design)
    of_kind("scenario", scenario, Scenario)
    if reason := unfit(design):
        raise GmemvizError(f"nothing to write: {reason}")
    world = world_of(design, scenario, facts or load(design.kernel))
    names = names_of(world)
    actors = identifiers("actor_", (program.actor for program in world.programs))
    lines = chain(
        (comment(f"{design.title}; {scenario.name}: {scenario.says}"), ""),
        WORDS.splitlines(),
        ("",),
        _cells(names),
        INLINES.splitlines(),
        *(_process(program, actors[program.actor], names) for program in world.programs),
        _judge(world, names),
    )
    return "\n".join(lines) + "\n"


def _cells(names: Names) -> Text:
    for number, word in enumerate(names.objects.values(), 1):
        yield f"#define {word} {number}"
    start = ", ".join(names.start[name] for name in names.objects)
    yield f"byte status[{len(names.objects) + 1}] = {{NOTHING, {start}}};"
    for name, word in names.words.items():
        if name not in names.objects:
            kind = "byte" if names.start[name] in ("NOTHING", "NOT_QUEUED") else "short"
            yield f"{kind} {word} = {names.start[name]};"
    yield ""
    yield "bool ended;"
    yield from (f"bool {code.replace('-', '_')};" for code in CODES)
    yield ""


def _process(program: Program, word: str, names: Names) -> Text:
    yield ""
    yield f"active proctype {word}()"
    yield "{"
    yield "    short answer = 0;"
    yield f"    short pc = {_landing(program, 0, At(program.target, '', names))};"
    yield "end:"
    yield "    do"
    for number in range(len(program.acts)):
        yield from indent(_act(program, number, names))
    yield "    od"
    yield "}"


def _act(program: Program, number: int, names: Names) -> Text:
    act = program.act(number)
    place = act.place
    at = At(program.target, CONTEXTS[place.context], names)
    asked = condition("guard", act.guard, at) if act.guard else "true"
    waits = "" if asked == "true" else f" && {asked}"
    told = f"{place.hook}: " if place.hook else ""
    for way in act.operations:
        yield comment(f"{place.function}: {told}{act.says}")
        yield f":: atomic {{ at({number}){waits} ->"
        yield from indent(operation(way, at))
        yield f"    pc = {_landing(program, program.acts[number] + 1, at)}; }}"


def _landing(program: Program, index: int, at: At) -> str:
    # The number of the next Act, past everything that touches nothing.
    for there in range(index, len(program.code)):
        instruction = program.code[there]
        if isinstance(instruction, Act):
            return str(program.acts.index(there))
        if isinstance(instruction, Jump):
            asked = condition("jump", instruction.test, at)
            far, near = _landing(program, instruction.to, at), _landing(program, there + 1, at)
            yes, no = (near, far) if instruction.unless else (far, near)
            return f"({asked} -> {yes} : {no})"
    return str(len(program.acts))


def _judge(world: World, names: Names) -> Text:
    yield ""
    yield "active proctype judge() /* looks at the heap when nobody has a next step */"
    yield "{"
    yield "end:"
    yield "    do"
    yield "    :: atomic { timeout && !ended ->"
    yield "        ended = true;"
    leaks = [
        line
        for code, held in (("leak", world.objects), ("inode_leak", world.inodes))
        for line in _leaks(code, held, names)
    ]
    # A cached inode of a live superblock is evicted one day.
    cached = " || ".join(_is_cached(inode, names) for inode in world.listed)
    yield from indent(indent(when(f"!({cached})", leaks) if cached else leaks))
    yield "        }"
    yield "    od"
    yield "}"


def _is_cached(inode: str, names: Names) -> str:
    status, count, state, superblock = (
        names.words[name] for name in (inode, f"{inode}.i_count", f"{inode}.i_state", "superblock")
    )
    unused = f"{count} == 0 && {state} == 0"
    return f"(status[{status}] == HELD && {unused} && status[{superblock}] == HELD)"


def _leaks(code: str, held: Iterable[str], names: Names) -> Text:
    if asked := " || ".join(f"is_held({names.words[name]})" for name in held):
        yield from when(asked, [f"tell({code});"])
