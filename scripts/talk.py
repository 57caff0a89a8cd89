"""Write the talk as one file of slides that needs no network, and as a PDF.

    python -m scripts.talk [-o FOLDER] [--no-pdf]

The deck is our own, a hundred lines of script and as many of style, and no reveal.js. That has a
maintained wheel (sphinx-revealjs 3.2.1 brings 5.2.1: 166 kB, and Sphinx), but its speaker view
writes a script into another window and its print view makes style sheets, so the page's policy
would have to let any script in. It scales slides by a transform where our players measure the
window, and its keys are the player's too. Ours turns pages; all else is the exported page's.

A cell's `slideshow` metadata says what it is: `slide` begins one, `notes` are the speaker's and
begin with their time in bold, `skip` is only for JupyterLab, and all others go on with the slide.
The tag `whole-slide` of a slide's first cell gives all of it to its picture, which has a title.
"""

import argparse
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, product
from pathlib import Path
from typing import Any, Final

import mistune
import nbformat
import segno
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from gmemviz import Explorer, check, design_from_choices
from gmemviz.address import site
from gmemviz.frontend import checked_film, look_of, script, stylesheet
from gmemviz.model import Report
from gmemviz.page.page import policy
from gmemviz.page.run import PageRun, run_data, run_html
from gmemviz.render import still_step
from gmemviz.render.strips import film_of_strips, strip_of_report
from gmemviz.study import verdict
from gmemviz.whole import write_whole
from gmemviz.widget.player import Player

__all__ = ("Slide", "kind_of", "main", "page", "qr_code", "seconds_of", "slides")

ROOT: Final = Path(__file__).resolve().parent.parent
HERE: Final = Path(__file__).parent
NOTEBOOK: Final = ROOT / "notebooks" / "talk.ipynb"
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
PRINT_LIMIT_S: Final = 120
KEYS: Final = (
    "<kbd>PageDown</kbd> <kbd>PageUp</kbd> turn · <kbd>→</kbd> <kbd>←</kbd> step the player, "
    "<kbd>space</kbd> plays, <kbd>Esc</kbd> leaves it · <kbd>s</kbd> notes in a window of their "
    "own, <kbd>n</kbd> here, <kbd>t</kbd> clock to 0:00 · <kbd>f</kbd> full screen"
)

FLOOR: Final = {
    "cleanup": ("evict-before-truncate", "evict-after-truncate", "destroy+free", "free-all"),
    "metadata": ("flags", "shared_policy", "resv_map", "hugetlb-subpool", "rcu-blob"),
}
"""What the file lets a floor choose: no Python is there to search anew."""

WHOLE: Final = "whole-slide"
TIME: Final = re.compile(r"\*\*(\d+):(\d\d)\*\*")
SHEET: Final = re.compile(r'<style type="text/css">(.*?)</style>', re.DOTALL)
"""The colours of a table, which go into the page's own sheet: its policy knows no other."""
SAID: Final = re.compile(r"<p><b>.*?</b></p>\n", re.DOTALL)
LOOKS: Final = re.compile(r'<style.*?</style>| style="[^"]*"| border="1"', re.DOTALL)


