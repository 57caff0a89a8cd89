"""gmemviz compare: hold two Designs side by side, up to the step where their runs part.

The answer is a table of what differs (verdict, allocations, hooks, places of metadata), and what
either does at the moment that decides. The status is that of both verdicts: 1 where either has a
defect, 3 where either is undecided, 0 where both are correct. `--stage` writes both in one view
besides (`staged.py`).
"""

from argparse import Namespace
from pathlib import Path

from gmemviz.cli.line import Answer, named_design, of_reports
from gmemviz.cli.staged import asked, write_compared
from gmemviz.study import compare


def command(arguments: Namespace) -> Answer:
    """Return what differs between two Designs: the status of both verdicts, the worse first."""
    asked(arguments, [Path(arguments.a), Path(arguments.b)])
    found = compare(named_design(arguments.a), named_design(arguments.b))
    write_compared(arguments, found.a, found.b)
    return Answer(
        found.text, found.answer(), of_reports([found.a, found.b]), indent=1, output="comparison"
    )
