"""Draw who calls whom on the road: direct, through a table, by default, later by RCU."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.errors import UnknownNameError
from gmemviz.facts import Event, Facts, Trace
from gmemviz.model import Report
from gmemviz.model.machine import Act, Enter, Place
from gmemviz.model.search import World
from gmemviz.render.drawing import Cluster, Drawing, Edge, Node, element_id
from gmemviz.render.source import excerpt, own_tree
from gmemviz.render.theme import ARROWS, CLASSES, EDGES

GRACE: Final = "grace period"
RCU: Final = "call_rcu"
CALLBACKS: Final = ("i_callback", "your_callback")
_OF: Final = " of "
UNREACHABLE: Final = "unreachable-hook"
_ENTRIES: Final = (
    "close(2)",
    "alloc_inode",
    "i_callback",
    "error path",
    "kern_unmount",
    GRACE,
    "your_callback",
    "get_user_pages_fast",
    "lockless reader",
    "folio_put",
    "second file",
)


class CallEdge(NamedTuple):
    """Say that `caller` gets to `callee`; `hook` is the slot that it goes through.

    For kind ``default``, the slot that is NULL.
    """

    caller: str
    callee: str
    kind: str
    hook: str = ""


class CallGraph(NamedTuple):
    """Give functions (name to the look of its node and a second line) and edges, in order."""

    functions: dict[str, tuple[str, str]]
    edges: tuple[CallEdge, ...]


def node_id(function: str) -> str:
    """Return the SVG id of a function's node."""
    return element_id("calls", function)


def edge_id(caller: str, callee: str) -> str:
    """Return the SVG id of the edge from caller to callee."""
    return element_id("calls_e", caller, callee)


def _places(world: World) -> Iterator[Place]:
    places = [
        [one.place for one in program.code if isinstance(one, Enter | Act)]
        for program in world.programs
    ]
    queues = any(place.function == RCU for group in places for place in group)
    for group in places:  # where nothing is queued, no callback's road is drawn
        if queues or not any(place.function == GRACE for place in group):
            yield from group


def call_key(function: str, caller: str) -> str:
    """Return the name of a node: one for each function, but for call_rcu one for each caller.

    Each call of it queues another callback, and they must not be taken for one.
    """
    return f"{function}{_OF}{caller}" if function == RCU else function


# The picture is of the teardown; of birth it keeps alloc_inode, which brings the hook.
_BIRTH: Final = frozenset(
    "anon_inode_make_secure_inode alloc_anon_inode new_inode_pseudo new_inode inode_init_always "
    "inode_init_always_gfp security_inode_alloc "
    "alloc_file_pseudo filemap_add_folio shmem_add_to_page_cache "
    "hugetlb_add_to_page_cache".split()
)


def _is_drawn(place: Place, facts: Facts) -> bool:
    if place.function in _BIRTH or (not place.caller and place.function not in _ENTRIES):
        return False
    return facts.has_function(place.function) or bool(place.hook) or not place.caller


def graph_of_report(report: Report, world: World) -> CallGraph:
    """Return the teardown's call graph in one World: the skeleton with the Design's hooks."""
    functions: dict[str, tuple[str, str]] = {}
    edges: dict[CallEdge, None] = {}
    does = {
        hook: "\n".join(str(action._replace(via="")) for action in body)
        for hook, body in report.design.hooks
    }
    for place in _places(world):
        if not _is_drawn(place, report.facts):
            continue
        is_hook = bool(place.hook) and place.kind == "ops"
        known = report.facts.has_function(place.function)
        look = "hook" if is_hook else "vfs" if known else "user"
        name = call_key(place.function, place.caller)
        functions.setdefault(name, (look, does[place.hook] if is_hook and place.hook else ""))
        if place.caller in functions:
            edges.setdefault(_edge_of(place, report.facts)._replace(callee=name))
    edges.update(dict.fromkeys(_deferred(functions)))
    entered = {edge.hook for edge in edges if edge.kind == "ops"}
    for hook in report.design.hooks:
        if UNREACHABLE in report.found and hook[0] not in entered:
            functions[hook[0]] = "idle", "set, and no run can enter it"
    return CallGraph(functions, tuple(edges))


def _deferred(functions: Iterable[str]) -> Iterator[CallEdge]:
    for name in functions:
        if name.startswith(RCU):
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


