"""A second, slower way to every verdict: run all interleavings of plain generators.

Written from the contract of the hooks, apart from the package: of gmemviz.model it knows the
Design and the data a Design is made of, nothing else. An actor is a generator that yields Steps
and is told what each returned. A moment of a run is a heap and, for each actor, what it has been
told so far; the actor itself is run again from that whenever it is needed.
"""

from dataclasses import dataclass, field

from tests.oracles.enumerator_heap import HELD, Defect, Heap
from tests.oracles.enumerator_kernel import Who, softirq
from tests.oracles.enumerator_scenarios import WHO

SHARED = ("superblock", "own cache")
GONE = {"i_private_data": (7, 1)}  # the kernel that took the field out of struct address_space


@dataclass
class Found:
    """The codes of all runs, how those that ended left memory, and what hooks were of use."""

    codes: set = field(default_factory=set)
    outcomes: set = field(default_factory=set)
    notes: set = field(default_factory=set)
    moments: int = 0


class Runs:
    """Take every step of every actor that may be taken, depth first.

    With `remember` a moment met again is not gone on from again.
    """

    def __init__(self, actors, *, remember=True):
        self.actors, self.remember, self.found = actors, remember, Found()
        self.seen, self.known = set(), {}
        self.visit(Heap(), ((),) * len(actors))

    def visit(self, heap, told):
        if self.is_old(heap, told):
            return
        self.found.moments += 1
        steps = [self.step(index, answers) for index, answers in enumerate(told)]
        ready = [n for n, step in enumerate(steps) if step and (not step.when or step.when(heap))]
        for index in ready:
            for way in steps[index].ways:
                self.take(way, heap.copy(), told, index)
        if not ready:
            end(self.found, heap)

    def is_old(self, heap, told):
        if not self.remember:
            return False
        moment = heap.key(), told
        was_seen = moment in self.seen
        self.seen.add(moment)
        return was_seen

    def take(self, way, heap, told, index):
        try:
            answer = way(heap)
        except Defect as defect:
            self.found.codes |= heap.said | {defect.code}
            return
        self.found.codes |= heap.said
        self.found.notes |= heap.notes
        self.visit(heap, (*told[:index], (*told[index], answer), *told[index + 1 :]))

    def step(self, index, answers):
        if (index, answers) not in self.known:
            self.known[index, answers] = next_step(self.actors[index], answers)
        return self.known[index, answers]


def next_step(actor, answers):
    """Return what an actor that was told `answers` would do next, or None where it is done."""
    running = actor()
    try:
        step = next(running)
        for answer in answers:
            step = running.send(answer)
    except StopIteration:
        return None
    return step


def end(found, heap):
    left = {name: fate for name, fate in heap.fate.items() if name not in SHARED}
    found.outcomes.add(frozenset(left.items()))
    for name, fate in left.items():
        if fate == HELD and name != "folio":
            found.codes.add("inode-leak" if name in ("inode", "second") else "leak")


def ask(design, scenario, *, without=(), remember=True):
    """Return what all runs of one scenario show of `design`, some rules left out."""
    who = Who(design, without=frozenset(without))
    _, actors_of = WHO[scenario]
    return Runs((*actors_of(who), lambda: softirq(who)), remember=remember).found


def scenarios_of(design):
    return [name for name, (asks, _) in WHO.items() if asks(design)]


def lacks_a_field(design):
    version = tuple(map(int, design.kernel.split(".")))
    return any(version >= GONE.get(kept.placement.field, (1000,)) for kept in design.keeps)


def useless_hooks(found):
    """Return the hooks that no run of any scenario enters, or that cannot do their work."""
    notes = set().union(*(one.notes for one in found))
    entered = {name for word, name in notes if word == "entered"}
    passed = {name for word, name in notes if word == "passed"}
    return (passed - entered) | {name for word, name in notes if word == "no way"}
