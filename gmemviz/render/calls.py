"""Draw who calls whom on the road: direct, through a table, by default, later by RCU."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.errors import UnknownNameError
from gmemviz.facts import HOOKS, Event, Facts, Trace
from gmemviz.model import Report
from gmemviz.model.design import Action
from gmemviz.model.machine import Act, Enter, Place, Program
from gmemviz.model.search import World
from gmemviz.render.drawing import Arrow, Attributes, Cluster, Drawing, Node, element_id
from gmemviz.render.source import excerpt, own_tree
from gmemviz.render.theme import CLASSES, EDGES

GRACE: Final = "grace period"
RCU: Final = "call_rcu"
CALLBACKS: Final = ("i_callback", "your_callback")
UNREACHABLE: Final = "unreachable-hook"

# Where a road begins: what nobody calls, and is drawn all the same.
_ENTRIES: Final = (
    "close(2)", "alloc_inode", "error path", "kern_unmount", GRACE, *CALLBACKS,
    "get_user_pages_fast", "lockless reader", "folio_put", "second file",
)  # fmt: skip

# The picture is of the teardown; of birth it keeps alloc_inode, which brings the hook.
_BIRTH: Final = frozenset(
    "anon_inode_make_secure_inode alloc_anon_inode new_inode_pseudo new_inode inode_init_always "
    "inode_init_always_gfp security_inode_alloc "
    "alloc_file_pseudo filemap_add_folio shmem_add_to_page_cache "
    "hugetlb_add_to_page_cache".split()
)


class CallEdge(NamedTuple):
    """Say that the node `caller` gets to `callee`; `hook` is the slot that it goes through.

    For kind ``default``, the slot that is NULL.
    """

    caller: str
    callee: str
    kind: str
    hook: str = ""


class CallNode(NamedTuple):
    """Give the function of a node, its look (a class of the theme) and a second line of words."""

    function: str
    look: str
    second: str = ""


class CallGraph(NamedTuple):
    """Give functions by the name of their node (see `call_key`), and edges, in order."""

    functions: dict[str, CallNode]
    edges: tuple[CallEdge, ...]


def node_id(name: str) -> str:
    """Return the SVG id of a node by its name (`call_key`)."""
    return element_id("calls", name)


def edge_id(caller: str, callee: str) -> str:
    """Return the SVG id of the edge from caller to callee."""
    return element_id("calls_e", caller, callee)


def call_key(function: str, caller: str) -> str:
    """Return the name of a node: one for each function, but for call_rcu one for each caller.

    Each call of it queues another callback, and they must not be taken for one.

    >>> call_key("call_rcu", "destroy_inode")
    'call_rcu of destroy_inode'
    """
    return f"{function} of {caller}" if function == RCU else function


# --- what the search ran through --------------------------------------------------------


def graph_of_report(report: Report, world: World) -> CallGraph:
    """Return the teardown's call graph in one World: the skeleton with the Design's hooks."""
    functions: dict[str, CallNode] = {}
    edges: dict[CallEdge, None] = {}
    for place in _places(world):
        if not _is_drawn(place, report.facts):
            continue
        name = call_key(place.function, place.caller)
        functions.setdefault(name, _node_of(place, report))
        if place.caller in functions:
            edges.setdefault(_edge_of(place, report.facts)._replace(callee=name))
    edges.update(dict.fromkeys(_deferred(functions)))
    entered = {edge.hook for edge in edges if edge.kind == "ops"}
    for hook, _ in report.design.hooks:
        if UNREACHABLE in report.found and hook not in entered:
            functions[hook] = CallNode(hook, "idle", "set, and no run can enter it")
    return CallGraph(functions, tuple(edges))


def _places(world: World) -> Iterator[Place]:
    programs = [_places_of(program) for program in world.programs]
    is_queued = any(place.function == RCU for place in chain.from_iterable(programs))
    for places in programs:
        is_callback = any(place.function == GRACE for place in places)
        if is_queued or not is_callback:  # where nothing is queued, no callback's road is drawn
            yield from places


def _places_of(program: Program) -> list[Place]:
    return [line.place for line in program.code if isinstance(line, Enter | Act)]


def _is_drawn(place: Place, facts: Facts) -> bool:
    if place.function in _BIRTH or (not place.caller and place.function not in _ENTRIES):
        return False
    return facts.has_function(place.function) or bool(place.hook) or not place.caller


def _node_of(place: Place, report: Report) -> CallNode:
    if place.hook and place.kind == "ops":
        return CallNode(place.function, "hook", _body(report.design.body(place.hook) or ()))
    is_known = report.facts.has_function(place.function)
    return CallNode(place.function, "vfs" if is_known else "user")


# What a hook does, an action a line, without the functions that it does it by.
def _body(actions: Iterable[Action]) -> str:
    return "\n".join(str(action._replace(via="")) for action in actions)


def _deferred(functions: dict[str, CallNode]) -> Iterator[CallEdge]:
    for name, node in functions.items():
        if node.function == RCU:
            yield CallEdge(name, GRACE, "deferred")
        if name in CALLBACKS:
            yield CallEdge(GRACE, name, "deferred")


def _edge_of(place: Place, facts: Facts) -> CallEdge:
    if place.kind == "direct":
        return _edge(place.caller, place.function, facts)
    return CallEdge(place.caller, place.function, place.kind, place.op)


def _edge(caller: str, callee: str, facts: Facts | None) -> CallEdge:
    # Where the facts know a caller and have no such call in it, others stand between.
    # Between a system call and what it leads to stand others, too (fs/open.c:close@v7.3).
    if facts is None or not facts.has_function(caller):
        return CallEdge(caller, callee, "through" if caller.endswith("(2)") else "direct")
    for call in facts.function(caller).calls:
        if call.callee == callee:
            return CallEdge(caller, callee, call.kind, call.hook)
    return CallEdge(caller, callee, "through")


# --- hooks alone ------------------------------------------------------------------------


def hooks_only(graph: CallGraph) -> CallGraph:
    """Return what of a graph is about hooks; an edge over what is left out is a ``through``.

    What stays is where a road begins, who calls a hook or finds it NULL, what runs there, and
    what waits for RCU with who asks for that.
    """
    stays = {name for name, node in graph.functions.items() if node.look != "vfs"}
    callers: dict[str, list[str]] = {name: [] for name in graph.functions}
    for edge in graph.edges:
        callers[edge.callee].append(edge.caller)
        is_queue = graph.functions[edge.callee].function == RCU
        if edge.kind == "deferred" or edge.hook in HOOKS or is_queue:
            stays |= {edge.caller, edge.callee}
    functions = {name: node for name, node in graph.functions.items() if name in stays}
    edges: dict[tuple[str, str], CallEdge] = {}
    for edge in graph.edges:
        for caller in _nearest(edge.caller, callers, stays) if edge.callee in stays else ():
            kept = edge if caller == edge.caller else CallEdge(caller, edge.callee, "through")
            edges.setdefault((caller, edge.callee), kept)
    return CallGraph(functions, tuple(edges.values()))


# Upward from a function the nearest on each road that stay, itself where it does.
def _nearest(name: str, callers: Mapping[str, list[str]], stays: set[str]) -> Iterator[str]:
    seen, row = {name}, [name]
    while row:
        above: list[str] = []
        for each in row:
            if each in stays:
                yield each
            else:
                above += [up for up in callers[each] if up not in seen]
        seen.update(above)
        row = above


# --- what was recorded ------------------------------------------------------------------


def graph_of_recording(trace: Trace, facts: Facts | None = None) -> CallGraph:
    """Return the call graph that a recording shows by its nesting.

    What a compiler inlined is not recorded: such an edge is of kind ``through``.
    """
    functions: dict[str, CallNode] = {}
    edges: dict[CallEdge, None] = {}
    for caller, event in called(trace):
        name = call_key(event.function, caller)
        functions.setdefault(name, CallNode(event.function, "hook" if event.hook else "vfs"))
        if event.hook:
            edge = CallEdge(caller, name, "ops", event.hook)
        else:
            edge = _edge(caller, event.function, facts)._replace(callee=name)
        if caller:
            edges.setdefault(edge)
    # Of what was queued, this one's callback is known (fs/inode.c:destroy_inode@v7.3).
    queued = call_key(RCU, "destroy_inode")
    if {queued, "i_callback"} <= functions.keys():
        edges.setdefault(CallEdge(queued, "i_callback", "deferred"))
    return CallGraph(functions, tuple(edges))


def called(trace: Trace) -> Iterator[tuple[str, Event]]:
    """Yield each event of a trace with the function that called it ("" at an entry)."""
    stacks: dict[str, list[tuple[int, str]]] = {}
    for event in trace.events:
        stack = stacks.setdefault(event.actor, [])
        while stack and stack[-1][0] >= event.depth:
            stack.pop()
        yield (stack[-1][1] if stack else ""), event
        stack.append((event.depth, event.function))


# --- the picture ------------------------------------------------------------------------

_TALL: Final = (("rankdir", "TB"), ("nodesep", "0.18"), ("ranksep", "0.2"))


def call_graph(
    graph: CallGraph,
    *,
    title: str,
    facts: Facts | None = None,
    by_file: bool = False,
    layout: Attributes = _TALL,
) -> Drawing:
    """Return the Drawing of a CallGraph; `facts` give the places in the tooltips.

    With `by_file` the functions of one source file stand in one frame. Where
    GMEMVIZ_TREE names a kernel tree, a tooltip shows the first lines from there.
    """
    tree = own_tree()
    nodes = {name: _node(name, shown, facts, tree) for name, shown in graph.functions.items()}
    edges = tuple(_arrow(edge, graph, facts) for edge in graph.edges)
    clusters = _by_file(nodes, facts) if by_file and facts else ()
    framed = set(chain.from_iterable(cluster.nodes for cluster in clusters))
    loose = [node for node in nodes.values() if node not in framed]
    words = "\n".join(map(_words, graph.edges))
    return Drawing("calls", title, words, (*loose, _key(graph.edges)), edges, clusters, layout)


def _node(name: str, shown: CallNode, facts: Facts | None, tree: Path | None) -> Node:
    label = f"{shown.function}\n{shown.second}" if shown.second else shown.function
    shape = "ellipse" if shown.look == "user" else "box"
    return Node(node_id(name), label, shown.look, _tooltip(shown.function, facts, tree), shape)


def _tooltip(function: str, facts: Facts | None, tree: Path | None) -> str:
    if not facts or not facts.has_function(function):
        return f"{function}: not a function of this kernel's facts"
    place = str(facts.source(function))
    return f"{place}\n\n{excerpt(tree, facts, function)}" if tree else place


def _arrow(edge: CallEdge, graph: CallGraph, facts: Facts | None) -> Arrow:
    labels = {"through": "⋯", "default": f"{edge.hook} NULL"}
    tooltip = f"{edge.caller} to {edge.callee}: {EDGES[edge.kind].label}{_at(edge, graph, facts)}"
    return Arrow(
        edge_id(edge.caller, edge.callee), node_id(edge.caller), node_id(edge.callee),
        edge.kind, labels.get(edge.kind, edge.hook), tooltip,
    )  # fmt: skip


def _at(edge: CallEdge, graph: CallGraph, facts: Facts | None) -> str:
    # The line of the call, where the facts have it.
    shown = graph.functions.get(edge.callee)
    callee = shown.function if shown else edge.callee
    if facts is None:
        return ""
    try:
        place = facts.call_source(edge.caller, edge.hook if edge.kind == "ops" else callee)
    except UnknownNameError:
        return ""
    return f", {place.path}:{place.line}@{place.tag}"


def _key(edges: Iterable[CallEdge]) -> Node:
    # The legend of the edges in use, inside the picture, so that it goes where the file goes.
    kinds = {edge.kind for edge in edges} - {"inline"}
    lines = [f"{look.sign} {look.label}" for kind, look in EDGES.items() if kind in kinds]
    lines += [f"▣ {CLASSES['hook'].label}"] if "ops" in kinds else []
    size = (("fontsize", "9"), ("margin", "0"))
    return Node("calls_key", "\n".join(lines), "note", "legend", "plaintext", size)


def _by_file(nodes: dict[str, Node], facts: Facts) -> tuple[Cluster, ...]:
    files: dict[str, list[Node]] = {}
    for name, node in nodes.items():
        if facts.has_function(name):
            files.setdefault(facts.function(name).path, []).append(node)
    frames = files.items()
    return tuple(Cluster(element_id("calls_file", path), path, tuple(of)) for path, of in frames)


def _words(edge: CallEdge) -> str:
    how, hook = EDGES[edge.kind].label, edge.hook
    through = f" as {hook}" if hook and edge.kind == "ops" else ""
    null = f", {hook} is NULL" if hook and edge.kind == "default" else ""
    return f"{edge.caller} -> {edge.callee}{through} ({how}{null})"
