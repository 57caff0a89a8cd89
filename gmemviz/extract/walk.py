"""Follow the calls from roots through an index, as far as a depth goes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush

from gmemviz.errors import FactsError
from gmemviz.extract.body import read_function
from gmemviz.extract.code import Definition
from gmemviz.extract.reader import Reader
from gmemviz.facts import Call, Function, is_noise

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is, and out of how much."""

Targets = Mapping[tuple[str, str], list[tuple[str, str]]]
"""The functions in each (struct, hook): their names, and the paths of their tables."""

HOOK_DEPTH = 2
"""How far calls are followed from a function that a table names; there are thousands."""


def quiet(what: str, done: int, total: int) -> None:
    """Report nothing."""


def follow(
    reader: Reader, roots: Iterable[str], targets: Targets, depth: int, progress: Progress = quiet
) -> dict[Definition, Function]:
    """Read the functions that the roots reach, nearest first.

    A root with a slash is a file: all its functions, and what they call.
    """
    queue = list(start(reader, roots, depth))
    heapify(queue)
    read: dict[Definition, Function] = {}
    while queue:
        steps, name, path = heappop(queue)
        place = reader.index.place(name, path)
        if place is None or place in read:
            continue
        function = read[place] = read_function(reader, name, place)
        progress("functions", len(read), len(read) + len(queue))
        if steps < depth:
            for call in function.calls:
                for entry in leads_to(call, place.path, steps + 1, depth - HOOK_DEPTH, targets):
                    heappush(queue, entry)
    if not read:
        raise FactsError(f"none of the roots is defined in {reader.tree.folder}")
    return read


def leads_to(
    call: Call, path: str, steps: int, hook_steps: int, targets: Targets
) -> Iterator[tuple[int, str, str]]:
    """Yield (steps, name, path) of what a call leads to; through a table, as far from the end."""
    if call.kind == "ops":
        for target, table_path in targets.get((call.struct, call.callee), ()):
            yield max(steps, hook_steps), target, table_path
    elif not is_noise(call.callee):
        yield steps, call.callee, path


def start(reader: Reader, roots: Iterable[str], depth: int) -> Iterator[tuple[int, str, str]]:
    """Yield (steps, name, path) of the roots; a file's functions start a step from the end."""
    files = {root for root in roots if "/" in root}
    yield from ((0, root, "") for root in roots if root not in files)
    for name, places in reader.index.functions.items() if files else ():
        yield from ((depth - 1, name, place.path) for place in places if place.path in files)


def read_all(reader: Reader, progress: Progress = quiet) -> dict[Definition, Function]:
    """Read every function of the index, file by file."""
    places = sorted(
        ((place, name) for name, group in reader.index.functions.items() for place in group),
        key=lambda entry: (entry[0].path, entry[0].at),
    )
    read = {}
    for done, (place, name) in enumerate(places, 1):
        read[place] = read_function(reader, name, place)
        progress("functions", done, len(places))
    return read
