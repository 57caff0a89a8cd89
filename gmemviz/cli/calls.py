"""gmemviz calls: who calls whom, through tables, defaults and callbacks too."""

import argparse
import json
from typing import Any

from gmemviz.cli.parser import names, refuse, whole
from gmemviz.cli.sources import add_source, facts_of, tell_names
from gmemviz.facts import Edge, Facts, callees, callers, through


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "calls", help="list what a function calls, or who calls it",
        description="List calls as the source has them: direct, of inlines, through ops tables, "
        "by default where a hook is NULL, and deferred to a callback.",
    )  # fmt: skip
    parser.add_argument("function", help="a function, or a hook such as evict_inode")
    add_source(parser)
    parser.add_argument("--depth", type=whole(1), metavar="N", help="how far (1)")
    parser.add_argument("--callers", action="store_true", help="who calls it, instead")
    parser.add_argument("--noise", action="store_true", help="keep locks, tracing and debug names")
    parser.add_argument(
        "--fs", type=names, metavar="NAMES", help="only these filesystems' tables, as a,b"
    )
    parser.add_argument("--json", action="store_true", help="print an array of calls")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    edges = _edges(facts_of(arguments, roots=[arguments.function]), arguments)
    if arguments.json:
        keys = ("caller", "callee", "kind", "hook", "filesystem", "path", "line", "guard", "depth")
        print(json.dumps([{key: getattr(edge, key) for key in keys} for edge in edges], indent=2))
        return 0
    for edge in edges:
        hook = f" as {edge.hook}" if edge.kind == "ops" else ""
        null = f", {edge.hook} NULL" if edge.kind == "default" and edge.hook else ""
        place = f"{edge.path}:{edge.line}"
        print(f"{'  ' * (edge.depth - 1)}{edge.caller} -> {edge.callee}{hook}  "
              f"[{edge.kind}{null}] {place}")  # fmt: skip
    return 0


def _edges(facts: Facts, arguments: argparse.Namespace) -> tuple[Edge, ...]:
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
    return callees(facts, name, depth=depth, noise=arguments.noise, filesystems=filesystems)
