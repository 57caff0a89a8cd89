"""Hold a recording against a Design: is what a real kernel did a run of the model?

A recording is the functions that one inode met on its way, the longest of which is that of a last
close: fs/file_table.c:__fput, fs/dcache.c:dput, and in fs/inode.c iput, iput_final, evict,
destroy_inode, and after a grace period i_callback (all @v6.12). It shows what the tracer's filter
had and the compiler did not inline; the model does more. So a run of the model is looked for that,
with all left out that the recording could not show, is what was recorded (`replay.walk`).

The road: choose the Design and the scenario (`chosen`), lay out what the model could show of them
(`entries`, `alphabet`), walk (`system`, `replay`), lay both side by side (`pairs`), and say it
(`conformity`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import NoneType
from typing import Final

from gmemviz.errors import RecordingError, of_kind
from gmemviz.evidence.recorded_console import LEAKS, Said, said_in
from gmemviz.evidence.validate.alphabet import MILESTONES, Alphabet, Seen, edges_seen, steps_of
from gmemviz.evidence.validate.chosen import (
    as_file,
    as_played,
    designs_of,
    kernel_of,
    on_kernel,
    scenario_of,
)
from gmemviz.evidence.validate.conformity import Allowed, Conformity, Difference, Pair
from gmemviz.evidence.validate.entries import Entries, ProgramEntry, Start
from gmemviz.evidence.validate.pairs import entered, pairs
from gmemviz.evidence.validate.replay import Recorded, Walked, walk, walk_to_defect
from gmemviz.evidence.validate.system import System
from gmemviz.facts import Context, Facts, Trace, load
from gmemviz.model import Design
from gmemviz.model import trace as trace_of
from gmemviz.model.search import world_of
from gmemviz.record import follow
from gmemviz.record.inode import NO_BIRTH, Calls, base, ends_of, evict_of, sights_of
from gmemviz.record.text import Loss
from gmemviz.shown import Several
from gmemviz.study import named as taken

FROM_LISTS: Final = frozenset({"evict_inodes", "prune_icache_sb"})
"""What evicts the inodes of a list, of the superblock or of the LRU (fs/inode.c@v6.12)."""

IN: Final[dict[Context, str]] = {
    "P": "in process context",
    "L": "in atomic context",
    "A": "in atomic context",
    "B": "in softirq context",
    "?": "in a context that is not told",
}
"""The contexts in a sentence. L and A are one here: a tracer shows both as preemption off.
(kernel/trace/trace_output.c:trace_print_lat_fmt@v6.12)"""


def conform(
    recording: Trace,
    design: Design | str | Path | None = None,
    *,
    facts: Facts | None = None,
    inode: str = "",
) -> Conformity:
    """Return whether the inode that a recording follows went as the model of a Design may go.

    The model runs on the recording's kernel, as its `facts` have it: those shipped, or others,
    such as of your own tree. Of several inodes, `inode` names one (`gmemviz.record.follow`). Steps
    of the model that the recording cannot show are
    silent, and what it does before the road begins; of the recording, calls that the model does
    not name. Without a Design it is the gallery's one for the filesystem that the hooks tell.
    RecordingError where there is no such inode, kernel or Design.
    """
    of_kind("recording", recording, Trace)
    design = taken(design)
    of_kind("design", design, Design, NoneType)
    of_kind("facts", facts, Facts, NoneType)
    kernel = kernel_of(recording, facts)
    facts = facts or load(kernel)
    recorded = follow(recording, facts=facts, inode=inode)
    if design:
        asked, told = on_kernel(design, kernel)
        return _held(recording, recorded, asked, told, facts)
    found: list[Conformity] = []
    for way, told in designs_of(recording, recorded, facts):
        found.append(_held(recording, recorded, way, told, facts))
        if found[-1].conforms:
            return found[-1]
    return max(found, key=lambda held: len(held.matched))


# One Design. Of several, which a source leaves open, a recording conforms that goes as any may.
def _held(recording: Trace, recorded: Trace, design: Design, told: str, facts: Facts) -> Conformity:
    design = as_played(design, recording)
    scenario, why = scenario_of(recording, recorded.marks[-1][1], design)
    world = world_of(as_file(design), scenario, facts)
    entries = Entries(world)
    bare = replace(world.design, hooks=(), functions=(), keeps=())
    defaults = Entries(world_of(bare, scenario, facts))
    known = entries.names | defaults.names
    seen = Seen(recording, facts, known)
    chain, starts = _project(recorded, entries, defaults, seen)
    system, said = System(entries, seen, starts), said_in(recording, recorded)
    walked, ended = _walked(system, chain, said)
    end = ended.event if ended else len(recorded.events)
    chain = [shown for shown in chain if shown.number < end]
    difference = _difference(recorded, chain, walked, entries)
    is_cut = difference is None and not walked.is_over
    unseen = tuple(_unseen(walked, entries, seen))
    named = tuple(shown.number for shown in chain)
    compared = enumerate(recorded.events[:end])
    of_model = [number for number, event in compared if base(event.function) in known]
    return Conformity(
        recorded=recorded,
        model=trace_of(walked.path, facts),
        design=design,
        told=told,
        scenario=scenario,
        why_scenario=why,
        named=named,
        matched=walked.matched,
        beside=tuple(at for at in of_model if at not in named),
        unseen=tuple((entry.function, why) for entry, why in unseen),
        unwatched=tuple(entry.function for entry, _ in unseen if _is_asked(entry)),
        rest=tuple(dict.fromkeys(map(str, _allowed(walked, entries)))) if is_cut else (),
        pairs=pairs(walked, entries, len(recorded.events), ended.event if ended else None),
        edges=edges_seen(recorded),
        difference=difference,
        defect=walked.path.defect.code if walked.path.defect else "",
        ended=ended,
    )


validate = conform
"""The name that the command has, after the field's word for it: trace validation."""


