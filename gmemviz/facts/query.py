"""Ask facts who sets a hook, who calls whom, and by which road."""

from collections import defaultdict, deque
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import NamedTuple

from gmemviz.errors import UnknownNameError, of_kind, shown, whole_number
from gmemviz.facts.filesystems import Filesystems, Tables, chosen
from gmemviz.facts.noise import is_noise
from gmemviz.facts.records import Call, CallKind, Function, Guard
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
        raise _no_member(facts, hook, struct)
    return Several(sorted(found, key=lambda slot: (slot.filesystem, slot.path, slot.line)))


def _no_member(facts: Facts, hook: str, struct: str) -> UnknownNameError:
    what = f"no hook {shown(hook)} of struct {shown(struct)}"
    members = sorted(name for of, name in facts.fields if of == struct)
    if members:
        return facts.lacks(what, hook, members)
    return facts.lacks(what, struct, sorted({of for of, _ in facts.fields}))


def defaults(facts: Facts, hook: str) -> tuple[Edge, ...]:
    """Return what runs where a hook is NULL, in the order of the source.

    UnknownNameError for a hook that nobody has.
    """
    of_kind("facts", facts, Facts)
    found = _edges_of_hook(facts, hook, "default", None)
    hooks = _hooks(facts)
    if not found and hook not in hooks:
        what = f"no function and no hook {shown(hook)}"
        raise facts.lacks(what, hook, (*hooks, *facts.functions))
    return found


@cache
def _hooks(facts: Facts) -> tuple[str, ...]:
    members = {name for struct, name in facts.fields if struct.endswith("_operations")}
    return tuple(sorted({*members, *(hook for _, hook in slots(facts))}))


# What the calls of a hook lead to, or (of kind default) what is called in its place.
def _edges_of_hook(
    facts: Facts, hook: str, kind: CallKind, tables: Tables | None
) -> tuple[Edge, ...]:
    found: list[Edge] = []
    for function in chain.from_iterable(facts.functions.values()):
        for call in function.calls:
            if call.kind == kind and hook == (call.callee if kind == "ops" else call.hook):
                found += [edge for edge, _ in _edges(facts, function, call, tables)]
    return Several(found)


def through(facts: Facts, hook: str, *, filesystems: Filesystems = None) -> tuple[Edge, ...]:
    """Return where the kernel calls a hook: to each function that sets it, and its default.

    With `filesystems`, the default only where one of their tables leaves the hook NULL.
    UnknownNameError where no function calls a hook of that name, or no filesystem has a name.
    """
    of_kind("facts", facts, Facts)
    tables = chosen(facts, filesystems)
    found = _edges_of_hook(facts, hook, "ops", tables)
    default = defaults(facts, hook)
    return Several((*found, *default)) if _is_null(facts, hook, tables) else found


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
    `noise` brings those that `is_noise` leaves out. UnknownNameError for a name not known.

    >>> from gmemviz import facts
    >>> [edge.callee for edge in callees(facts.load("7.3"), "i_callback", filesystems=["shmem"])]
    ['shmem_free_in_core_inode', 'free_inode_nonrcu']
    """
    of_kind("facts", facts, Facts)
    whole_number("depth", depth, least=1)
    start = facts.function(name, path)
    walk = _walk(facts, start, chosen(facts, filesystems), noise=noise, most=depth)
    return Several(edge for _, edge, _ in walk)


def callers(facts: Facts, name: str, *, depth: int = 1, noise: bool = False) -> tuple[Edge, ...]:
    """Return the calls that lead to a function, nearest first; a table's hook counts."""
    of_kind("facts", facts, Facts)
    whole_number("depth", depth, least=1)
    _refuse_unnamed(facts, name)
    known = predecessors(facts)
    queue = deque([(name, 1)])
    seen = {name}
    found: list[Edge] = []
    while queue:
        callee, steps = queue.popleft()
        for edge in known.get(callee, ()):
            if not noise and is_noise(edge.caller):
                continue
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
    found: dict[Slot, tuple[Edge, ...]] = Table()
    for slot in setters(facts, hook, struct):
        if _belongs(slot, tables) and facts.has_function(slot.function):
            found[slot] = callees(facts, slot.function, depth=depth, filesystems=(), path=slot.path)
    return found


