"""Read what is typed and say what was found: arguments, sources, answers and their terminal.

Not here: the commands themselves (`cli`). Start with `answer.py`.
"""

from gmemviz.cli.line.answer import (
    BAD,
    FAULT,
    FINE,
    FOUND,
    STATUSES,
    UNDECIDED,
    Answer,
    of_reports,
    of_verdict,
    of_verdicts,
    say,
)
from gmemviz.cli.line.filesystem import named_filesystem, say_several, shipped
from gmemviz.cli.line.parser import Parser, names, refuse, time_limit, whole
from gmemviz.cli.line.progress import progress
from gmemviz.cli.line.sources import (
    address_of,
    design_files,
    facts_of,
    given_facts,
    is_file,
    is_there,
    kernel_or_tree,
    named_design,
    read_design,
    read_file,
    read_scenario,
    say_skipped,
    tell_names,
)
from gmemviz.cli.line.terminal import terminals

__all__ = (
    "BAD",
    "FAULT",
    "FINE",
    "FOUND",
    "STATUSES",
    "UNDECIDED",
    "Answer",
    "Parser",
    "address_of",
    "design_files",
    "facts_of",
    "given_facts",
    "is_file",
    "is_there",
    "kernel_or_tree",
    "named_design",
    "named_filesystem",
    "names",
    "of_reports",
    "of_verdict",
    "of_verdicts",
    "progress",
    "read_design",
    "read_file",
    "read_scenario",
    "refuse",
    "say",
    "say_several",
    "say_skipped",
    "shipped",
    "tell_names",
    "terminals",
    "time_limit",
    "whole",
)
