"""Recognise one line of function_graph text, whichever columns it has."""

import re
from typing import Final

__all__ = ("COLUMNS", "GRAPH_LINE", "HEADER", "KERNEL", "LOST_EVENTS", "TASK_SWITCH")

COLUMNS: Final = ("time", "cpu", "task", "flags", "duration")
"""Columns that a tracer option can hide; a recording has the same ones in each line."""

# The widths to the right of a column are the kernel's (print_graph_prologue), so
# that what is left of the line starts with the indentation and nothing else.
# A deeper indentation than 400 is no call stack.
GRAPH_LINE: Final = re.compile(
    r"(?: *(?P<time>\d{1,12}\.\d{6}) \|  )?"
    r"(?: *\d{1,15} us \|  )?"
    r"(?: *(?P<cpu>\d{1,5})\) )?"
    r"(?: *(?P<task>\S.{0,15}?-\d{1,10}) * \| )?"
    r"(?: (?P<flags>[.dDbX][.\w][.shHzZ][.\da-f][.\da-f]?) \| )?"
    r"(?P<duration>[ $@*#!+] +\d[\d.]* us *\|  | {10,14}\|  )?"
    r"(?P<indent> {0,400})"
    r"(?:(?P<function>[\w.$]+)(?: \[[^]]*\])?\(.*\)(?P<kind>;| \{)"
    r"|(?P<exit>\})(?: /\* (?P<tail>[\w.$]+)[^*]*\*/)?"
    r"|/\* (?P<mark>.*) \*/"
    r"|(?P<interrupt>=+>|<=+))",
    re.ASCII,
)
"""Match an entry, a leaf, an exit, a mark or an interrupt separator."""

TASK_SWITCH: Final = re.compile(
    r" *(?:(?P<cpu>\d{1,5})\) )? *(?P<before>\S.{0,15}?-\d{1,10}) +=> +"
    r"(?P<after>\S.{0,15}?-\d{1,10})\s*$",
    re.ASCII,
)
"""Match the line between two rules that names the tasks of a switch."""

LOST_EVENTS: Final = re.compile(r"CPU:\d+ \[LOST (?:(?P<count>\d{1,20}) )?EVENTS\]", re.ASCII)
"""Match the line that stands where the ring buffer overflowed."""

KERNEL: Final = re.compile(r"# \S+ latency trace v\S+ on (?P<kernel>\S+)")
"""Match the header line of the latency format."""

HEADER: Final = re.compile(r"\s*$|#| *\(Overruns: | ?-{5,}\s*$")
"""Match what is neither event nor damage: comments, blank lines, rules."""
