"""Hold one actor's code: instructions, of which only `Act` touches the heap.

Entering a function, a hook passed by and a jump are silent: they ride along with the next Act,
so they cost the search nothing, and a place in the code is told by the number of Acts before it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from gmemviz.facts import Context, InHook
from gmemviz.model.machine.heap import Machine
from gmemviz.model.machine.target import Operation, Target


class Place(NamedTuple):
    """Say where an instruction stands. `hook` is "" in the VFS itself.

    `op` is the member that the caller goes through, where it calls through a table.
    """

    function: str
    caller: str
    context: Context
    depth: int
    hook: InHook = ""
    kind: str = "direct"
    op: str = ""


class Enter(NamedTuple):
    """Enter a function; where `passed` is set, a hook of the Design is of no use, and why."""

    place: Place
    says: str
    passed: InHook = ""
    why: str = ""


class Act(NamedTuple):
    """Do one of `operations` atomically; more than one are ways it may go.

    `word` is what a body of the Design says there, with the body's title; "" in the VFS itself.
    """

    place: Place
    says: str
    operations: tuple[Operation, ...]
    guard: Callable[[Machine, Target], bool] | None = None
    word: str = ""


class Jump(NamedTuple):
    """Go on at `to` when `test` holds, or with `unless` when it does not."""

    test: Callable[[Machine, Target], bool]
    to: int
    unless: bool = False


Instruction = Enter | Act | Jump


class Next(NamedTuple):
    """Give an actor's next Act, its number, and the hooks entered and passed by on the way."""

    number: int
    act: Act
    entered: tuple[str, ...]
    passed: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Program:
    """Give one actor's code. `target` is what it works on."""

    actor: str
    target: Target
    code: tuple[Instruction, ...]
    known: dict[tuple[int, int], Next | None] = field(default_factory=dict, compare=False)

    @cached_property
    def acts(self) -> tuple[int, ...]:
        """Return where in the code the Acts are."""
        return tuple(at for at, one in enumerate(self.code) if isinstance(one, Act))

    def act(self, number: int) -> Act:
        """Return an Act by its number."""
        act = self.code[self.acts[number]]
        assert isinstance(act, Act)
        return act

    def walk(self, done: int, register: int) -> Iterator[Enter | Act]:
        """Yield the Enters that an actor passes after `done` Acts, then its next Act, if any."""
        return (one for _, one in self._walk(done, register))

    def _walk(self, done: int, register: int) -> Iterator[tuple[int, Enter | Act]]:
        m = Machine({}, "P", register)
        at = self.acts[done - 1] + 1 if done else 0
        while at < len(self.code):
            instruction = self.code[at]
            if isinstance(instruction, Jump):
                holds = instruction.test(m, self.target) != instruction.unless
                at = instruction.to if holds else at + 1
                continue
            yield at, instruction
            if isinstance(instruction, Act):
                return
            at += 1

    def next(self, done: int, register: int) -> Next | None:
        """Return what comes after `done` Acts; it depends on these and the register only."""
        if (done, register) not in self.known:
            self.known[done, register] = self._next(done, register)
        return self.known[done, register]

    def _next(self, done: int, register: int) -> Next | None:
        entered: list[str] = []
        passed: list[tuple[str, str]] = []
        for at, one in self._walk(done, register):
            if isinstance(one, Act):
                return Next(self.acts.index(at), one, tuple(entered), tuple(passed))
            if one.passed:
                passed.append((one.passed, one.why))
            entered.append(one.place.hook)
        return None

    @cached_property
    def meaning(self) -> tuple[Any, ...]:
        """Return what the code does, without the names of functions.

        Two programs of one meaning do the same in every state, so they can be searched once.
        """
        before = [0]
        for one in self.code:
            before.append(before[-1] + (not isinstance(one, Enter)))
        does: list[Any] = [
            (one.operations, one.guard, one.place.context)
            if isinstance(one, Act)
            else (one.test, one.unless, before[one.to])
            for one in self.code
            if not isinstance(one, Enter)
        ]
        design = replace(
            self.target.design, kernel="", name="", cleanup="", hooks=(), functions=(),
            creator="", allocator="", adds_folio="",
        )  # fmt: skip
        on = (*self.target.names, design, self.target.design.has_container)
        return (self.actor, *on, *does)