def alignment(recording: Trace, design: Design | None = None) -> tuple[Pair, ...]:
    """Return events of the followed inode and steps of the model's run, in pairs."""
    return Several(conform(recording, design).pairs)


# To where model and kernel show the same defect, or else as far as a run of the model goes. Where
# a lucky kernel says nothing both go on. Behind a hazard that it speaks of it counts other contexts
# than the model (kernel/sched/core.c:schedule_debug@v6.12 sets preempt_count to that of who holds
# no lock), so nothing is compared there.
def _walked(
    system: System, chain: Sequence[Recorded], said: Sequence[Said]
) -> tuple[Walked, Said | None]:
    for word in said:
        before = [shown for shown in chain if shown.number < word.event]
        if word.code not in LEAKS and (found := walk_to_defect(system, before, word.code)):
            beyond = (shown.number for shown in before if shown.number not in found.matched)
            return found, word._replace(event=next(beyond, word.event))
    # Neither has a word: how far does any run come?
    walked = walk(system, chain)
    left = walked.path.defect
    is_said = [word for word in said if left and walked.is_over and word.code == left.code]
    return walked, is_said[0] if is_said else None


# The events that the model names, and where in its code the road may begin. What the VFS does for
# a hook that is NULL counts as named too, though this Design may set the hook.
def _project(
    recorded: Trace, entries: Entries, defaults: Entries, seen: Seen
) -> tuple[list[Recorded], frozenset[Start]]:
    calls = Calls(recorded.events)
    road = [*reversed(list(calls.above(evict_of(recorded, calls)))), evict_of(recorded, calls)]
    sights = sights_of(recorded)
    road, starts = _begin(calls, _told(calls, road, sights), entries)
    roads = [(entries, start) for start in starts]
    roads += [(defaults, start) for start in _starts(defaults, calls.names[road[0]])]
    alphabet = Alphabet(roads, seen, dict(entries.world.design.functions))
    ends = ends_of(recorded, seen.facts)
    callers = alphabet.callers(recorded.events, calls, road, sights, ends)
    chain: list[Recorded] = []
    places: dict[int, int] = {}  # of the events in the chain, by their numbers
    for number in sorted(callers):
        above = places.get(callers[number])
        places[number] = len(chain)
        chain.append(Recorded(number, recorded.events[number], calls.names[number], above))
    return chain, starts


def _starts(entries: Entries, function: str) -> frozenset[Start]:
    return frozenset(road for road in entries.roads() if entries.entry(road).function == function)


