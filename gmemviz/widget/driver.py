"""Let a reader drive: choose what happens next, see what cannot, go back, try another branch.

A `Drive` (`model.drive`) is a walk from the start on, by its moves. The Driver holds the walks
tried, the one it stands on (`_tip`, to its end) and how many of its moves the pictures show
(`_at`); each click makes a walk of that and shows it.
"""

import html
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any, Final

import anywidget
import ipywidgets
import traitlets

from gmemviz.errors import GmemvizError, choice, of_kind
from gmemviz.frontend import script, stylesheet
from gmemviz.model import Design, Report, design_from_choices
from gmemviz.model.drive import Drive, drive, scenarios_of, until_change, with_walk
from gmemviz.render import Drawing, Film, film_of_drive, state_diagram, still_html, theme
from gmemviz.study import designs, gallery, named
from gmemviz.text import one_line
from gmemviz.widget.choices import START, allowed
from gmemviz.widget.composed import Composed, unwatched
from gmemviz.widget.panel import view_of, words_of
from gmemviz.widget.player import Player
from gmemviz.widget.rerun import adopt

OWN: Final = "your choices"


class _Panel(anywidget.AnyWidget):
    """Show what can happen and what cannot; a click comes back as a message."""

    _esm = script("driver")
    _css = stylesheet("driver")

    view = traitlets.Dict().tag(sync=True)


class Driver(Composed):
    """Choose step by step what happens to an inode, over every interleaving of a scenario.

    `start` is a Design, its name or file, or a Drive to go on from; without one the keywords are
    the five choices (see `gmemviz.model`). GmemvizError where they make no Design,
    UnknownNameError names the allowed words. `drive` is where the reader is; `film` plays the run
    so far.
    """

    def __init__(
        self,
        start: Design | Drive | str | Path | None = None,
        *,
        scenario: str = "",
        **choices: str,
    ) -> None:
        here = _begin(start, scenario, choices)  # refuses a wrong word before any widget is made
        self._given = here.ground.world.design
        self._walks: tuple[Drive, ...] = (here,)
        self._tip, self._at, self._is_still = here, len(here.moves), not here.moves
        self._panel, self._player = _Panel(), Player(film_of_drive(here).to_json())
        chosen = _choices_of(self._given)
        self._rows = _rows(OWN if chosen else self._given.title, chosen or START)
        row = ipywidgets.HBox(list(self._rows.values()), layout=_layout(flex_flow="row wrap"))
        super().__init__([row, self._panel, self._player], also=self._rows.values())
        self.add_class("gmemviz-driver")
        self._panel.on_msg(self._asked)
        self._player.observe(self._scrubbed, "index")
        for dropdown in self._rows.values():
            dropdown.observe(self._toggled, "value")
        self._follow(here)
        adopt(self)

    # --- what it holds --------------------------------------------------------------

    @property
    def drive(self) -> Drive:
        """Return the walk from the start to the step that the pictures show."""
        return self._tip.back(len(self._tip.moves) - self._at)

    @property
    def walks(self) -> tuple[Drive, ...]:
        """Return every branch tried, in the order in which they were begun."""
        return self._walks

    @property
    def film(self) -> Film:
        """Return the film of the run up to here, for `gmemviz.play`."""
        return film_of_drive(self.drive, self._states)

    @property
    def player(self) -> Player:
        """Return the player."""
        return self._player

    def take(self, actor: str) -> None:
        """Let an actor do its next step, as a click would; GmemvizError where it cannot.

        An actor is named as the panel names it: `task`, `rcu`, or who a scenario brings.
        """
        self._go(self.drive.take(actor))

    def choose(self, scenario: str = "", design: Design | None = None) -> None:
        """Begin anew with another scenario, another Design, or both; errors as at the start."""
        here = _begin(design or self._tip.ground.world.design, scenario, {})
        if design:
            self._given, row = design, self._rows["design"]
            self._put(row, design.title, tuple(dict.fromkeys((design.title, *row.options))))
        self._follow(here)

    # --- what a click does ------------------------------------------------------------

    def _asked(self, _: object, asked: Mapping[str, Any], __: object) -> None:
        # The panel says from where it was asked: the reader may have scrubbed since.
        match asked:
            # A message may come from anybody: what does not look like one of these does nothing.
            case {"do": "take", "at": int(at), "move": [int(), int(), int()] as move}:
                base = self._tip.back(len(self._tip.moves) - at)
                offers = [offer for offer in base.offers if list(offer.move) == move]
                self._go(base.take(offers[0]) if offers else base)
            case {"do": "on", "at": int(at), "actor": str(actor)}:
                self._go(until_change(self._tip.back(len(self._tip.moves) - at), actor))
            case {"do": "goto", "walk": int(walk), "at": int(at)}:
                self._stand(self._walks[walk % len(self._walks)], at)

    def _go(self, here: Drive) -> None:
        # A step that was taken before leads on along that branch; what is ahead of it stays.
        self._walks = with_walk(self._walks, here)
        count = len(here.moves)
        through = [walk for walk in self._walks if walk.moves[:count] == here.moves]
        self._stand(self._tip if self._tip in through else through[0], count)

    def _scrubbed(self, _: object) -> None:
        if not self._is_still:
            self._at = sum(end <= self._player.index + 1 for end in self._tip.ends)
            self._panel.view = self._view()

    def _toggled(self, change: Mapping[str, Any]) -> None:
        chosen = {name: row.value for name, row in self._rows.items()}
        try:
            design = self._design_of(chosen)
            names = scenarios_of(design)
            here = drive(design, chosen["scenario"] if chosen["scenario"] in names else "")
        except GmemvizError as error:  # two choices that do not go together
            self._put(change["owner"], change["old"])
            self._panel.view = {**self._view(), "refused": str(error)}
            return
        self._follow(here)

    def _design_of(self, chosen: Mapping[str, str]) -> Design:
        if chosen["design"] == OWN:
            return design_from_choices(**{name: chosen[name] for name in START})
        return self._given if chosen["design"] == self._given.title else gallery(chosen["design"])

    # --- what it shows ----------------------------------------------------------------

    # Begin anew with a walk, of another Design or scenario: earlier branches are not of it.
    def _follow(self, here: Drive) -> None:
        ground = here.ground
        self._states = _diagram(here)
        self._walks, self._tip = (here,), here
        names = scenarios_of(ground.world.design, ground.facts)
        self._put(self._rows["scenario"], ground.world.scenario.name, names)
        self._rows["kernel"].layout.display = None if self._rows["design"].value == OWN else "none"
        self._stand(here, len(here.moves))

    def _put(self, row: ipywidgets.Dropdown, value: str, options: tuple[str, ...] = ()) -> None:
        with unwatched(row, self._toggled):
            if options and tuple(row.options) != options:
                row.options = options
            row.value = value

    # Show the first `at` moves of a walk; what the walk has beyond them stays in the player.
    def _stand(self, tip: Drive, at: int) -> None:
        self._tip, self._at = tip, max(0, min(at, len(tip.moves)))
        self._is_still = not self._at  # before the first step there is nothing to play
        shown = self.drive if self._is_still else tip
        film = film_of_drive(shown, self._states).to_json()
        is_last = self._at == len(tip.moves)  # an end that shows a leak has a step of its own
        index = len(film["frames"]) if is_last or not self._at else self._tip.ends[self._at - 1]
        with unwatched(self._player, self._scrubbed, "index"):
            self._player.show(film, start=index - 1)
        self._panel.view = self._view()

    def _view(self) -> dict[str, Any]:
        return view_of(self.drive, self._tip, self._walks)

    # --- where no widget runs -----------------------------------------------------------

    def _still(self) -> dict[str, str]:
        film, text = self.film, words_of(self.drive)
        picture = still_html(film.to_json(), theme.css())
        return {
            "text/html": f"{picture}<pre>{html.escape(text)}</pre>",
            "text/plain": f"{film.text}\n\n{text}",
        }

    def __repr__(self) -> str:
        world = self._tip.ground.world
        where = f"{world.scenario.name}, after {self._at} moves"
        return f"Driver({one_line(world.design.title)!r}, {where})"


