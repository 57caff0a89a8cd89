"""gmemviz export: write a page to mail, of a Design, a recording or two Designs.

The page plays by itself and names the command that makes it again, without a folder of this
machine in it. Status 0 once it is written, whatever the verdict on it; the file's name is printed
where the command chose it.
"""

import re
import shlex
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gmemviz.cli.line import (
    Answer,
    design_files,
    is_file,
    is_there,
    named_design,
    read_design,
    read_scenario,
    refuse,
)
from gmemviz.errors import choice, unknown
from gmemviz.model import Design, check
from gmemviz.record import follow, load_recording, read, recordings
from gmemviz.study import CHOICES, Comparison, State, designs, replay
from gmemviz.version import __version__
from gmemviz.whole import refuse_target, write_whole

if TYPE_CHECKING:
    from gmemviz.page import Made

SUFFIX: Final = ".html"


class _Page(NamedTuple):
    title: str
    """What is shown, of which a file's name can be made."""
    text: str


def command(arguments: Namespace) -> Answer:
    """Write a page; its name is said where the command chose it, status 0."""
    file: Path | None = arguments.output
    words = (arguments.name, *(arguments.compare or ()))
    reads = [*design_files(arguments), *map(Path, filter(None, words))]
    if file:
        choice(f"suffix of {file}", file.suffix.lower(), (SUFFIX,))
        refuse_target(file, reads=reads)
    page = _page(arguments)
    written = file or Path(f"{_plain(page.title)}{SUFFIX}")
    write_whole(written, page.text.encode(errors="backslashreplace"), reads=reads)
    return Answer("" if file else str(written))


def _plain(title: str) -> str:
    # A name that no shell takes for more than one word, or for an option.
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", title).strip("-.") or "page"


def _page(arguments: Namespace) -> _Page:
    if arguments.compare:
        return _comparison(arguments)
    if arguments.name and arguments.name not in designs():
        return _recording(arguments)
    design = read_design(arguments)
    return _state(arguments, design) if arguments.state is not None else _design(arguments, design)


def _state(arguments: Namespace, design: Design) -> _Page:
    from gmemviz.page import page_of_report

    refuse(arguments, "a state says it all", ("scenario",))
    state = State.parse(arguments.state)
    report = replay(state, keep_moves=True).report
    made = _made("--state", str(state))
    text = page_of_report(report, [state.run], made=made, of=state.of, step=state.step)
    return _Page(design.title, text)


def _design(arguments: Namespace, design: Design) -> _Page:
    from gmemviz.page import page_of_report

    scenarios = read_scenario(arguments, design)
    report = check(design, scenarios=scenarios, keep_moves=True)
    runs = [scenario.name for scenario in scenarios or ()]
    again = ["--scenario", *runs] if runs else []
    of, words = _words_of(arguments, design)
    text = page_of_report(report, runs, made=_made(*words, *again), of=of)
    return _Page(design.title, text)


def _words_of(arguments: Namespace, design: Design) -> tuple[tuple[str, ...], list[str]]:
    # As a State names the Design, which has no words for a file; and as it was typed.
    if arguments.design:
        return (), ["--design", arguments.design.name]
    if design.name:
        return (design.name,), [design.name]
    typed: list[str] = []
    for name in CHOICES:
        typed += (f"--{name}", getattr(arguments, name))
    return tuple(typed[1::2]), typed


def _recording(arguments: Namespace) -> _Page:
    from gmemviz.page import page_of_recording
    from gmemviz.render import facts_of

    name: str = arguments.name
    refuse(arguments, "a recording says it all", ("design", "state", "scenario", *CHOICES))
    if name in recordings():
        trace = load_recording(name)
    elif is_there(name) and Path(name).is_file():
        trace = read(name)
    else:
        raise unknown("Design, recording or file", name, (*designs(), *recordings()))
    facts = facts_of(trace)
    recorded = follow(trace, facts=facts)
    short = Path(name).name
    return _Page(short, page_of_recording(recorded, facts, made=_made(short)))


def _comparison(arguments: Namespace) -> _Page:
    from gmemviz.page import page_of_comparison

    every = ("name", "design", "state", "scenario", *CHOICES)
    refuse(arguments, "--compare says it all", every)
    words: list[str] = arguments.compare
    a, b = map(named_design, words)
    found = Comparison(check(a, keep_moves=True), check(b, keep_moves=True))
    made = _made("--compare", *(Path(word).name for word in words))
    of = [_state_words(word) for word in words]
    return _Page(f"{a.title} and {b.title}", page_of_comparison(found, made=made, of=of))


def _state_words(word: str) -> tuple[str, ...]:
    return () if is_file(word) else (word,)  # no state names a file


def _made(*words: str) -> "Made":
    from gmemviz.page import Made

    return Made(__version__, shlex.join(("gmemviz", "export", *words)))