@dataclass
class Slide:
    """Hold one slide: its title, its inside and its notes as HTML, and its time."""

    title: str
    inside: list[str] = field(default_factory=list)
    notes: str = ""
    seconds: int = 0
    style: str = ""
    has_picture: bool = False
    is_whole: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Write talk.html and talk.pdf; return 0, or end with one sentence."""
    parser = argparse.ArgumentParser(prog="scripts.talk", description=__doc__)
    parser.add_argument("-o", dest="folder", type=Path, default=ROOT / "out" / "talk")
    parser.add_argument("--no-pdf", action="store_true", help="needs no browser")
    wanted = parser.parse_args(argv)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    file = wanted.folder / "talk.html"
    write_whole(file, page(*slides(NOTEBOOK)).encode())
    print(f"{file}: {file.stat().st_size / 1e6:.2f} MB")
    if not wanted.no_pdf:
        written = printed(file)
        print(f"{written}: {written.stat().st_size / 1e6:.2f} MB")
    return 0


def page(talk: Sequence[Slide], runs: Sequence[PageRun]) -> str:
    """Return the whole deck."""
    code = script("page") + (HERE / "talk.js").read_text(encoding="utf-8")
    style = stylesheet() + (HERE / "talk.css").read_text(encoding="utf-8")
    style += "".join(slide.style for slide in talk)
    data = json.dumps([run_data(run) for run in runs], ensure_ascii=False, separators=(",", ":"))
    begins = [0, *accumulate(slide.seconds for slide in talk)]
    parts = [_slide(slide, n, len(talk), begins[n]) for n, slide in enumerate(talk)]
    inert = data.replace("<", "\\u003c")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy(code, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="gmemviz">
<title>{html.escape(talk[0].title)}</title>
<style>{style}</style>
</head>
<body>
<main>
{"".join(parts)}</main>
<script type="application/json" id="deck-runs">{inert}</script>
<script type="module">{code}</script>
</body>
</html>
"""


def _slide(slide: Slide, number: int, count: int, begins: int) -> str:
    where = f"{number + 1} of {count}: {slide.title}"
    keys = "" if number else f'<p class="keys">{KEYS}</p>\n'
    look = "slide" if slide.has_picture or not number else "slide is-words"
    look += " is-whole" if slide.is_whole else ""
    return (
        f'<section class="{look}" tabindex="-1" aria-label="{html.escape(where)}">\n'
        f"{''.join(slide.inside)}{keys}"
        f'<span class="number">{number + 1} / {count}</span>\n</section>\n'
        f'<aside class="notes" aria-label="Notes" data-time="{begins} {begins + slide.seconds}">\n'
        f"{slide.notes}</aside>\n"
    )


def printed(file: Path) -> Path:
    """Return the PDF that Chromium makes of the deck beside it."""
    named = os.environ.get("GMEMVIZ_CHROMIUM")
    browser = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        sys.exit("no PDF: needs Chromium (apt-get install chromium), or say --no-pdf")
    target = file.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "talk.pdf"
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            f"--user-data-dir={folder}/profile", "--no-pdf-header-footer",
            f"--print-to-pdf={made}", file.resolve().as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=PRINT_LIMIT_S)
        write_whole(target, made.read_bytes())
    return target


# --- the slides ---------------------------------------------------------------------------


def kind_of(cell: Any) -> str:
    """Return what a cell is to the talk: slide, notes, skip, or - where a slide goes on."""
    kind = cell.metadata.get("slideshow", {}).get("slide_type") or "-"
    return str(kind)


def seconds_of(notes: str) -> int:
    """Return the time that notes begin with; ValueError where they begin with none."""
    found = TIME.match(notes)
    if not found:
        raise ValueError(f"notes begin with their time, as in **1:30**, not with {notes[:20]!r}")
    return 60 * int(found[1]) + int(found[2])


def slides(path: Path) -> tuple[list[Slide], list[PageRun]]:
    """Return the slides of a notebook, its cells run anew, and the runs that they play."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    shell = InteractiveShell(displayhook_class=_Quiet)  # type: ignore[no-untyped-call]
    written: list[Slide] = []
    runs: list[PageRun] = []
    for cell in notebook.cells:
        kind = kind_of(cell)
        if kind == "slide":
            is_whole = WHOLE in cell.metadata.get("tags", ())
            written.append(Slide(_title(cell.source), is_whole=is_whole))
        if cell.cell_type == "code":
            inside = list(_shown(shell, cell.source, runs))
            if kind != "skip":
                written[-1].inside += [LOOKS.sub("", part) for part in inside]
                written[-1].style += "".join(SHEET.findall("".join(inside)))
                written[-1].has_picture |= any("gm-run" in part for part in inside)
        elif kind == "notes":
            written[-1].notes = _words(cell.source)
            written[-1].seconds = seconds_of(cell.source)
        elif kind != "skip":
            written[-1].inside.append(_words(cell.source))
    if where := site():
        written[-1].inside.append(qr_code(where))
    return written, runs


def qr_code(address: str) -> str:
    """Return an address as a picture that a phone reads, with the address under it."""
    code = segno.make_qr(address).svg_inline(scale=4, border=4, light="white", omitsize=True)
    return (
        f'<figure class="qr" role="img" aria-label="QR code of {html.escape(address)}">{code}'
        f"<figcaption>{html.escape(address)}</figcaption></figure>\n"
    )


class _Quiet(DisplayHook):
    """Hand a cell's value over and print nothing."""

    def write_output_prompt(self) -> None:
        """Print nothing."""

    def write_format_data(self, format_dict: object, md_dict: object = None) -> None:
        """Print nothing."""


