"""Write docs/commands.md: each command as it is typed, and the head of what it answers.

The lines stand in commands.toml; `python -m scripts.commands` types them again, and a test does so
with each that needs neither a kernel nor a tree of the reader's own.
"""

import contextlib
import io
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from gmemviz.cli import main
from gmemviz.whole import write_whole

HERE: Final = Path(__file__).resolve().parent
PAGE: Final = HERE.parent / "docs" / "commands.md"
LINES: Final = HERE / "commands.toml"

HEAD: Final = """\
# What can be typed, and what comes back

Every answer is text, or data with `--json`. `make` puts the command into `.venv/bin`. This page is
made by typing its lines (`python -m scripts.commands`), and a test types them again.
"""

MEANINGS: Final = {
    "0": """fine; also for choices that do not go together (a pointer in a flag word):
        `"applicable": false`""",
    "1": "a defect or a disagreement was found",
    "2": "bad input or a missing tool, said in one sentence",
    "3": """undecided or not asked: a search hit its limit, no run enters an actor or gets to a
        word of the Design, no run can show it, a kernel agrees in part, a recording conforms only
        as far as it goes""",
    "70": """a fault of gmemviz itself, said in one sentence; `GMEMVIZ_TRACEBACK=1` shows where""",
    "130, 143, 129": """ended by Ctrl-C, by `kill`, with its terminal: one line, and whatever the
        command started has ended with it""",
}

MANNERS: Final = """
*Correct* is said only where every actor, reader and word of a Design was come to in some run. Else
the verdict is *not asked*, with what was missed and what would ask it. Conclude nothing from an
empty list of defects: ask `"verdict"` in `--json`, or `Report.verdict` in Python. Every answer says
its bounds, what it assumes of this Design, and what is left out.

A verdict keeps its status when nobody reads it to its end (`| head`). `-o` writes a file whole or
not at all: a symlink stays, an old file's mode and owner too, and other hard links keep the old
text. `/dev/stdout` and other devices are written into, and what a command reads is never written
over. Text of strangers is printed with whatever steers a terminal escaped.
"""


def parts() -> Sequence[Mapping[str, Any]]:
    """Return the parts of the page, each with its title and lines, as commands.toml has them."""
    table = tomllib.loads(LINES.read_text(encoding="utf-8"))
    found: Sequence[Mapping[str, Any]] = table["part"]
    return found


def head(typed: str, shows: int) -> str:
    """Return the first lines of what a command prints, and how many more there are."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(typed.split())
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    more = len(lines) - shows
    rest = [f"... ({more} more lines)"] if more > 0 else []
    return "\n".join([*lines[:shows], *rest])


def page() -> str:
    """Return docs/commands.md as text."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from HEAD.splitlines()
    for part in parts():
        yield from ("", f"## {part['title']}")
        for line in part["lines"]:
            yield from _example(**line)
    yield from ("", "## Statuses", "", "| status | what it means |", "|---|---|")
    yield from (f"| {status} | {' '.join(said.split())} |" for status, said in MEANINGS.items())
    yield from MANNERS.splitlines()


def _example(typed: str, shows: int, says: str) -> Iterator[str]:
    answer = head(typed, shows).splitlines() if shows else []
    text = " ".join(says.split())
    yield from (
        "",
        *textwrap.wrap(text, 100),
        "",
        "```console",
        f"$ gmemviz {typed}",
        *answer,
        "```",
    )


if __name__ == "__main__":
    write_whole(PAGE, page().encode())
    print(f"{PAGE.name}: {sum(len(part['lines']) for part in parts())} commands")
