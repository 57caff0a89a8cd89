"""Ask facts who sets a hook, who calls whom, and by which road."""

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from gmemviz.errors import of_kind, whole_number
from gmemviz.facts.filesystems import Filesystems, Tables, chosen
from gmemviz.facts.names import no_function, no_hook, no_member
from gmemviz.facts.noise import is_noise
from gmemviz.facts.records import Call, CallKind, Function, Guard, OpsTable
from gmemviz.facts.snapshot import Facts
from gmemviz.shown import Several, Table, shows_itself


@shows_itself
class Slot(NamedTuple):
    """Say that a table sets a hook to a function, and where."""

    hook: str
    function: str
    filesystem: str
    table: str
    struct: str
    path: str
    line: int
    condition: str = ""


@shows_itself
class Edge(NamedTuple):
    """Give one call, found `depth` steps from where the search began.

    Through a table (`kind` ops) the callee is the function in the slot, and
    `hook` the member; `path` and `line` are the call's own.
    """

    caller: str
    callee: str
    kind: CallKind
    path: str
    line: int
    guard: Guard
    depth: int
    hook: str = ""
    filesystem: str = ""


Node = tuple[str, str]
"""A function's name and the path of the file that defines it ("" if the facts do not)."""


def setters(facts: Facts, hook: str, struct: str = "super_operations") -> tuple[Slot, ...]:
    """Return the tables that set a hook, sorted by filesystem, path and line.

    UnknownNameError where `struct` has no such member.
    """
    of_kind("facts", facts, Facts)
    found = slots(facts).get((struct, hook), ())
    if not found and not facts.has_field(struct, hook):
        raise no_member(facts, hook, struct)
    return Several(sorted(found, key=lambda slot: (slot.filesystem, slot.path, slot.line)))


def defaults(facts: Facts, hook: str) -> tuple[Edge, ...]:
    """Return what runs where a hook is NULL, in the order of the source.

    UnknownNameError for a hook that nobody has.
    """
    of_kind("facts", facts, Facts)
    found = Several(
        edge
        for group in facts.functions.values()
        for function in group
        for call in function.calls
        if call.kind == "default" and call.hook == hook
        for edge, _ in edges_of(facts, function, call, 1, None)
    )
    if not found and hook not in _hooks(facts):
        raise no_hook(facts, hook, _hooks(facts))
    return found


@cache
def _hooks(facts: Facts) -> tuple[str, ...]:
    members = {name for struct, name in facts.fields if struct.endswith("_operations")}
    return tuple(sorted({*members, *(hook for _, hook in slots(facts))}))


def through(facts: Facts, hook: str, *, filesystems: Filesystems = None) -> tuple[Edge, ...]:
    """Return where the kernel calls a hook: to each function that sets it, and its default.

    With `filesystems`, the default only where one of their tables leaves the hook NULL.
    UnknownNameError where no function calls a hook of that name, or no filesystem has a name.
    """
    of_kind("facts", facts, Facts)
    tables = chosen(facts, filesystems)
    found = [
        edge
        for group in facts.functions.values()
        for function in group
        for call in function.calls
        if call.kind == "ops" and call.callee == hook
        for edge, _ in edges_of(facts, function, call, 1, tables)
    ]
    default = defaults(facts, hook)
    return Several((*found, *default) if _is_null(facts, hook, tables) else found)


def _is_null(facts: Facts, hook: str, tables: Tables | None) -> bool:
    # Who has no table of such a struct at all is on the superblock of somebody else.
    structs = {struct for struct, name in slots(facts) if name == hook}
    own = [table for table in facts.tables if table.struct in structs]
    if tables is not None:
        own = [table for table in own if (table.path, table.name) in tables]
    return not own or any(hook not in dict(table.slots) for table in own)


def callees(
    facts: Facts,
    name: str,
    *,
    depth: int = 1,
    noise: bool = False,
    filesystems: Filesystems = None,
    path: str = "",
) -> tuple[Edge, ...]:
    """Return the calls that a function leads to, nearest first, each once.

    Hooks lead to the functions of `filesystems`, by any name that `filesystem_names` has.

    >>> from gmemviz import facts
    >>> [edge.callee for edge in callees(facts.load("7.3"), "i_callback", filesystems=["shmem"])]
    ['shmem_free_in_core_inode', 'free_inode_nonrcu']
    """
    of_kind("facts", facts, Facts)
    whole_number("depth", depth, least=1)
    start = facts.function(name, path)
    tables = chosen(facts, filesystems)
    queue = deque([(start, 1)])
    seen = {(start.name, start.path)}
    found: list[Edge] = []
    while queue:
        function, steps = queue.popleft()
        for edge, target in successors(facts, function, steps, tables, noise=noise):
            found.append(edge)
            if target and steps < depth and (target.name, target.path) not in seen:
                seen.add((target.name, target.path))
                queue.append((target, steps + 1))
    return Several(found)


