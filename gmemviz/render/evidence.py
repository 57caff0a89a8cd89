"""Draw which calls of the road a recording shows, which only the source has, and which neither.

The source is what the facts say; a recording shows nothing of what a compiler inlined, of what
its tracer's filter leaves out, or of how a function pointer came to its value.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from typing import Final

from gmemviz.evidence.validate import edges_seen
from gmemviz.facts import Edge as Call
from gmemviz.facts import Facts, Trace, callees
from gmemviz.render.calls import (
    GRACE,
    RCU,
    CallEdge,
    CallGraph,
    CallNode,
    call_graph,
    edge_id,
    node_id,
)
from gmemviz.render.drawing import UNSEEN, Arrow, Drawing, Node
from gmemviz.render.roads import LIMIT, road_graph
from gmemviz.render.theme import EVIDENCE, ROLES

DEPTH: Final = 9
"""Calls from the start within which the source is looked at."""

SOURCE: Final = 22
"""Functions that the source alone would bring; what was recorded comes before them."""

NEAR: Final = 2
"""So many calls from what was recorded, a function that only the source has is still drawn."""

SHARE: Final = 6
"""So many places of the picture are kept for what only the source has."""

LAYOUT: Final = (("rankdir", "TB"), ("nodesep", "0.12"), ("ranksep", "0.32"))

Pair = tuple[str, str]


def draw_evidence(
    facts: Facts,
    recorded: Trace | Collection[Pair],
    *,
    start: str = "iput",
    filesystems: Collection[str] = (),
) -> Drawing:
    """Return the picture of the calls from `start`, each in the colour of who says it.

    `recorded` is a recording, or pairs of functions as `edges_seen` gives them. `filesystems`
    are those whose hooks are drawn also where only the source has them. UnknownNameError where
    the facts have no `start`.
    """
    seen = edges_seen(recorded) if isinstance(recorded, Trace) else frozenset(recorded)
    names = frozenset(chain.from_iterable(seen))
    source = road_graph(facts, start, filesystems=filesystems, depth=DEPTH, limit=SOURCE)
    kept = _kept(start, source, seen)
    calls: dict[Pair, CallEdge] = {}
    for call in _calls(facts, kept, seen, filesystems):
        calls.setdefault((call.caller, call.callee), call)
    ways = {pair: _way(facts, call, names, filesystems) for pair, call in calls.items()}
    for pair, way in ways.items():
        if way and calls[pair].kind == "recorded":
            calls[pair] = calls[pair]._replace(kind="through")
    evidence = {pair: _evidence(call, seen, names) for pair, call in calls.items()}
    hooks = {call.callee for call in calls.values() if call.kind == "ops"}
    functions = {name: _node(name, is_hook=name in hooks) for name in kept}
    graph = CallGraph(functions, tuple(calls.values()))
    title = _title(facts, recorded, start)
    drawing = call_graph(graph, title=title, facts=facts, layout=LAYOUT)
    roles = {node_id(name): "seen" for name in kept if name in names}
    roles |= {node_id(name): "unknown" for name in kept if not facts.has_function(name)}
    roles |= {edge_id(*pair): role for pair, role in evidence.items()}
    return _with_key(drawing, roles, evidence, ways)


def _title(facts: Facts, recorded: Trace | Collection[Pair], start: str) -> str:
    what = f"recorded on {recorded.kernel}" if isinstance(recorded, Trace) else "recorded"
    return f"Calls from {start}: in the source of {facts.kernel}, {what}, or both"


def _node(name: str, *, is_hook: bool) -> CallNode:
    return CallNode(name, "hook", "▣") if is_hook else CallNode(name, "vfs")


# --- which functions are drawn ----------------------------------------------------------


# What was recorded first: it is what the reader came for; then the source's road to the hooks.
def _kept(start: str, source: CallGraph, seen: Collection[Pair]) -> list[str]:
    callees_of: dict[str, list[str]] = {}
    for caller, callee in sorted(seen):
        callees_of.setdefault(caller, []).append(callee)
    kept = {start: None}
    queue = deque([start, *_callbacks(source, callees_of)])
    while queue and len(kept) < LIMIT - SHARE:
        name = queue.popleft()
        kept.setdefault(name)
        queue.extend(callee for callee in callees_of.get(name, ()) if callee not in kept)
    for name in _near(source, kept):
        if len(kept) < LIMIT:
            kept.setdefault(name)
    return list(kept)


def _near(source: CallGraph, recorded: Collection[str]) -> Iterator[str]:
    steps = dict.fromkeys(recorded, 0)
    for edge in source.edges:  # nearest to the start first
        if edge.caller in steps:
            steps.setdefault(edge.callee, steps[edge.caller] + 1)
    yield from (name for name in source.functions if steps.get(name, NEAR + 1) <= NEAR)


# A callback has no recorded caller: RCU runs it.
def _callbacks(source: CallGraph, callees_of: Collection[str]) -> Iterator[str]:
    for edge in source.edges:
        if edge.kind == "deferred" and edge.callee in callees_of:
            yield edge.callee


# --- who says each call -----------------------------------------------------------------


def _calls(
    facts: Facts, kept: Collection[str], seen: Collection[Pair], filesystems: Collection[str]
) -> Iterator[CallEdge]:
    for name in kept:
        for call in _calls_of(facts, name, filesystems):
            if call.callee in kept:
                yield CallEdge(name, call.callee, call.kind, call.hook)
    for caller, callee in sorted(seen):
        if caller in kept and callee in kept:
            known = _call(facts, caller, callee)
            if caller == callee and known is None:
                continue  # a part that the compiler split off, below the function that it is of
            kind, hook = (known.kind, known.hook) if known else ("recorded", "")
            yield CallEdge(caller, callee, kind, hook)


# Whatever filesystem sets the hook: a recorded call needs no choice of ours.
def _call(facts: Facts, caller: str, callee: str) -> Call | None:
    found = _calls_of(facts, caller, None)
    return next((call for call in found if call.callee == callee), None)


def _calls_of(
    facts: Facts, caller: str, filesystems: Collection[str] | None, *, noise: bool = True
) -> Iterable[Call]:
    if not facts.has_function(caller):
        return ()
    return callees(facts, caller, noise=noise, filesystems=filesystems)


def _evidence(call: CallEdge, seen: Collection[Pair], names: Collection[str]) -> str:
    if call.kind == "deferred":
        # Both ends may be seen, never the wait between: the callback runs from softirq.
        return "between" if call.callee in names and (call.caller, RCU) in seen else "in-source"
    if (call.caller, call.callee) not in seen:
        return "in-source"
    return {"through": "between", "recorded": "unknown"}.get(call.kind, "seen")


# The source's shortest way over functions that were recorded nowhere: they were inlined, or are
# outside the tracer's filter. The kernel may have come by a longer one.
def _way(
    facts: Facts, call: CallEdge, names: Collection[str], filesystems: Collection[str]
) -> tuple[str, ...]:
    if call.kind != "recorded":
        return (RCU, GRACE) if call.kind == "deferred" else ()
    ways: deque[tuple[str, ...]] = deque([(call.caller,)])
    passed = {call.caller}
    while ways:
        way = ways.popleft()
        if len(way) > 1 and _call(facts, way[-1], call.callee):
            return way[1:]
        for further in _calls_of(facts, way[-1], filesystems, noise=False):
            if further.callee not in passed and further.callee not in names:
                passed.add(further.callee)
                ways.append((*way, further.callee))
    return ()


# --- the key ----------------------------------------------------------------------------


def _with_key(
    drawing: Drawing,
    roles: dict[str, str],
    evidence: dict[Pair, str],
    ways: dict[Pair, tuple[str, ...]],
) -> Drawing:
    nodes, lines, row = _key(list(evidence.values()), drawing.nodes[0].id)
    words = {pair: _words(pair, role, ways[pair]) for pair, role in evidence.items()}
    told = {edge_id(*pair): sentence for pair, sentence in words.items()}
    edges = [replace(edge, tooltip=f"{told[edge.id]}. {edge.tooltip}") for edge in drawing.edges]
    roles |= {line.id: role for line, role in zip(lines, EVIDENCE, strict=True)}
    return replace(
        drawing,
        nodes=(*drawing.nodes, *nodes),
        edges=(*edges, *lines, *row),
        ranks=(tuple(node.id for node in nodes),),
        roles=dict(sorted(roles.items())),
        alt="\n".join(told.values()),
        origin="extracted and recorded",
    )


def _words(pair: Pair, role: str, way: tuple[str, ...]) -> str:
    over = f" (one way in the source: {', '.join(way)})" if role == "between" else ""
    return f"{pair[0]} -> {pair[1]}: {ROLES[role].label}{over}"


_HIDDEN: Final = (("width", "0.05"), ("height", "0.1"), ("fixedsize", "true"))
_WORDS: Final = (("fontsize", "10"), ("margin", "0.1,0.02"), ("height", "0.1"))


# Drawn with the very lines that it explains, so that it cannot say anything else: its nodes, its
# lines, and the unseen edges that keep them in a row above the start, since the tree is wider than
# high.
def _key(evidence: Sequence[str], start: str) -> tuple[list[Node], list[Arrow], list[Arrow]]:
    nodes, lines = [], []
    for number, role in enumerate(EVIDENCE):
        left, right = f"evidence_from_{number}", f"evidence_to_{number}"
        words = f"{evidence.count(role)} {ROLES[role].label}"
        nodes.append(Node(left, "", "note", " ", "plaintext", _HIDDEN))
        nodes.append(Node(right, words, "note", words, "plaintext", _WORDS))
        long = (("minlen", "2"),)
        lines.append(Arrow(f"evidence_line_{number}", left, right, tooltip=words, extra=long))
    row = [Arrow("evidence_above", lines[1].head, start, extra=UNSEEN)]
    for number, (left_line, right_line) in enumerate(pairwise(lines)):
        name = f"evidence_beside_{number}"
        row.append(Arrow(name, left_line.head, right_line.tail, extra=UNSEEN))
    return nodes, lines, row
