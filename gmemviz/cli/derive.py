"""gmemviz derive: print the Designs that a filesystem's source comes to, as pages of TOML.

Status 0, or 3 where statements of the source are unread. A table with several ways is printed once
for each of them; `at` beside `does` has the statements that each line comes from.
"""

from argparse import Namespace

from gmemviz.cli.line import FINE, UNDECIDED, Answer, progress, shipped
from gmemviz.derive import Derived, derive_table, open_tree, road_named, tables_of, toml
from gmemviz.errors import UsageError


def command(arguments: Namespace) -> Answer:
    """Return the pages of every table of the filesystem, and whether all was read."""
    found = derived(arguments)
    pages: list[str] = []
    for each in found:
        pages += (toml(each, way) for way in range(len(each.designs)))
    status = FINE if all(each.is_full for each in found) else UNDECIDED
    return Answer("\n".join(pages), status=status)


def derived(arguments: Namespace) -> list[Derived]:
    """Return what the tables of `--fs` in `--tree`, or of a shipped kernel, come to."""
    if not arguments.tree:
        return shipped(arguments)
    if arguments.name or not arguments.fs:
        raise UsageError("say which filesystem of the tree: --tree TREE --fs NAME")
    kernel = arguments.kernel or ""
    deeds = open_tree(arguments.tree, arguments.fs, kernel=kernel, progress=progress)
    road = road_named(deeds, kernel)
    return [derive_table(deeds, table, road) for table in tables_of(deeds, arguments.fs)]
