"""Turn skeleton and Design into programs: flat lists of instructions, one an actor.

It stands for what a compiler and the tables of hooks make of the road: calls are laid out inline,
calls through ``i_sb->s_op`` become the Design's hook or the VFS's default, and of two names of a
function this kernel's caller calls one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from gmemviz.facts import HOOKS, TABLES, Context, HookName, InHook
from gmemviz.model.design import ATTACHING, DROPS, SHUTDOWNS, TAKES, Action, Holder, Verb
from gmemviz.model.machine import Act, Enter, Instruction, Jump, Place, Program, Target
from gmemviz.model.road import (
    INSIDE,
    Again,
    Call,
    Choose,
    Chosen,
    Do,
    Function,
    Hook,
    If,
    Line,
    OwnBody,
    ReturnIf,
    StopIf,
    When,
    always,
    bodies,
    can_reach,
    folios,
    guard_of,
    keep,
    kvm,
    operations,
    out_of_reach,
    yes,
)

GRACE_PERIOD: Final = "grace period"

EMPTY_FOPS: Final = "file->f_op is empty_fops, as that of every O_PATH file"
"""Why release is passed by: such a file never sees the Design's. (fs/open.c:do_dentry_open)"""

NO_WAY: Final[Mapping[Holder, str]] = {
    "file": "a hook that is given the inode has no way to a file's private_data",
    "dentry": "a hook that is given the inode has no way to a dentry's d_fsdata",
}
"""Why a hook is of no use to metadata, by what holds its pointer."""


def other_table(hook: HookName) -> str:
    """Return why a hook of the Design is passed by: whose table the kernel looks into instead.

    >>> other_table("kill_sb")
    "sb->s_type is not the Design's table"
    """
    # Of all files, only one that was opened with O_PATH has another f_op than its inode's i_fop.
    if hook == "release":
        return EMPTY_FOPS
    return f"{TABLES[HOOKS[hook].struct]} is not the Design's table"