def graph_of_recording(trace: Trace, facts: Facts | None = None) -> CallGraph:
    """Return the call graph that a recording shows by its nesting.

    What a compiler inlined is not recorded: such an edge is of kind ``through``.
    """
    functions: dict[str, tuple[str, str]] = {}
    edges: dict[CallEdge, None] = {}
    for caller, event in called(trace):
        name = call_key(event.function, caller)
        functions.setdefault(name, ("hook", "") if event.hook else ("vfs", ""))
        if caller:
            through = CallEdge(caller, event.function, "ops", event.hook)
            edge = through if event.hook else _edge(caller, event.function, facts)
            edges.setdefault(edge._replace(callee=name))
    if {queued := call_key(RCU, "destroy_inode"), "i_callback"} <= functions.keys():
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


def _tooltip(function: str, facts: Facts | None, tree: Path | None) -> str:
    if not facts or not facts.has_function(function):
        return f"{function}: not a function of this kernel's facts"
    place = str(facts.source(function))
    return f"{place}\n\n{excerpt(tree, facts, function)}" if tree else place


def _call_place(edge: CallEdge, facts: Facts | None) -> str:
    said = f"{edge.caller} to {edge.callee}: {EDGES[edge.kind][2]}"
    if facts is None:
        return said
    try:
        callee = edge.callee.partition(_OF)[0]
        place = facts.call_source(edge.caller, edge.hook if edge.kind == "ops" else callee)
    except UnknownNameError:
        return said
    return f"{said}, {place.path}:{place.line}@{place.tag}"


_TALL: Final = (("rankdir", "TB"), ("nodesep", "0.18"), ("ranksep", "0.2"))


def call_graph(
    graph: CallGraph,
    *,
    title: str,
    facts: Facts | None = None,
    by_file: bool = False,
    layout: Sequence[tuple[str, str]] = _TALL,
) -> Drawing:
    """Return the Drawing of a CallGraph; `facts` give the places in the tooltips.

    With `by_file` the functions of one source file stand in one frame. Where
    GMEMVIZ_TREE names a kernel tree, a tooltip shows the first lines from there.
    """
    tree = own_tree()
    nodes = tuple(
        Node(
            node_id(name), _words_of(name, second), look,
            _tooltip(name.partition(_OF)[0], facts, tree), "ellipse" if look == "user" else "box",
        )
        for name, (look, second) in graph.functions.items()
    )  # fmt: skip
    edges = tuple(
        Edge(
            edge_id(edge.caller, edge.callee), node_id(edge.caller), node_id(edge.callee),
            edge.kind, _label(edge), _call_place(edge, facts),
        )
        for edge in graph.edges
    )  # fmt: skip
    words = "\n".join(_words(graph.edges))
    clusters = _by_file(nodes, tuple(graph.functions), facts) if by_file and facts else ()
    nodes = (*nodes, _key(graph.edges))
    framed = {node.id for cluster in clusters for node in cluster.nodes}
    loose = tuple(node for node in nodes if node.id not in framed)
    return Drawing("calls", title, words, loose, edges, clusters, tuple(layout))


def _key(edges: Iterable[CallEdge]) -> Node:
    # The legend of the edges in use, inside the picture, so that it goes where the file goes.
    kinds = {edge.kind for edge in edges} - {"inline"}
    lines = [f"{ARROWS[kind]} {EDGES[kind][2]}" for kind in EDGES if kind in kinds]
    lines += [f"▣ {CLASSES['hook'].label}"] if "ops" in kinds else []
    size = (("fontsize", "9"), ("margin", "0"))
    return Node("calls_key", "\n".join(lines), "note", "legend", "plaintext", size)


def _by_file(nodes: Sequence[Node], names: Sequence[str], facts: Facts) -> tuple[Cluster, ...]:
    files: dict[str, list[Node]] = {}
    for node, name in zip(nodes, names, strict=True):
        if facts.has_function(name):
            files.setdefault(facts.function(name).path, []).append(node)
    return tuple(
        Cluster(element_id("calls_file", path), path, tuple(group)) for path, group in files.items()
    )


def _words_of(name: str, second: str) -> str:
    shown = name.partition(_OF)[0]
    return f"{shown}\n{second}" if second else shown


def _label(edge: CallEdge) -> str:
    if edge.kind == "through":
        return "⋯"
    return f"{edge.hook} NULL" if edge.kind == "default" else edge.hook


def _words(edges: Iterable[CallEdge]) -> Iterator[str]:
    for edge in edges:
        how = EDGES[edge.kind][2]
        through = f" as {edge.hook}" if edge.hook and edge.kind == "ops" else ""
        null = f", {edge.hook} is NULL" if edge.hook and edge.kind == "default" else ""
        yield f"{edge.caller} -> {edge.callee}{through} ({how}{null})"
