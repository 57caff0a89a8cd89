"""Show a Design as C next to its verdict, to read and to copy."""

import html
from difflib import SequenceMatcher
from typing import Any, Final

import anywidget
import traitlets

from gmemviz.frontend import STATIC, script
from gmemviz.model import Design
from gmemviz.translate.c import cannot_write, module_source

NO_C: Final = "There is no C of this Design: {}."


class StateCode(anywidget.AnyWidget):
    """Show one Design's C, or the sentence that says why there is none.

    `changes` says what the last Design shown made of the lines: [at, new, gone] for each place,
    where from line `at` (0 is the first) on `new` lines came in place of `gone`.
    """

    _esm = script("code")
    _css = (STATIC / "code.css").read_text(encoding="utf-8")

    text = traitlets.Unicode().tag(sync=True)
    why = traitlets.Unicode().tag(sync=True)
    changes: Any = traitlets.List().tag(sync=True)

    def show(self, design: Design) -> None:
        """Show another Design, all of it in one message.

        There are no changes to mark where nothing stood before, or where there is no C now.
        """
        before, reason = self.text, cannot_write(design)
        text = "" if reason else module_source(design)
        with self.hold_sync():
            self.text, self.why = text, NO_C.format(reason) if reason else ""
            self.changes = _changes(before, text) if before and text else []


def _changes(before: str, after: str) -> list[list[int]]:
    old, new = before.splitlines(), after.splitlines()
    places = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [[at, end - at, j - i] for what, i, j, at, end in places if what != "equal"]


def code_html(design: Design) -> str:
    """Return the same for where no widget runs: closed, and without a way to copy."""
    if reason := cannot_write(design):
        return f"<p>{html.escape(NO_C.format(reason))}</p>"
    text = module_source(design)
    summary = f"The Design as C, {text.count(chr(10))} lines"
    return f"<details><summary>{summary}</summary><pre>{html.escape(text)}</pre></details>"
