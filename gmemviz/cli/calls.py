"""gmemviz calls: who calls whom, through tables, defaults and callbacks too.

Of a hook, such as evict_inode, it says where it is called, who sets it, and what the caller does
where it is NULL. A slot that many fill comes behind the function's own road. Status 0, also where a
function calls nothing.
"""

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from typing import Final

from gmemviz.cli.line import Answer, facts_of, refuse, tell_names
from gmemviz.facts import Edge, Facts, callees, callers, through

KEYS: Final = (
    "caller", "callee", "kind", "hook", "filesystem", "path", "line", "guard", "depth",
)  # fmt: skip
"""What `--json` says of a call."""

FEW: Final = 5
"""Implementations of a slot that may stand where the call is."""


def command(arguments: Namespace) -> Answer:
    """Return the calls of a function, its own road first, or of a hook; status 0."""
    # A tree is read from the roots of the road on: this function may lie off it.
    edges = _edges(facts_of(arguments, roots=[arguments.function]), arguments)
    return Answer("\n".join(map(_line, edges)), list(map(_plain, edges)), output="call")


def _edges(facts: Facts, arguments: Namespace) -> tuple[Edge, ...]:
    name, filesystems = arguments.function, arguments.fs
    tell_names(filesystems or (), facts, facts)
    if not facts.has_function(name):  # perhaps a hook: who calls and who sets it
        found = through(facts, name, filesystems=filesystems)
        refuse(arguments, f"{name} is a hook", ("depth", "callers", "noise"), of="functions")
        return found
    depth: int = arguments.depth or 1
    if arguments.callers:
        refuse(arguments, "--callers asks every table", ("fs",), of="what a function calls")
        return callers(facts, name, depth=depth, noise=arguments.noise)
    found = callees(facts, name, depth=depth, noise=arguments.noise, filesystems=filesystems)
    return own_road_first(name, found)


def own_road_first(start: str, edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """Return the calls that `start` leads to by itself, then those of slots that many fill.

    So evict's clear_inode and destroy_inode are not lost below 54 implementations of evict_inode.
    Each half stays nearest first, in the order of the source.
    """
    filled = Counter((edge.caller, edge.hook, edge.line) for edge in edges if edge.kind == "ops")
    own, road, others = {start}, list[Edge](), list[Edge]()
    for edge in edges:
        is_of_many = filled[edge.caller, edge.hook, edge.line] > FEW and edge.kind == "ops"
        if edge.caller in own and not is_of_many:
            own.add(edge.callee)
            road.append(edge)
        else:
            others.append(edge)
    return (*road, *others)


def _plain(edge: Edge) -> dict[str, object]:
    return {key: getattr(edge, key) for key in KEYS}


def _line(edge: Edge) -> str:
    hook = f" as {edge.hook}" if edge.kind == "ops" else ""
    null = f", {edge.hook} NULL" if edge.kind == "default" and edge.hook else ""
    indent = "  " * (edge.depth - 1)
    called = f"{edge.caller} -> {edge.callee}{hook}"
    return f"{indent}{called}  [{edge.kind}{null}] {edge.path}:{edge.line}"
