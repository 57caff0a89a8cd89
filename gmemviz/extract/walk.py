"""Follow the calls from roots through an index, as far as a depth goes.

From iput, 6 deep: iput is at 0, iput_final at 1, evict at 2. What a table names is put late:
evict calls s_op->evict_inode, and each filesystem's function for it is followed two steps.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush

from gmemviz.errors import FactsError
from gmemviz.extract.body import BodyReader, read_function
from gmemviz.extract.code import Definition
from gmemviz.facts import Call, Function, is_noise

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is, and out of how much."""

Targets = Mapping[tuple[str, str], list[tuple[str, str]]]
"""The functions in each (struct, hook): their names, and the paths of their tables."""

Step = tuple[int, str, str]
"""How many steps from a root, a function's name, and the path of the file that names it."""

HOOK_DEPTH = 2
"""How far calls are followed from a function that a table names; there are thousands."""


def quiet(what: str, done: int, total: int) -> None:
    """Report nothing."""


def follow(
    reader: BodyReader,
    roots: Iterable[str],
    targets: Targets,
    depth: int,
    progress: Progress = quiet,
) -> dict[Definition, Function]:
    """Read the functions that the roots reach, nearest first.

    A root with a slash is a file: all its functions, and what they call. Where none of the
    roots is defined, raises FactsError.
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
                for step in leads_to(call, place.path, steps + 1, depth - HOOK_DEPTH, targets):
                    heappush(queue, step)
    if not read:
        raise FactsError(f"none of the roots is defined in {reader.tree.folder}")
    return read


def leads_to(
    call: Call, path: str, steps: int, hook_steps: int, targets: Targets
) -> Iterator[Step]:
    """Yield what a call leads to; through a table, `hook_steps` from a root or later."""
    if call.kind == "ops":
        for target, table_path in targets.get((call.struct, call.callee), ()):
            yield max(steps, hook_steps), target, table_path
    elif not is_noise(call.callee):
        yield steps, call.callee, path


def start(reader: BodyReader, roots: Iterable[str], depth: int) -> Iterator[Step]:
    """Yield the roots; a file's functions stand a step from the end, as calls of them do."""
    files = {root for root in roots if "/" in root}
    yield from ((0, root, "") for root in roots if root not in files)
    for name, places in reader.index.functions.items() if files else ():
        yield from ((depth - 1, name, place.path) for place in places if place.path in files)


def read_all(reader: BodyReader, progress: Progress) -> dict[Definition, Function]:
    """Read every function of the index, file by file."""
    places: list[Definition] = []
    for group in reader.index.functions.values():
        places += group
    places.sort(key=lambda place: (place.path, place.at))
    read = {}
    for done, place in enumerate(places, 1):
        read[place] = read_function(reader, place.name, place)
        progress("functions", done, len(places))
    return read
