"""Choose what of a kernel's call graph to draw: the road to the hooks, and little beside it.

Everything drawn is in the facts; what is left out is left out for size alone.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from gmemviz.facts import INODE_HOOKS, Edge, Facts, callees, diff, in_either, listed, predecessors
from gmemviz.render.calls import CallEdge, CallGraph, CallNode, call_graph, edge_id, node_id
from gmemviz.render.drawing import Drawing

# Roads fan out to many short branches: they read better from left to right.
_WIDE: Final = (("rankdir", "LR"), ("nodesep", "0.10"), ("ranksep", "0.45"))

LIMIT: Final = 40
"""Functions in a picture; more cannot be read from the last row."""

DEPTH: Final = 7
"""So many calls from the start, a function is still looked at."""


def road_graph(
    facts: Facts,
    start: str,
    *,
    filesystems: Collection[str] = (),
    noise: bool = False,
    limit: int = LIMIT,
    depth: int = DEPTH,
) -> CallGraph:
    """Return the graph from `start` to the inode's hooks, at most `limit` functions.

    Kept are the shortest roads to every hook, default and callback, then what the hooks'
    functions call, then the nearest others with the fewest callers. UnknownNameError where
    the facts have no `start`.
    """
    edges = callees(facts, start, depth=depth, noise=noise, filesystems=filesystems)
    kept = dict.fromkeys([start, *_roads(start, edges)])
    for name in _fillers(facts, edges, kept):
        if len(kept) >= limit:
            break
        kept.setdefault(name)
    drawn = [edge for edge in edges if edge.caller in kept and edge.callee in kept]
    hooks = {edge.callee: edge for edge in drawn if edge.kind == "ops"}
    functions = {name: _node(name, hooks.get(name)) for name in kept}
    calls = [CallEdge(edge.caller, edge.callee, edge.kind, edge.hook) for edge in drawn]
    return CallGraph(functions, tuple(dict.fromkeys(calls)))


def _is_goal(edge: Edge) -> bool:
    is_hook = edge.hook in INODE_HOOKS or edge.hook == "release"
    return edge.kind in ("ops", "default") and is_hook


def _roads(start: str, edges: Iterable[Edge]) -> Iterator[str]:
    """Yield the functions on a shortest road from `start` to each hook."""
    came: dict[str, str] = {}
    goals = []
    for edge in edges:  # nearest first
        if edge.callee != start:
            came.setdefault(edge.callee, edge.caller)
        if _is_goal(edge):
            goals.append(edge)
    for edge in goals:
        chain = deque([edge.callee])
        name = edge.caller
        while name != start and name not in chain:
            chain.appendleft(name)
            name = came[name]
        yield from chain


def _fillers(facts: Facts, edges: Iterable[Edge], kept: Collection[str]) -> Iterator[str]:
    hooks = {edge.callee for edge in edges if edge.kind == "ops"}
    # What RCU calls later, then what the hooks themselves call.
    yield from (edge.callee for edge in edges if edge.kind == "deferred" and edge.caller in kept)
    yield from (edge.callee for edge in edges if edge.caller in hooks and edge.caller in kept)
    # Few callers: it is of this road alone. Many: everybody's helper.
    users = predecessors(facts)
    rest = [edge for edge in edges if edge.caller in kept and edge.callee not in kept]
    rest.sort(key=lambda edge: (len(users.get(edge.callee, ())), edge.depth, edge.callee))
    yield from (edge.callee for edge in rest)


def _node(name: str, hook: Edge | None) -> CallNode:
    return CallNode(name, "hook", hook.filesystem) if hook else CallNode(name, "vfs")


def draw_road(
    facts: Facts, start: str, *, filesystems: Collection[str] = (), noise: bool = False
) -> Drawing:
    """Return the picture of `road_graph`, grouped by source file."""
    graph = road_graph(facts, start, filesystems=filesystems, noise=noise)
    title = _title(facts.kernel, start, filesystems)
    return call_graph(graph, title=title, facts=facts, by_file=True, layout=_WIDE)


def _title(kernel: str, start: str, filesystems: Collection[str]) -> str:
    where = f", {', '.join(listed(filesystems))}" if filesystems else ""
    return f"{start} in {kernel}{where}"


def draw_diff(old: Facts, new: Facts, start: str, *, filesystems: Collection[str] = ()) -> Drawing:
    """Return one picture of two kernels' roads: what was added, what is gone, what renamed.

    Only what a kernel's facts do not have at all is called gone or added; a renamed
    function stands under its new name. UnknownNameError where `new` has no `start`, or
    neither kernel a filesystem of a name.
    """
    own = in_either(old, new, filesystems)
    renamed = diff(old, new).renamed  # its old name to the new one
    names = {now: was for was, now in renamed.items()}
    before = road_graph(old, names.get(start, start), filesystems=own[0], limit=LIMIT // 2)
    after = road_graph(new, start, filesystems=own[1], limit=LIMIT // 2)
    functions: dict[str, CallNode] = {}
    for was, node in before.functions.items():
        name = renamed.get(was, was)
        functions[name] = node._replace(function=name)
    functions |= after.functions
    for now in functions.keys() & names.keys():
        functions[now] = functions[now]._replace(second=f"{names[now]} in {old.kernel}")
    edges = dict.fromkeys(after.edges)
    for edge in before.edges:
        caller, callee = (
            renamed.get(edge.caller, edge.caller),
            renamed.get(edge.callee, edge.callee),
        )
        edges.setdefault(edge._replace(caller=caller, callee=callee))
    graph = CallGraph(functions, tuple(edges))
    title = _title(f"{old.kernel} and {new.kernel}", start, filesystems)
    drawing = call_graph(graph, title=title, facts=new, layout=_WIDE)
    return replace(drawing, roles=_changes(old, new, graph, names, own))


def _changes(
    old: Facts, new: Facts, graph: CallGraph, names: dict[str, str], own: Sequence[Collection[str]]
) -> dict[str, str]:
    roles = {node_id(name): "renamed" for name in graph.functions if name in names}
    for name in graph.functions.keys() - names.keys():
        if not old.has_function(name):
            roles[node_id(name)] = "added"
        elif not new.has_function(name):
            roles[node_id(name)] = "gone"
    for edge in graph.edges:
        pair = names.get(edge.caller, edge.caller), names.get(edge.callee, edge.callee)
        had = _calls(old, *pair, own[0])
        has = _calls(new, edge.caller, edge.callee, own[1])
        if had != has:
            roles[edge_id(edge.caller, edge.callee)] = "added" if has else "gone"
    return dict(sorted(roles.items()))


def _calls(facts: Facts, caller: str, callee: str, filesystems: Collection[str]) -> bool:
    if not facts.has_function(caller):
        return False
    edges = callees(facts, caller, noise=True, filesystems=filesystems)
    return any(edge.callee == callee for edge in edges)
