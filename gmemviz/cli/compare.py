"""gmemviz compare: hold two Designs side by side, up to the step where their runs part.

The answer is a table of what differs (verdict, allocations, hooks, places of metadata), and the
step at which the same scenario first goes another way. The status is that of both verdicts: 1
where either has a defect, 3 where either is undecided, 0 where both are correct.
"""

from argparse import Namespace

from gmemviz.cli.line import Answer, named_design, of_reports
from gmemviz.study import compare


def command(arguments: Namespace) -> Answer:
    """Return what differs between two Designs: the status of both verdicts, the worse first."""
    found = compare(named_design(arguments.a), named_design(arguments.b))
    return Answer(found.text, found.answer(), of_reports([found.a, found.b]), indent=1)
