"""Hold one actor's code: instructions, of which only `Act` touches the heap.

It stands for what one task, softirq or reader executes, compiled from the road. Entering a
function, a hook passed by and a jump are silent: they ride along with the next Act, so they cost
the search nothing, and a place in the code is told by the number of Acts before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from gmemviz.facts import Context, InHook
from gmemviz.model.design import Action
from gmemviz.model.machine.heap import Machine
from gmemviz.model.machine.target import Operation, Target, Test


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

    `ways` name these, where the operations do not. `action` is what a Design's hook does here, and
    `word` what a body of the Design says, with the body's title: "" in the VFS itself.
    """

    place: Place
    says: str
    operations: tuple[Operation, ...]
    guard: Test | None = None
    ways: tuple[str, ...] = ()
    action: Action | None = None
    word: str = ""


class Jump(NamedTuple):
    """Go on at `to` when `test` holds, or with `unless` when it does not."""

    test: Test
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
    """Give one actor's code. `target` is what it works on.

    `known` keeps what `next` has answered, by Acts done and register.
    """

    actor: str
    target: Target
    code: tuple[Instruction, ...]
    known: dict[tuple[int, int], Next | None] = field(default_factory=dict, compare=False)

    @property
    def shown(self) -> str:
        """Return the actor's name as the Design has it: the model's own has a colon before it."""
        return self.actor.rpartition(":")[2]

    @cached_property
    def acts(self) -> tuple[int, ...]:
        """Return where in the code the Acts are."""
        return tuple(at for at, line in enumerate(self.code) if isinstance(line, Act))

    @cached_property
    def _by_number(self) -> tuple[Act, ...]:
        return tuple(line for line in self.code if isinstance(line, Act))

    def act(self, number: int) -> Act:
        """Return an Act by its number."""
        return self._by_number[number]

    def walk(self, done: int, register: int) -> Iterator[Enter | Act]:
        """Yield the Enters that an actor passes after `done` Acts, then its next Act, if any."""
        return (instruction for _, instruction in self._walk(done, register))

    def _walk(self, done: int, register: int) -> Iterator[tuple[int, Enter | Act]]:
        machine = Machine({}, "P", register)  # a jump looks at nothing but the register
        at = self.acts[done - 1] + 1 if done else 0
        while at < len(self.code):
            instruction = self.code[at]
            if isinstance(instruction, Jump):
                holds = instruction.test(machine, self.target) != instruction.unless
                at = instruction.to if holds else at + 1
                continue
            yield at, instruction
            if isinstance(instruction, Act):
                return
            at += 1

    def next(self, done: int, register: int) -> Next | None:
        """Return what comes after `done` Acts; it depends on these and the register only."""
        return self.after((done, register))

    def after(self, progress: tuple[int, int]) -> Next | None:
        """Return the same for an actor's progress, as a State has it."""
        try:
            return self.known[progress]
        except KeyError:
            self.known[progress] = self._next(*progress)
            return self.known[progress]

    def _next(self, done: int, register: int) -> Next | None:
        entered: list[str] = []
        passed: list[tuple[str, str]] = []
        for at, instruction in self._walk(done, register):
            if isinstance(instruction, Act):
                number = self.acts.index(at)
                return Next(number, instruction, tuple(entered), tuple(passed))
            if instruction.passed:
                passed.append((instruction.passed, instruction.why))
            entered.append(instruction.place.hook)
        return None

    @cached_property
    def meaning(self) -> tuple[Any, ...]:
        """Return what the code does, without the names of functions.

        Two programs of one meaning do the same in every state, so they can be searched once.
        """
        does: list[Any] = []
        landings: list[int] = []  # where a jump lands, with no Enter counted
        for instruction in self.code:
            landings.append(len(does))
            if isinstance(instruction, Act):
                does.append((instruction.operations, instruction.guard, instruction.place.context))
            elif isinstance(instruction, Jump):
                does.append(instruction)
        landings.append(len(does))
        for at, instruction in enumerate(does):
            if isinstance(instruction, Jump):
                does[at] = instruction._replace(to=landings[instruction.to])
        design = replace(
            self.target.design, kernel="", name="", cleanup="", hooks=(), functions=(),
            creator="", allocator="", adds_folio="",
        )  # fmt: skip
        return (self.actor, *self.target.names, design, self.target.design.has_container, *does)