def road(
    facts: Facts, start: str, goal: str, *, filesystems: Filesystems = None, path: str = ""
) -> tuple[Edge, ...]:
    """Return a shortest chain of calls from one function to another, or () if there is none.

    UnknownNameError where the facts do not define the one, or nowhere name the other.
    """
    of_kind("facts", facts, Facts)
    _refuse_unnamed(facts, goal)
    first = facts.function(start, path)
    came: dict[Node, tuple[Node, Edge] | None] = {_node(first): None}
    for here, edge, there in _walk(facts, first, chosen(facts, filesystems), noise=True):
        if edge.callee == goal:
            return Several(reversed([edge, *_back(came, here)]))
        if there:
            came.setdefault(there, (here, edge))  # whoever came first came shortest
    return Several()


def _back(came: dict[Node, tuple[Node, Edge] | None], node: Node) -> Iterator[Edge]:
    while step := came[node]:
        node, edge = step
        yield edge


# A name is known where the facts define it, or where something calls it.
def _refuse_unnamed(facts: Facts, name: str) -> None:
    called = predecessors(facts)
    if not isinstance(name, str) or not (facts.has_function(name) or name in called):
        near = (*facts.functions, *sorted(called))
        raise facts.lacks(f"no function {shown(name)}", name, near)


def _node(function: Function) -> Node:
    return function.name, function.path


# Breadth first, `most` steps far: who calls, the call, and the definition that it leads to, if the
# facts hold one. Each function is left once, so that a circle of calls has an end.
def _walk(
    facts: Facts, start: Function, tables: Tables | None, *, noise: bool, most: int | None = None
) -> Iterator[tuple[Node, Edge, Node | None]]:
    queue = deque([(start, 1)])
    seen = {_node(start)}
    while queue:
        function, steps = queue.popleft()
        for edge, path in _edges_from(facts, function, tables, noise=noise):
            target = facts.function(edge.callee, path) if facts.has_function(edge.callee) else None
            node = _node(target) if target else None
            yield _node(function), edge._replace(depth=steps), node
            if target and node and steps != most and node not in seen:
                seen.add(node)
                queue.append((target, steps + 1))


# A hook may go by a name that is noise elsewhere, and counts.
def _edges_from(
    facts: Facts, function: Function, tables: Tables | None, *, noise: bool
) -> Iterator[tuple[Edge, str]]:
    for call in function.calls:
        if noise or call.kind == "ops" or not is_noise(call.callee):
            yield from _edges(facts, function, call, tables)


# A call's edges, each with the path that its callee is to be looked up from. Two tables of one
# filesystem that set a hook to the same function are one edge.
def _edges(
    facts: Facts, function: Function, call: Call, tables: Tables | None
) -> Iterator[tuple[Edge, str]]:
    edge = Edge(
        function.name, call.callee, call.kind, function.path, call.line, call.guard, 1, call.hook
    )
    if call.kind != "ops":
        yield edge, function.path
        return
    found = set()
    for slot in slots(facts).get((call.struct, call.callee), ()):
        callee, filesystem = key = slot.function, slot.filesystem
        if key not in found and _belongs(slot, tables):
            found.add(key)
            yield edge._replace(callee=callee, hook=slot.hook, filesystem=filesystem), slot.path


def _belongs(slot: Slot, tables: Tables | None) -> bool:
    return tables is None or (slot.path, slot.table) in tables


@cache
def slots(facts: Facts) -> dict[tuple[str, str], tuple[Slot, ...]]:
    """Return the slots of every table by (struct, hook)."""
    found: dict[tuple[str, str], list[Slot]] = defaultdict(list)
    for table in facts.tables:
        place = table.filesystem, table.name, table.struct, table.path
        conditions = dict(table.conditions)
        for (hook, function), line in zip(table.slots, table.lines, strict=True):
            slot = Slot(hook, function, *place, line, conditions.get(hook, ""))
            found[table.struct, hook].append(slot)
    return {key: tuple(group) for key, group in found.items()}


@cache
def predecessors(facts: Facts) -> dict[str, tuple[Edge, ...]]:
    """Return the calls to each name; a hook's calls lead to all that sets it."""
    found: dict[str, list[Edge]] = defaultdict(list)
    for function in chain.from_iterable(facts.functions.values()):
        for call in function.calls:
            for edge, _ in _edges(facts, function, call, None):
                found[edge.callee].append(edge)
    return {name: tuple(edges) for name, edges in found.items()}