def _title(source: str) -> str:
    return source.partition("\n")[0].lstrip("# ")


def _words(source: str) -> str:
    return str(mistune.create_markdown(escape=True)(source))


def _shown(shell: InteractiveShell, source: str, runs: list[PageRun]) -> Iterator[str]:
    with capture_output(display=False) as printed:
        result = shell.run_cell(source)  # type: ignore[no-untyped-call]
    result.raise_error()
    if said := printed.stdout.strip():
        yield f'<p class="said">{html.escape(said)}</p>'
    value = result.result
    if isinstance(value, Explorer):
        yield _floor(value.choices, runs)
    elif isinstance(value, Player):
        yield _run(value.film, runs, start=value.index)
    elif value is not None:
        yield _mime(shell, value)


def _mime(shell: InteractiveShell, value: object) -> str:
    data = shell.display_formatter.format(value)[0]  # type: ignore[union-attr]
    return str(data.get("text/html") or f"<pre>{html.escape(data['text/plain'])}</pre>")


def _run(film: Any, runs: list[PageRun], *, start: int = 0, answer: str = "") -> str:
    number, checked = len(runs), checked_film(film)
    runs.append(PageRun(checked, checked["title"], "", start + 1, still_step(checked) + 1))
    head = f'<span id="run-{number}-name" hidden>{html.escape(checked["title"])}</span>{answer}'
    # Every step as a list is for a page; on a slide the player says each, and a picture nothing.
    written = run_html(runs[-1], number, head=head).partition("<h3>")[0] + "</section>"
    return written if len(checked["frames"]) > 1 else SAID.sub("", written)


def _floor(choices: dict[str, str], runs: list[PageRun]) -> str:
    answers = []
    for cleanup, metadata in product(*FLOOR.values()):
        chosen = {**choices, "cleanup": cleanup, "metadata": metadata}
        report = check(design_from_choices(**chosen))
        film = film_of_strips(report.design.title, strip_of_report(report)).to_json()
        found = _run(film, runs, start=still_step(film), answer=_answer(report))
        is_first = (cleanup, metadata) == (choices["cleanup"], choices["metadata"])
        hidden = "" if is_first else " hidden"
        answers.append(f'<div class="answer" data-of="{cleanup}/{metadata}"{hidden}>{found}</div>')
    rows = "\n".join(_toggles(name, choices[name]) for name in FLOOR)
    return f'<div class="floor"><div>\n{rows}\n</div>\n{"".join(answers)}</div>'


def _answer(report: Report) -> str:
    look, symbol = look_of(report)
    return f'<p class="gm-verdict {look}"><b>{symbol} {html.escape(verdict(report))}</b></p>'


def _toggles(name: str, chosen: str) -> str:
    options = "".join(_radio(name, value, is_chosen=value == chosen) for value in FLOOR[name])
    return f"<fieldset><legend>{name}</legend>\n{options}</fieldset>"


def _radio(name: str, value: str, *, is_chosen: bool) -> str:
    mark = " checked" if is_chosen else ""
    button = f'<input type="radio" name="{name}" value="{value}" autocomplete="off"{mark}>'
    return f"<label>{button}{value}</label>\n"


if __name__ == "__main__":
    sys.exit(main())
