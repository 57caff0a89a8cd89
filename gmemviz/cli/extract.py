"""gmemviz extract: turn a kernel source tree into a facts snapshot.

The snapshot has names, paths and lines, and is what `--tree` of other commands would read anew
each time. Status 0 once it is written; what of the tree could not be read is said on stderr.
"""

from argparse import Namespace
from pathlib import Path
from typing import Final

from gmemviz.cli.line import Answer, progress, say_skipped
from gmemviz.extract import extract
from gmemviz.facts import encoding
from gmemviz.whole import refuse_target

SUFFIX: Final = ".json.gz"


def command(arguments: Namespace) -> Answer:
    """Write the facts of a tree and say how many there are; status 0."""
    reads = _reads(arguments)
    if arguments.output:
        refuse_target(arguments.output, reads=reads)
    facts = extract(arguments.tree, whole_tree=arguments.whole_tree, progress=progress)
    out = arguments.output or Path(f"{facts.kernel}{SUFFIX}")
    encoding.write(facts, out, reads=reads)
    say_skipped(facts)
    count = sum(map(len, facts.functions.values()))
    return Answer(f"{out}: {count} functions, {len(facts.tables)} tables of Linux {facts.release}")


# A snapshot in the tree itself, made before, is nobody's source.
def _reads(arguments: Namespace) -> list[Path]:
    tree: Path = arguments.tree
    is_snapshot = str(arguments.output or SUFFIX).endswith(SUFFIX)
    return [] if is_snapshot else [tree]
