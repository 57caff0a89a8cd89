"""Show what a kernel answered: a line of summary, and a table a group that says what differs."""

import html
from collections.abc import Iterable, Iterator
from typing import Any, Final

import ipywidgets

from gmemviz.errors import choice, of_kind
from gmemviz.facts.probed import Observation, ProbeReport
from gmemviz.render import theme
from gmemviz.study import match_sentence
from gmemviz.widget.cells import adopt
from gmemviz.widget.player import Keys

__all__ = ("ProbeView",)

COLUMNS: Final = ("asked", "answer", "expected", "from")
WORDS: Final = {None: "", True: "✓", False: "⚠ differs"}


class ProbeView(ipywidgets.VBox):
    """Show a report of `gmemviz.ask_kernel` or `gmemviz.load_report`, group by group."""

    _inner: tuple[ipywidgets.Widget, ...] = ()  # none yet, where another object is refused

    def __init__(self, report: ProbeReport) -> None:
        of_kind("report", report, ProbeReport)
        self.report = report
        self._rows = {row.group: None for row in report.observations}
        groups = [("everything that differs", ""), *((name, name) for name in self._rows)]
        first = "identity" if "identity" in self._rows else ""
        self._group = ipywidgets.Dropdown(options=groups, value=first, description="show")
        self._table = ipywidgets.HTML()
        self._head = ipywidgets.HTML(f"<style>{theme.css()}</style>{_head(report)}")
        self._keys = Keys()
        self._inner = (self._head, self._group, self._table, self._keys)
        super().__init__(self._inner)
        self.add_class("gmemviz-explorer")
        self._group.observe(self._show, "value")
        self._show()
        adopt(self)

    @property
    def group(self) -> str:
        """Return the group shown, "" for all that differs."""
        return str(self._group.value)

    @group.setter
    def group(self, name: str) -> None:
        self._group.value = choice("group", name, ("", *self._rows))

    def _show(self, _: object = None) -> None:
        rows = self.report.observations
        some = [row for row in rows if (row.group == self.group if self.group else row.finding)]
        self._table.value = _table(some)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        still = {
            "text/html": _head(self.report) + _table(self.report.observations),
            "text/plain": _text(self.report),
        }
        return {**data, **still}, metadata

    def close(self) -> None:
        """Close it and everything in it."""
        for widget in self._inner:
            widget.close()
        super().close()


def _head(report: ProbeReport) -> str:
    bad = bool(report.findings)
    look = "gm-bad" if bad else "gm-good" if report.observations else ""
    said = (report.headline, match_sentence(report), *report.findings, *_further(report))
    parts = map(html.escape, said)
    return f'<div class="gm-verdict {look}" role="status">{"<br>".join(parts)}</div>'


def _table(rows: Iterable[Observation]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    body = "".join(_row(row) for row in rows)
    if not body:
        return "<p>Nothing differs from what was expected.</p>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(row: Observation) -> str:
    expected = f"{' or '.join(row.expected)} {WORDS[row.agrees]}"
    where = " · ".join(filter(None, (row.source, row.note)))
    cells = (row.got or "not asked", expected, where)
    said = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{html.escape(row.call)}</th>{said}</tr>'


def _text(report: ProbeReport) -> str:
    return "\n".join(_lines(report))


def _lines(report: ProbeReport) -> Iterator[str]:
    yield report.headline
    yield match_sentence(report)
    yield from (*report.findings, *_further(report))


# Without a guest_memfd the headline says what is missing.
def _further(report: ProbeReport) -> tuple[str, ...]:
    return report.missing if report.value("mount") else ()
