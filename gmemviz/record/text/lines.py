"""Recognise one line of function_graph text, whichever columns it has.

The layouts are kernel/trace/trace_functions_graph.c:print_graph_function_flags@v7.3 (the
same on v6.12 but for return values), and what `trace-cmd report` makes of the same events.
"""

import re
from typing import Final

LONGEST: Final = 65_536
"""No line of a kernel is longer; what is, is damaged."""

CONSOLE: Final = "console: "
"""How a mark begins that says what the kernel told its console just then."""

COLUMNS: Final = ("time", "cpu", "task", "flags", "duration")
"""Columns that a tracer option can hide; a recording has the same ones in each line."""

# Possessive (*+, ++), and \b before what is searched for, wherever a long run could be
# tried again and again: any line of LONGEST characters is judged in one pass.
_TASK = r"\S.{0,15}?-\d{1,10}"
_FLAGS = r"[.dDbX][.\w][.shHzZ][.\da-f][.\da-f]?"
_CALL = (
    r"(?P<function>[\w.$]++)(?: \[[^]]*+\])?\((?P<arguments>.*)\)(?P<kind>;| \{)"
    r"(?: /\*(?P<more>[^*]*+)\*/)?"
    r"|(?P<exit>\})(?: /\* (?P<tail>[\w.$]++)(?P<returned>[^*]*+)\*/)?"
)
# A comment that begins as an event of another tracer does is no mark.
_EVENT = r"(?P<event>(?!funcgraph_|(?:close|umount)\w*: [^(])\w++: .*)"

# The widths to the right of a column are the kernel's (print_graph_prologue), so
# that what is left of the line starts with the indentation and nothing else.
# A deeper indentation than 400 is no call stack.
GRAPH_LINE: Final = re.compile(
    r"(?: *+(?P<time>\d{1,12}\.\d{6,9}) \|  )?"
    r"(?: *+\d{1,15} us \|  )?"
    r"(?: *+(?P<cpu>\d{1,5})\) )?"
    rf"(?: *+(?P<task>{_TASK}) ++\| )?"
    rf"(?: (?P<flags>{_FLAGS}) \| )?"
    r"(?P<duration>[ $@*#!+] ++\d[\d.]*+ [un]s *+\|  | {10,14}\|  )?"
    rf"(?P<indent> {{0,400}})(?:{_CALL}"
    rf"|/\* (?:{_EVENT}|(?P<mark>.*)) \*/"
    r"|(?P<interrupt>=+>|<=+))",
    re.ASCII,
)
"""Match an entry, a leaf, an exit, a mark, an event or an interrupt separator."""

REPORT_LINE: Final = re.compile(
    rf" *+(?P<task>{_TASK}) ++\[?(?P<cpu>\d{{1,5}})\]?(?: ?(?P<flags>{_FLAGS}))? ++"
    r"(?P<time>\d{1,12}\.\d{6,9}): ++"
    r"(?P<duration>(?:funcgraph_(?:entry|exit): ++(?:(?:[$@*#!+] ++)?\d[\d.]*+ [un]s *+)?\|  )?)"
    rf"(?P<indent> {{0,400}})(?:{_CALL}"
    r"|b?print: ++(?:[\w.]++: )?(?P<mark>.*)"
    rf"|{_EVENT}"
    r"|(?P<interrupt>(?!)))",
    re.ASCII,
)
"""Match the same in the layout of `trace-cmd report`, with or without its option -l."""

PREFIX: Final = re.compile(
    r"(?:>++ ?)++|(?:<\d{1,3}>)?\[ {0,6}\d{1,9}\.\d{6}\](?:\[ *[TC]\d{1,9}\])? ", re.ASCII
)
"""Match what stands first in a line that a mail quotes, or of the log: level, time, task."""

COLLAPSED: Final = re.compile(
    r" ?(?:\d{1,12}\.\d{6,9} \| )?(?:\d{1,5}\) )?(?:\S.{0,15}?-\d{1,10} \| )?"
    rf"(?:{_FLAGS} \| )?(?:[$@*#!+] )?(?:\d[\d.]*+ [un]s )?\| "
    r"(?:[\w.$]++(?: \[\w++\])?\(.{0,200}\)(?:;| \{)|\}|/\* .{0,200} \*/)",
    re.ASCII,
)
"""Match a line whose runs of blanks have become one blank each, as a web page shows them."""

PROBE: Final = re.compile(
    r"(?P<name>\w++): \((?P<caller>\S++ (?:\[[^]]*+\] )?<- )?(?P<function>[A-Za-z_][\w.$]*+)"
    r"(?:\+0x(?P<offset>[\da-f]++)/0x[\da-f]++)?(?: \[[^]]*+\])?\)(?P<arguments>.*)",
    re.ASCII,
)
"""Match an event of a kprobe or fprobe: its function, and the arguments it fetched."""

NAMELESS: Final = re.compile(r"\w++: ++\([\da-f]{8,16}(?: <- [\da-f]{8,16})?\)", re.ASCII)
"""Match the event of a probe that only has an address, as `trace-cmd report` prints it."""

PAIR: Final = re.compile(r'\b(\w++)=("[^"]*+"|[^\s,]++)', re.ASCII)
"""Match one argument, as funcgraph-args or a probe event prints it."""

RETURNED: Final = re.compile(r"(?:ret=|= )(0x[\da-f]++|-\d++)", re.ASCII)
"""Match a return value: `ret=0x0` as 7.3 prints it, `= 0x0` as 6.12 does."""

TASK_SWITCH: Final = re.compile(
    rf" *+(?:(?P<cpu>\d{{1,5}})\) *+)?(?P<before>{_TASK}) ++=> ++(?P<after>{_TASK})\s*+$", re.ASCII
)
"""Match the line between two rules that names the tasks of a switch."""

LOST_EVENTS: Final = re.compile(
    r"CPU:\d+ \[(?:LOST )?(?:(?P<count>\d{1,20}) )?EVENTS(?: DROPPED)?\]", re.ASCII
)
"""Match the line that stands where the ring buffer overflowed."""

KERNEL: Final = re.compile(r"# \S++ latency trace v\S++ on (?P<kernel>\S++)")
"""Match the header line of the latency format."""

ONE_CPU: Final = re.compile(r"# latency:.{0,200}#P:1\)|cpus=1\s*+$")
"""Match the header line that says that the machine has one CPU."""

SYMBOL: Final = re.compile(
    r"# symbol (?P<address>0x[\da-f]{8,16}) (?P<name>[A-Za-z_][\w.$]*+)(?: \[[^]]*+\])?\s*+$",
    re.ASCII,
)
"""Match the line that names a function of a module, which may be gone when the text is made."""

HEADER: Final = re.compile(r"\s*+$|#| *+\(Overruns: | ?-{5,}+\s*+$|cpus=\d++\s*+$")
"""Match what is neither event nor damage: comments, blank lines, rules."""
