"""gmemviz designs: find every correct Design for a set of metadata, the cheapest first.

The answer ranks the correct ones by what they cost, and says why each of the others fails; they
are checked on all processors. Status 0 where one is correct; 1 where every one has a defect; 3
where none was found and some were not checked (`--first`), or their search hit its limit.
"""

from argparse import Namespace

from gmemviz.cli.line import FINE, FOUND, UNDECIDED, Answer, progress
from gmemviz.processes import Workers
from gmemviz.study import designs_for


def command(arguments: Namespace) -> Answer:
    """Return the correct Designs: status 0 where there is one, 1 where none, 3 undecided."""
    found = designs_for(
        arguments.metadata,
        kernel=arguments.kernel,
        mount=arguments.mount,
        first=arguments.first,
        executor=Workers(progress=progress.for_workers("checking")),
    )
    status = FINE
    if not found.correct:
        status = FOUND if found.is_decided else UNDECIDED
    return Answer(found.text, found.answer(), status, indent=1, output="designs")