def _begin(
    given: Design | Drive | str | Path | None, scenario: str, choices: Mapping[str, str]
) -> Drive:
    start = named(given)
    for name in choices:
        choice("choice", name, START)
    of_kind("start", start, Design, Drive, NoneType)
    if start is not None and choices:
        raise GmemvizError(f"{' and '.join(choices)}: a start has its choices already")
    if isinstance(start, Drive):
        if scenario:
            choice("scenario", scenario, (start.ground.world.scenario.name,))
        return start
    return drive(start or design_from_choices(**{**START, **choices}), scenario)


def _choices_of(design: Design) -> dict[str, str]:
    # The five choices that make this Design, or none where it says more than they do.
    if len(design.keeps) != 1 or not design.cleanup:
        return {}
    kind, placement = design.keeps[0]
    words = (design.kernel, design.mount.name, placement.name, design.cleanup, kind.name)
    chosen = dict(zip(START, words, strict=True))
    return chosen if design_from_choices(**chosen) == design else {}


def _diagram(here: Drive) -> Drawing:
    world, facts = here.ground.world, here.ground.facts
    return state_diagram(Report(world.design, facts, (here.ground.explored,)))


def _rows(own: str, chosen: Mapping[str, str]) -> dict[str, ipywidgets.Dropdown]:
    every_design = tuple(dict.fromkeys((own, OWN, *designs())))
    always, of_choices = _layout(), _layout()  # the five come and go together
    rows = {
        "design": _row("design", every_design, own, always),
        "scenario": _row("scenario", ("",), "", always),
    }
    for name, words in allowed().items():
        rows[name] = _row(name, words, chosen[name], of_choices)
    return rows


def _row(
    name: str, words: tuple[str, ...], value: str, layout: ipywidgets.Layout
) -> ipywidgets.Dropdown:
    style = {"description_width": "initial"}
    return ipywidgets.Dropdown(
        options=words, value=value, description=name, layout=layout, style=style
    )


def _layout(**more: str) -> ipywidgets.Layout:
    return ipywidgets.Layout(width="auto", max_width="100%", **more)