class _Compiler:
    # Emits the code of one actor: `line` for each kind of line, `function` for a whole function.

    def __init__(self, target: Target, functions: Mapping[str, Function]) -> None:
        self.target = target
        self.functions = functions
        self.table = target.table
        self.code: list[Instruction] = []
        self.held: list[tuple[str, Verb]] = []  # the Design's locks that the body holds
        self.detached: frozenset[str] = frozenset()  # what the body has detached, and has itself
        self.own: frozenset[str] = frozenset()  # those of it that the action is about
        self.floor: Context | None = None  # where the body runs from which a road is entered
        self.returns: list[int] = []  # jumps out of the function that is being emitted
        self.folios: Callable[..., None] | None = None  # which an action works on, if not the first

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
        self.land()
        self.returns = outer

    def land(self) -> None:
        # Every jump out of what was emitted lands here.
        for index in self.returns:
            jump = self.code[index]
            assert isinstance(jump, Jump)
            self.code[index] = Jump(jump.test, len(self.code))

    def line(self, line: Line, place: Place, shown: str) -> None:  # noqa: C901 (a flat table)
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
            case OwnBody(title, context):
                where = place._replace(context=context or place.context)
                self.actions(self.target.design.bodies[title], "", where, title=title)
            case Choose(ways, says):
                self.act(Act(place, says, ways(self.target)))
            case Again():
                self.code.append(Jump(always, 0))

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
        place = place._replace(context=line.context or place.context)
        says = line.says if isinstance(line.says, str) else line.says(self.target)
        ways = (line.operation, line.otherwise) if line.otherwise else (line.operation,)
        self.act(Act(place, says, ways, line.guard, line.ways))

    def act(self, act: Act) -> None:
        act = act._replace(operations=bodies.by_own(self.own, act.operations))
        if self.folios:
            act = act._replace(operations=folios.working_on(self.folios, act.operations))
        self.code.append(act)

    def call(self, call: Call, place: Place, kind: str) -> None:
        shown = self.resolve(place.function, call.names)
        below = Place(
            function=shown,
            caller="" if call.is_entry else place.function,
            context=self.context(call.context, place),
            depth=place.depth + (not call.is_entry),
            hook=place.hook,
            kind="ops" if call.through and kind == "direct" else kind,
            op=call.through,
        )
        self.function(shown, shown, below)

    def context(self, said: Context | None, place: Place) -> Context:
        # A road that is entered from atomic context stays atomic.
        context = said or place.context
        return self.floor if self.floor and context == "P" else context

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
            if trait != "module" or not kvm.is_built_in(self.target, hook.name, self.functions):
                inside += INSIDE.get((trait, hook.name), ())
        if body is not None or ("bound" in self.target.traits and inside):
            context = self.context(hook.context, place)
            function = dict(self.target.design.functions).get(hook.name, f"your_{hook.name}")
            below = Place(
                function, place.function, context, place.depth + 1, hook.name, "ops", hook.name
            )
            self.body(hook.name, body or (), inside, below)
            return
        if self.target.design.body(hook.name) is not None:
            why = other_table(hook.name)
            self.code.append(Enter(place, f"passes {hook.name} by: {why}", hook.name, why))
        for call in hook.default:
            self.call(call._replace(through=hook.name), place, "default")

    def body(
        self, hook: HookName, body: Sequence[Action], inside: Sequence[Line], place: Place
    ) -> None:
        self.code.append(Enter(place, f"runs as {hook}"))
        self.lines(inside, place, place.function)
        self.actions(body, hook, place)

    def actions(
        self, body: Sequence[Action], hook: InHook, place: Place, *, title: str = ""
    ) -> None:
        # A jump out of a body lands behind its last action. Behind a lock that spins, and up to its
        # unlock, nothing may sleep; drop_inode alone may drop i_lock meanwhile.
        outer, self.returns = self.returns, []
        outer_held, self.held = self.held, []
        outer_detached, self.detached = self.detached, frozenset()
        outer_own = self.own
        outer_folios = self.folios
        for action in body:
            is_spun = any(self.target.lock_kind(name) != "mutex" for name, _ in self.held)
            where = place._replace(context="A") if is_spun and place.context == "P" else place
            start = len(self.code)
            self.folios = folios.on_folios(action, title or hook, self.target) or outer_folios
            is_set_anew = action.verb in ("detach", *ATTACHING)
            needed = self.target.design.needed_by(action)
            self.own = frozenset() if is_set_anew else self.detached & needed
            self.action(action, hook, where, title)
            if action.verb == "detach":
                self.detached |= {action.metadata}
            self.name_act(start, f"{title or hook}: {action}", is_road=action.verb in _ROADS)
            place = place._replace(context=_I_LOCK.get(action.verb, place.context))
            if action.verb in TAKES:
                self.held.append((action.name, action.verb))
            if action.verb in DROPS:
                self.held.remove((action.name, TAKES[DROPS.index(action.verb)]))
        if hook == "drop_inode" and body and body[-1].only_if:
            # What ends with `if C: return 1` returns C, and is to say so where it is no.
            self.line(Do(keep, "the answer is no, the inode may stay"), place, place.function)
        self.land()
        self.returns, self.held, self.folios = outer, outer_held, outer_folios
        self.detached, self.own = outer_detached, outer_own

    def name_act(self, start: int, word: str, *, is_road: bool) -> None:
        # The Act that does what an action says bears its words: the last one of its own.
        emitted = enumerate(self.code[start:], start)
        acts = [(at, line) for at, line in emitted if isinstance(line, Act)]
        if not acts:
            return
        # A road begins with its first Act; free_folio behind a truncate is not the action's own.
        depth = acts[0][1].place.depth
        own = [(at, act) for at, act in acts if act.place.depth == depth]
        at, act = own[0] if is_road else own[-1]
        self.code[at] = act._replace(word=word)

    def action(self, action: Action, hook: InHook, place: Place, title: str) -> None:
        # What an action depends on is asked first. A road of the kernel's that a body enters, as
        # iput, stays in atomic context where the body is: `floor` says so to all that it calls.
        if nothing := out_of_reach(action, hook, title, self.target):
            self.line(Do(nothing, f"cannot: {action}"), place, place.function)
            return
        start = 0
        if action.only_if:
            self.line(bodies.asks(action), place, place.function)
            start = len(self.code)
            self.code.append(Jump(yes, start, unless=True))  # where to is known behind the action
        through = action.via or _KERNEL_FUNCTION.get(action.verb, "")
        inner = _below(place, through, place.function) if through else place
        if lines := bodies.lines_of(action, self.target, tuple(self.held)):
            outer, self.floor = self.floor, place.context if place.context in "AB" else self.floor
            self.lines(lines, inner, place.function)
            self.floor = outer
        else:
            self.done(action, hook, place, inner)
        if action.only_if and action.verb in _ANSWERS:
            self.returns.append(len(self.code))  # what stands below is for the other case
            self.code.append(Jump(always, len(self.code)))
        if action.only_if:
            self.code[start] = Jump(yes, len(self.code), unless=True)

    # An action that `road.hook_actions` has is one step, whatever body it stands in.
    def done(self, action: Action, hook: InHook, place: Place, inner: Place) -> None:
        if hook and not can_reach(action, hook, self.target):
            why = NO_WAY[self.target.kept(action.metadata).placement.holder]
            self.code.append(Enter(place, f"is of no use: {why}", hook, why))
        ways = operations(action, hook or "release", self.target)
        self.act(Act(inner, action.says, ways, guard_of(action), action=action))
        if action.verb == "truncate":
            self.lines(folios.SHOWS, inner, place.function)


def _below(place: Place, function: str, caller: str) -> Place:
    return place._replace(function=function, caller=caller, depth=place.depth + 1, kind="direct")


_ROADS: Final[frozenset[Verb]] = frozenset({"iput", *SHUTDOWNS})
"""Words that stand for a whole road of the kernel."""
_ANSWERS: Final[tuple[Verb, ...]] = ("return 0", "return 1")
_I_LOCK: Final[Mapping[Verb, Context]] = {
    "drop i_lock": "P", "take i_lock": "L", "rcu_read_unlock": "P",
}  # fmt: skip
"""Where what follows in the body runs."""

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
