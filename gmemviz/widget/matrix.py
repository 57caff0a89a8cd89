"""Show the matrix; a click on a cell plays the run that shows its verdict.

The picture of all cells is drawn once for a kernel and a mount, from rows that `study.matrix`
gives; a click searches its one Design again, this time keeping the moves to be played.
"""

import html
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import anywidget
import ipywidgets
import traitlets

from gmemviz.errors import GmemvizError, choice
from gmemviz.facts import kernels
from gmemviz.frontend import script, stylesheet, verdict_html
from gmemviz.model import MOUNTS, Report, check, design_from_choices
from gmemviz.processes import Workers
from gmemviz.render import AXES, Drawing, cell_id, draw_matrix, film_of_report, grid
from gmemviz.study import matrix, told, verdict_text
from gmemviz.widget.ask_linux import NOT_ASKED, said_html
from gmemviz.widget.choices import SAYS, allowed
from gmemviz.widget.composed import Composed, unwatched
from gmemviz.widget.player import Player
from gmemviz.widget.rerun import adopt
from gmemviz.widget.toggles import Toggles

Row = Mapping[str, Any]


class _Picture(anywidget.AnyWidget):
    """Show the drawing of a matrix; the browser owns `cell`, Python the rest."""

    _esm = script("matrix")
    _css = stylesheet("matrix")

    title = traitlets.Unicode().tag(sync=True)
    grid: Any = traitlets.List().tag(sync=True)
    svg = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    cell = traitlets.Unicode().tag(sync=True, echo_update=False)


@lru_cache(maxsize=8)
def _checked(kernel: str, mount: str) -> tuple[Row, ...]:
    # Some seconds, so kept for who comes back: two kernels with three mounts each have room.
    return tuple(matrix([kernel], mounts=[mount], executor=Workers()))  # on two, half the time


class MatrixExplorer(Composed):
    """See the matrix of a kernel and a mount; click a cell to play its counterexample.

    `rows` may bring answers already there (`gmemviz.study.matrix` returns
    them); a part that they lack is checked when it is shown, in some seconds, and kept.
    UnknownNameError names the allowed kernels and mounts.
    """

    _player: Player | None = None  # made at the first click: many only look

    def __init__(self, kernel: str = "", mount: str = "own", *, rows: Iterable[Row] = ()) -> None:
        start = {
            "kernel": choice("kernel", kernel or kernels()[-1], kernels()),
            "mount": choice("mount", mount, MOUNTS),
        }
        self._given = list(rows)
        part = self._part(**start)  # refuses bad rows before any widget is made
        self._toggles = {name: Toggles(name, allowed()[name], SAYS[name]) for name in start}
        self._picture = _Picture()
        self._verdict = ipywidgets.HTML()
        self._verdict.add_class("gmemviz-verdict")  # read aloud when it comes
        self._report: Report | None = None
        self._said = ""
        self._below = ipywidgets.VBox()
        first = ipywidgets.HBox(list(self._toggles.values()))
        children = [first, self._picture, self._verdict, self._below]
        super().__init__(children, also=self._toggles.values())
        self._picture.observe(self._clicked, "cell")
        for row in self._toggles.values():
            row.observe(self._toggled, "value")
        self._show(start, part)
        adopt(self)

    # --- what it holds --------------------------------------------------------------

    @property
    def choices(self) -> dict[str, str]:
        """Return what is chosen: kernel and mount, and those of the cell if there is one."""
        row = self._cells.get(self._picture.cell, {})
        of_cell = {name: row[name] for name in AXES if row}
        return {name: row.value for name, row in self._toggles.items()} | of_cell

    @property
    def report(self) -> Report | None:
        """Return the Report of the cell chosen, None before one is."""
        return self._report

    @property
    def player(self) -> Player | None:
        """Return the player, None before a first cell is chosen."""
        return self._player

    @property
    def drawing(self) -> Drawing:
        """Return the Drawing of the kernel and mount shown."""
        return self._drawing

    def choose(self, **choices: str) -> None:
        """Set some of the five choices at once, as clicks would.

        Kernel and mount alone show another matrix; a cell needs the three others, of which those
        of a cell that is shown stay. UnknownNameError names the words that are allowed.
        """
        for name, value in choices.items():
            choice(name, value, allowed()[choice("choice", name, allowed())])
        chosen = {**self.choices, **choices}
        missing = [name for name in AXES if name not in chosen]
        if missing and chosen.keys() & AXES.keys():
            raise GmemvizError(f"a cell has three choices; missing: {', '.join(missing)}")
        self._set(chosen)

    # --- what a click does ------------------------------------------------------------

    def _toggled(self, _: object) -> None:
        self._set(self.choices)

    def _clicked(self, _: object) -> None:
        self._answer()

    def _set(self, chosen: Mapping[str, str]) -> None:
        self._verdict.value = "checking every cell …"  # to be read meanwhile
        self._show(chosen, self._part(chosen["kernel"], chosen["mount"]))

    def _part(self, kernel: str, mount: str) -> tuple[list[Row], Drawing]:
        rows = [row for row in self._given if (row["kernel"], row["mount"]) == (kernel, mount)]
        rows = rows or list(_checked(kernel, mount))
        return rows, draw_matrix(rows, kernel=kernel, mount=mount)

    def _show(self, chosen: Mapping[str, str], part: tuple[list[Row], Drawing]) -> None:
        for name, row in self._toggles.items():
            with unwatched(row, self._toggled):
                row.value = chosen[name]
        rows, self._drawing = part
        self._cells = {cell_id(row): row for row in rows}
        with unwatched(self._picture, self._clicked, "cell"), self._picture.hold_sync():
            self._picture.title = self._drawing.title
            self._picture.grid = grid(rows)
            self._picture.text = self._drawing.alt
            self._picture.svg = self._drawing.svg
            self._picture.cell = cell_id(chosen) if "metadata" in chosen else ""
        self._answer()

    def _answer(self) -> None:
        self._report, self._said, self._verdict.value = None, "", ""
        if self._picture.cell in self._cells:
            self._report = check(design_from_choices(**self.choices), keep_moves=True)
            title = html.escape(self._report.design.title)
            if self._report.applicable:
                cell = tuple(self.choices.values())
                self._said = told(cell, self._report.defects) or NOT_ASKED
            said = said_html(self._said) if self._said else ""
            self._verdict.value = f"<small>{title}</small>{verdict_html(self._report)}{said}"
        report = self._report
        self._below.children = [self._play(report)] if report and report.applicable else []

    def _play(self, report: Report) -> Player:
        film = film_of_report(report)
        last = len(film.frames) - 1
        if self._player is None:
            self._player = Player(film.to_json(), start=last)
            self._inner = (*self._inner, self._player)
        else:
            self._player.show(film.to_json(), start=last)
        return self._player

    # --- where no widget runs -----------------------------------------------------------

    def _still(self) -> dict[str, str]:
        still = self._drawing._repr_mimebundle_()
        if self._report:
            still["text/plain"] += f"\n\n{verdict_text(self._report)}{self._said}"
        return still

    def __repr__(self) -> str:
        chosen = [f"{name}={value!r}" for name, value in self.choices.items()]
        return f"MatrixExplorer({', '.join(chosen)})"