# The road as far as it tells of one inode. Whoever takes inodes from a list has killed dentries
# before, and which was this one's only an address tells. (fs/super.c:super_cache_scan@v6.12)
def _told(calls: Calls, road: list[int], sights: frozenset[int]) -> list[int]:
    lists = [at for at, number in enumerate(road) if calls.names[number] in FROM_LISTS]
    return road[lists[0] :] if lists and not sights else road


# From the first function on that the model has on its own.
def _begin(calls: Calls, road: list[int], entries: Entries) -> tuple[list[int], frozenset[Start]]:
    for at, number in enumerate(road):
        if starts := _starts(entries, calls.names[number]):
            return road[at:], starts
    names = ", ".join(calls.names[number] for number in road)
    name = entries.world.scenario.name
    raise RecordingError(f"the road {names} is none that the model has in the scenario {name}")


# What the run did on the road and the recording has nowhere, each function once, with the reason.
def _unseen(walked: Walked, entries: Entries, seen: Seen) -> Iterator[tuple[ProgramEntry, str]]:
    if walked.start is None:
        return
    on_road, shown = set(entries.shown(walked.start)), steps_of(entries, walked.start, seen)
    functions = set()
    for where in entered(walked, entries):
        entry = entries.entry(where)
        if where in on_road and where not in shown and entry.function not in functions:
            functions.add(entry.function)
            yield entry, seen.why_not(entry)


# What is inline is a part of its caller, so it ran where that did.
def _is_asked(entry: ProgramEntry) -> bool:
    return bool(entry.hook) or entry.function in MILESTONES


# The first event that no run has there, and what may be said against it: the run is over, the
# context is another, the hook is NULL, or nothing of the kind comes.
def _difference(
    recorded: Trace, chain: Sequence[Recorded], walked: Walked, entries: Entries
) -> Difference | None:
    allowed = tuple(dict.fromkeys(_allowed(walked, entries)))
    is_stuck = walked.defects and not allowed
    ends = f"the model's run ends with {', '.join(walked.defects)}" if is_stuck else ""
    if len(walked.matched) == len(chain):
        if walked.is_over or any(sentence != NO_BIRTH for sentence in recorded.missing):
            return None
        sentence = f"The recording ends, and {ends or 'the model goes on'}."
        return Difference(None, "", sentence, allowed)
    if walked.skipped and any(isinstance(sentence, Loss) for sentence in recorded.missing):
        return None  # the step may be among what was lost
    first = chain[len(walked.matched)]
    caller = chain[first.caller].name if first.caller is not None else ""
    same = [step for step in allowed if step.function == first.name and step.caller in ("", caller)]
    if ends:
        against = f"and {ends}"
    elif same:
        against = f"and the model has it {IN[same[0].context]}"
    elif first.event.hook and entries.world.design.body(first.event.hook) is None:
        against = f"and the Design leaves {first.event.hook} NULL"
    elif walked.skipped:
        against = f"and {_name(entries.entry(walked.skipped))} has to run before it, and did not"
    else:
        against = "and no run of the model has that there"
    happened = f"{_what(first, caller)} {IN[first.event.context]}"
    sentence = f"{happened}, {against} ({_where(recorded, first)})."
    return Difference(first.number, caller, sentence, allowed)


def _name(entry: ProgramEntry) -> str:
    return f"{entry.function} as the {entry.hook} hook" if entry.hook else entry.function


def _allowed(walked: Walked, entries: Entries) -> Iterator[Allowed]:
    for where, above in walked.allowed:
        entry = entries.entry(where)
        caller = entries.entry(above).function if above else ""
        yield Allowed(entry.function, entry.context, entry.hook, caller)


def _what(shown: Recorded, caller: str) -> str:
    hook = f" as the {shown.event.hook} hook" if shown.event.hook else ""
    within = f" within {caller}" if caller else ""
    return f"{shown.event.function} runs{hook}{within}"


def _where(recorded: Trace, shown: Recorded) -> str:
    time = f", at {shown.event.time:.6f} s" if shown.event.time is not None else ""
    return f"event {shown.number + 1} of {len(recorded.events)}{time}"
