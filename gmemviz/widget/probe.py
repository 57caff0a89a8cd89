"""Show what a kernel answered: a line of summary, and a table a group that says what differs."""

import html
from typing import Any

import ipywidgets

from gmemviz.errors import choice, of_kind
from gmemviz.facts import ProbeReport
from gmemviz.render import probed_table, theme
from gmemviz.shown import MOST
from gmemviz.study import report_text
from gmemviz.text import one_line
from gmemviz.widget.player import Keys
from gmemviz.widget.rerun import adopt


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
        self._table.value = probed_table(some)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        still = {
            "text/html": _head(self.report) + probed_table(self.report.observations),
            "text/plain": str(report_text(self.report)),
        }
        return {**data, **still}, metadata

    def __repr__(self) -> str:
        return one_line(f"ProbeView({self.report.headline!r})", MOST)

    def close(self) -> None:
        """Close it and everything in it."""
        for widget in self._inner:
            widget.close()
        super().close()


def _head(report: ProbeReport) -> str:
    bad = bool(report.findings)
    look = "gm-bad" if bad else "gm-good" if report.observations else ""
    parts = html.escape(report_text(report)).split("\n")
    return f'<div class="gm-verdict {look}" role="status">{"<br>".join(parts)}</div>'
