"""Show what a kernel answered: a line of summary, and a table a group that says what differs.

It opens on what the kernel is ("identity"), since the answers mean nothing without it.
"""

import html

import ipywidgets

from gmemviz.errors import choice, of_kind
from gmemviz.facts import Observation, ProbeReport
from gmemviz.render import probed_table, theme
from gmemviz.shown import MOST
from gmemviz.study import report_text
from gmemviz.text import one_line
from gmemviz.widget.composed import Composed
from gmemviz.widget.player import Keys
from gmemviz.widget.rerun import adopt


class ProbeView(Composed):
    """Show a report of `gmemviz.ask_kernel` or `gmemviz.load_report`, group by group.

    `group` is what is shown, and can be set: "" for all that differs. TypeError where `report`
    is none; UnknownNameError names the groups.
    """

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
        super().__init__([self._head, self._group, self._table, self._keys])
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

    def _shown(self) -> list[Observation]:
        rows = self.report.observations
        if self.group:
            return [row for row in rows if row.group == self.group]
        return self._differing()

    def _differing(self) -> list[Observation]:
        return [row for row in self.report.observations if row.finding]

    def _show(self, _: object = None) -> None:
        self._table.value = probed_table(self._shown())

    # As it opens, with all that differs: the summary above counts all answers, and
    # `ProbeReport.frame` has each.
    def _still(self) -> dict[str, str]:
        shown = self._shown()
        shown += [row for row in self._differing() if row not in shown]
        return {
            "text/html": _head(self.report) + probed_table(shown),
            "text/plain": str(report_text(self.report)),
        }

    def __repr__(self) -> str:
        return one_line(f"ProbeView({self.report.headline!r})", MOST)


def _head(report: ProbeReport) -> str:
    look = "gm-good" if report.observations else ""  # nothing was asked, nothing is good
    if report.findings:
        look = "gm-bad"
    text = html.escape(report_text(report)).replace("\n", "<br>")
    return f'<div class="gm-verdict {look}" role="status">{text}</div>'
