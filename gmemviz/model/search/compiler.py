"""Turn skeleton and Design into programs: flat lists of instructions, one an actor.

It stands for what a compiler and the tables of hooks make of the road: calls are laid out inline,
calls through ``i_sb->s_op`` become the Design's hook or the VFS's default, and of two names of a
function this kernel's caller calls one.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from gmemviz.facts import Context, HookName
from gmemviz.model.design import Action, Verb
from gmemviz.model.machine import Act, Enter, Instruction, Jump, Place, Program, Target
from gmemviz.model.road import (
    INSIDE,
    Call,
    Chosen,
    Do,
    Function,
    Hook,
    If,
    Line,
    ReturnIf,
    StopIf,
    When,
    can_reach,
    guard_of,
    operations,
)

GRACE_PERIOD: Final = "grace period"
OTHER_TABLE: Final = "inode->i_sb->s_op is not the Design's table"
NO_WAY: Final = "a hook that is given the inode has no way to a file's private_data"


class _Compiler:
    # Emits the code of one actor: `line` for each kind of line, `function` for a whole function.

    def __init__(self, target: Target, functions: Mapping[str, Function]) -> None:
        self.target = target
        self.functions = functions
        self.table = target.table
        self.code: list[Instruction] = []
        self.returns: list[int] = []  # jumps out of the function that is being emitted

    def function(self, name: str, shown: str, place: Place) -> None:
        # A jump out of a function lands behind its last line.
        body = self.functions[name]
        if body.says:  # an actor's own code has no name to enter
            self.code.append(Enter(place, body.says))
        outer, self.returns = self.returns, []
        for line in body.lines:
            if isinstance(line, StopIf) and line.test(self.target):
                break
            self.line(line, place, shown)
        for index in self.returns:
            jump = self.code[index]
            assert isinstance(jump, Jump)
            self.code[index] = Jump(jump.test, len(self.code))
        self.returns = outer

    def line(self, line: Line, place: Place, shown: str) -> None:
        # `shown` is the function that is emitted, as its callees name their caller.
        match line:
            case Call():
                self.call(line, place, "direct")
            case Do():
                self.do(line, place)
            case ReturnIf():
                self.returns.append(len(self.code))
                self.code.append(Jump(line.test, len(self.code)))
            case When():
                self.lines(line.lines if line.test(self.target) else (), place, shown)
            case If():
                self.branch(line, place, shown)
            case Chosen():
                self.chosen(line, place)
            case Hook():
                self.hook(line, place)

    def lines(self, lines: Sequence[Line], place: Place, shown: str) -> None:
        for line in lines:
            self.line(line, place, shown)

    def branch(self, line: If, place: Place, shown: str) -> None:
        start = len(self.code)
        self.code.append(Jump(line.test, start, unless=True))  # where to is known behind the lines
        self.lines(line.lines, place, shown)
        self.code[start] = Jump(line.test, len(self.code), unless=True)

    def chosen(self, line: Chosen, place: Place) -> None:
        # "" is a Design that never gets there, as a file that cannot be mapped.
        if name := getattr(self.target, line.what):
            self.call(Call((name,), line.context, is_entry=line.is_entry), place, "direct")

    def do(self, line: Do, place: Place) -> None:
        says = line.says if isinstance(line.says, str) else line.says(self.target)
        ways = (line.operation, line.otherwise) if line.otherwise else (line.operation,)
        self.code.append(Act(place, says, ways, line.guard, line.ways))

    def call(self, call: Call, place: Place, kind: str) -> None:
        shown = self.resolve(place.function, call.names)
        below = Place(
            function=shown,
            caller="" if call.is_entry else place.function,
            context=call.context or place.context,
            depth=place.depth + (not call.is_entry),
            hook=place.hook,
            kind="ops" if call.through and kind == "direct" else kind,
            op=call.through,
        )
        self.function(shown, shown, below)

    def resolve(self, caller: str, names: Sequence[str]) -> str:
        # The name that this kernel's caller calls; the newest outside the kernel.
        facts = self.target.facts
        if len(names) == 1 or not facts.has_function(caller):
            return names[0]
        called = {call.callee for call in facts.function(caller).calls}
        return next((name for name in names if name in called), names[0])

    def hook(self, hook: Hook, place: Place) -> None:
        # What the actor's tables have there, or the VFS's default; a hook of the Design that is in
        # no table of this superblock is passed by, and said to be.
        body = self.table.get(hook.name)
        inside: list[Line] = []
        for trait in self.target.traits:
            inside += INSIDE.get((trait, hook.name), ())
        if body is not None or ("bound" in self.target.traits and inside):
            context = hook.context or place.context
            function = dict(self.target.design.functions).get(hook.name, f"your_{hook.name}")
            below = Place(
                function, place.function, context, place.depth + 1, hook.name, "ops", hook.name
            )
            self.body(hook.name, body or (), inside, below)
            return
        if self.target.design.body(hook.name) is not None:
            self.code.append(
                Enter(place, f"passes {hook.name} by: {OTHER_TABLE}", hook.name, OTHER_TABLE)
            )
        for call in hook.default:
            self.call(call._replace(through=hook.name), place, "default")

    def body(
        self, hook: HookName, body: Sequence[Action], inside: Sequence[Line], place: Place
    ) -> None:
        self.code.append(Enter(place, f"runs as {hook}"))
        self.lines(inside, place, place.function)
        for action in body:
            through = action.via or _KERNEL_FUNCTION.get(action.verb, "")
            inner = _below(place, through, place.function) if through else place
            if not can_reach(action, hook, self.target):
                self.code.append(Enter(place, f"is of no use: {NO_WAY}", hook, NO_WAY))
            ways = operations(action, hook, self.target)
            self.code.append(Act(inner, action.says, ways, guard_of(action), action=action))
            if action.verb == "truncate":
                self.hook(Hook("free_folio"), inner)


def _below(place: Place, function: str, caller: str) -> Place:
    return place._replace(function=function, caller=caller, depth=place.depth + 1, kind="direct")


# Actions that are a call of the VFS where the Design names no function of its own.
_KERNEL_FUNCTION: Final[Mapping[Verb, str]] = {
    "truncate": "truncate_inode_pages_final",
    "clear_inode": "clear_inode",
    "call_rcu free struct": "call_rcu",
}


def compile_program(
    actor: str,
    entry: str,
    target: Target,
    functions: Mapping[str, Function],
    *,
    shown: str,
) -> Program:
    """Return the program of an actor that runs `entry` of `functions` on `target`.

    `shown` names the actor's own code in its steps.
    """
    compiler = _Compiler(target, functions)
    context: Context = "?" if shown == GRACE_PERIOD else "P"  # no code runs while RCU waits
    compiler.function(entry, shown, Place(shown, "", context, 0))
    return Program(actor, target, tuple(compiler.code))