def callers(facts: Facts, name: str, *, depth: int = 1, noise: bool = False) -> tuple[Edge, ...]:
    """Return the calls that lead to a function, nearest first; a table's hook counts."""
    of_kind("facts", facts, Facts)
    whole_number("depth", depth, least=1)
    known = predecessors(facts)
    if not is_called(facts, name):
        raise no_function(facts, name, predecessors(facts))
    queue = deque([(name, 1)])
    seen = {name}
    found: list[Edge] = []
    while queue:
        callee, steps = queue.popleft()
        for edge in known.get(callee, ()):
            if noise or not is_noise(edge.caller):
                found.append(edge._replace(depth=steps))
                if steps < depth and edge.caller not in seen:
                    seen.add(edge.caller)
                    queue.append((edge.caller, steps + 1))
    return Several(found)


def reached(
    facts: Facts,
    hook: str,
    struct: str = "super_operations",
    *,
    depth: int = 3,
    filesystems: Filesystems = None,
) -> dict[Slot, tuple[Edge, ...]]:
    """Return, for each implementation of a hook, the calls that it leads to."""
    tables = chosen(facts, filesystems)
    return Table({
        slot: callees(facts, slot.function, depth=depth, filesystems=(), path=slot.path)
        for slot in setters(facts, hook, struct)
        if _belongs(slot, tables) and facts.has_function(slot.function)
    })  # fmt: skip


def road(
    facts: Facts, start: str, goal: str, *, filesystems: Filesystems = None, path: str = ""
) -> tuple[Edge, ...]:
    """Return a shortest chain of calls from one function to another, or () if there is none.

    UnknownNameError where the facts do not define the one, or nowhere name the other.
    """
    of_kind("facts", facts, Facts)
    if not is_called(facts, goal):
        raise no_function(facts, goal, predecessors(facts))
    first = facts.function(start, path)
    tables = chosen(facts, filesystems)
    came: dict[Node, tuple[Node, Edge] | None] = {(first.name, first.path): None}
    queue = deque([(first, 1)])
    while queue:
        function, steps = queue.popleft()
        here = (function.name, function.path)
        for edge, target in successors(facts, function, steps, tables, noise=True):
            if edge.callee == goal:
                return Several(reversed([edge, *_back(came, here)]))
            node = (target.name, target.path) if target else here
            if target and node not in came:
                came[node] = (here, edge)
                queue.append((target, steps + 1))
    return Several()


def is_called(facts: Facts, name: str) -> bool:
    """Tell whether the facts name a function: they define it, or something calls it."""
    return isinstance(name, str) and (facts.has_function(name) or name in predecessors(facts))


def _back(came: dict[Node, tuple[Node, Edge] | None], node: Node) -> Iterator[Edge]:
    while step := came[node]:
        node, edge = step
        yield edge


def successors(
    facts: Facts, function: Function, depth: int, tables: Tables | None, *, noise: bool
) -> Iterator[tuple[Edge, Function | None]]:
    """Yield a function's calls, and the definition that each leads to if the facts hold it."""
    for call in function.calls:
        if noise or call.kind == "ops" or not is_noise(call.callee):
            for edge, path in edges_of(facts, function, call, depth, tables):
                known = facts.has_function(edge.callee)
                yield edge, facts.function(edge.callee, path) if known else None


def edges_of(
    facts: Facts, function: Function, call: Call, depth: int, tables: Tables | None
) -> Iterator[tuple[Edge, str]]:
    """Yield a call's edges, each with the path that its callee is to be looked up from."""
    edge = Edge(function.name, call.callee, call.kind, function.path, call.line, call.guard, depth)
    if call.kind != "ops":
        yield edge._replace(hook=call.hook), function.path
        return
    found = set()
    for slot in slots(facts).get((call.struct, call.callee), ()):
        key = (slot.function, slot.filesystem)
        if key not in found and _belongs(slot, tables):
            found.add(key)
            through = edge._replace(
                callee=slot.function, hook=slot.hook, filesystem=slot.filesystem
            )
            yield through, slot.path


def _belongs(slot: Slot, tables: Tables | None) -> bool:
    return tables is None or (slot.path, slot.table) in tables


@cache
def slots(facts: Facts) -> dict[tuple[str, str], tuple[Slot, ...]]:
    """Return the slots of every table by (struct, hook)."""
    found: dict[tuple[str, str], list[Slot]] = {}
    for table in facts.tables:
        for slot in _table_slots(table):
            found.setdefault((slot.struct, slot.hook), []).append(slot)
    return {key: tuple(group) for key, group in found.items()}


def _table_slots(table: OpsTable) -> Iterable[Slot]:
    conditions = dict(table.conditions)
    for (hook, function), line in zip(table.slots, table.lines, strict=True):
        yield Slot(
            hook,
            function,
            table.filesystem,
            table.name,
            table.struct,
            table.path,
            line,
            conditions.get(hook, ""),
        )


@cache
def predecessors(facts: Facts) -> dict[str, tuple[Edge, ...]]:
    """Return the calls to each name; a hook's calls lead to all that sets it."""
    found: dict[str, list[Edge]] = {}
    for group in facts.functions.values():
        for function in group:
            for call in function.calls:
                for edge, _ in edges_of(facts, function, call, 1, None):
                    found.setdefault(edge.callee, []).append(edge)
    return {name: tuple(edges) for name, edges in found.items()}
