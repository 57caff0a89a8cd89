"""Let a reader toggle a Design, see its verdict, and play the run that shows it.

Whatever changes, by a click, by `choose`, by a state or by an answer of Linux, ends in `_show`
(toggles, verdict, menu of runs) and in the Player. What is set here by hand is set `unwatched`,
so that no handler takes it for a reader's click.
"""

import html
from collections.abc import Iterable, Mapping
from typing import Final

import ipywidgets

from gmemviz.errors import GmemvizError, UnknownNameError, choice
from gmemviz.frontend import verdict_html
from gmemviz.model import (
    METADATA,
    PLACEMENTS,
    Design,
    Report,
    check,
    design_from_choices,
    why_not,
)
from gmemviz.render import Film, film_of_report
from gmemviz.study import CHOICES, SHORTEST, TO, State, run_of, runs, verdict_text
from gmemviz.widget.ask_linux import Asking, said_html
from gmemviz.widget.choices import SAYS, START, allowed
from gmemviz.widget.code import StateCode, code_html
from gmemviz.widget.composed import Composed, unwatched
from gmemviz.widget.link import Link
from gmemviz.widget.player import Player
from gmemviz.widget.rerun import adopt
from gmemviz.widget.toggles import Toggles


class Explorer(Composed):
    """Toggle kernel, mount, placement, cleanup and metadata; see and play what comes of it.

    Each keyword is one of the choices (see `gmemviz.model`); UnknownNameError names the
    allowed ones. `state` is a string that says them all, with the run and the step shown:
    what another Explorer's `state` gave. `report` has the verdict, `film` what the player shows.
    The first Explorer of a page opened with `?state=...` goes there, or says why it cannot.
    """

    def __init__(self, *, state: str = "", **choices: str) -> None:
        for name in choices:
            choice("choice", name, START)
        chosen = {**START, **choices}
        if state:
            if choices:
                raise GmemvizError("give a state or choices: a state has all of them")
            chosen = _choices_of(State.parse(state))
        self._report, self._film = _answer(chosen)  # refuses a wrong word before any widget is made
        if state:
            State.parse(state).within(self._report)
        self._rows = {name: Toggles(name, words, SAYS[name]) for name, words in allowed().items()}
        for name, row in self._rows.items():
            row.value = chosen[name]
        self._run = ipywidgets.Dropdown(layout=ipywidgets.Layout(width="auto"))
        self._run.observe(self._watched, "value")
        self._verdict, self._code = ipywidgets.HTML(), StateCode()
        self._asking = Asking(self._offer)
        self._player = Player(self._film.to_json())
        self._link = Link(player=self._player)
        self._link.on_msg(self._asked)
        below = [ipywidgets.Label("watch"), self._run, self._asking.button, self._link]
        shown = ipywidgets.HBox(below, layout=_WRAP)
        first = ipywidgets.HBox([self._rows["kernel"], self._rows["mount"]])
        others = [self._rows[name] for name in ("placement", "cleanup", "metadata")]
        said = (self._verdict, self._asking.said, self._asking.news, self._code)
        children = [first, *others, *said, shown, self._player]
        super().__init__(children, also=(self._asking, *self._rows.values(), *below, first))
        self._show()
        self._code.show(self.design)
        for row in self._rows.values():
            row.observe(self._toggled, "value")
        if state:
            self._go(State.parse(state))
        self._point()
        adopt(self)

    # --- what it holds --------------------------------------------------------------

    @property
    def choices(self) -> dict[str, str]:
        """Return the five choices that the toggles hold."""
        return {name: row.value for name, row in self._rows.items()}

    @property
    def report(self) -> Report:
        """Return the Report of the Design that the toggles make."""
        return self._report

    @property
    def design(self) -> Design:
        """Return the Design that the toggles make."""
        return self._report.design

    @property
    def film(self) -> Film:
        """Return the film that the player shows."""
        return self._film

    @property
    def player(self) -> Player:
        """Return the player."""
        return self._player

    @property
    def state(self) -> str:
        """Return the choices, the run and the step shown as one string, which can be set."""
        step = None if self._is_recorded else self._player.index + 1
        return str(State(self._cell, self._word, step))

    @state.setter
    def state(self, text: str) -> None:
        state = State.parse(text)
        report, film = _answer(_choices_of(state))
        state.within(report)  # or refuse, and nothing has changed
        if _choices_of(state) != self.choices:
            self._hold(_choices_of(state))
            self._take(report, film)
        self._go(state)

    def choose(self, **choices: str) -> None:
        """Set some of the choices at once, as clicks would.

        Between two clicks there may be no Design; set at once, only the last has to be one.
        UnknownNameError names the words that are allowed.
        """
        for name, value in choices.items():
            choice(name, value, allowed()[choice("choice", name, START)])
        answered = _answer({**self.choices, **choices})  # or refuse, and nothing has changed
        self._hold(choices)
        self._take(*answered)

    # --- what a click does ------------------------------------------------------------

    def _toggled(self, _: object) -> None:
        self._take(*_answer(self.choices))

    # An answer of Linux comes in a thread of its own: whoever changes what is shown has the turn.
    def _take(self, report: Report, film: Film) -> None:
        with self._asking.turn:
            self._report, self._film = report, film
            self._show()
            self._player.show(self._film.to_json(), start=len(self._film.frames) - 1)
            self._code.show(report.design)  # last: the picture waits for nothing
            self._point()

    def _hold(self, choices: Mapping[str, str]) -> None:
        for name, value in choices.items():
            with unwatched(self._rows[name], self._toggled):
                self._rows[name].value = value

    def _go(self, state: State) -> None:
        self._run.value = _label(state.run)
        self._player.index = (state.step or len(self._film.frames)) - 1

    def _watched(self, _: object) -> None:
        with self._asking.turn:
            recorded = self._asking.answer.film if self._is_recorded else None
            self._film = recorded or film_of_report(self._report, run_of(self._report, self._word))
            self._player.show(self._film.to_json())
            self._point()

    def _point(self) -> None:
        self._link.point(str(State(self._cell, self._word)), has_step=not self._is_recorded)

    @property
    def _cell(self) -> tuple[str, ...]:
        return tuple(self.choices.values())

    @property
    def _is_recorded(self) -> bool:
        return bool(self._run.value == self._asking.answer.label)

    @property
    def _word(self) -> str:
        # A recording is no run of the model: a state names the Design alone.
        return SHORTEST if self._is_recorded else str(self._run.value).replace(" ", "-")

    # A stranger's string: what it cannot mean is said, and nothing has changed.
    def _asked(self, _: object, content: object, __: object) -> None:
        asked = content.get("state") if isinstance(content, Mapping) else None
        try:
            self.state = asked if isinstance(asked, str) else ""
        except GmemvizError as error:
            self._link.told = str(error)

    # The runs, and the recording where Linux was asked; what was watched stays where it is there.
    def _offer(self, label: str = "") -> None:
        label = label or self._run.value
        options = [*map(_label, runs(self._report)), *filter(None, [self._asking.answer.label])]
        with unwatched(self._run, self._watched):
            self._run.options = options
            self._run.value = label if label in options else options[0]
        if label not in options:
            self._watched(None)

    def _show(self) -> None:
        kind, place = self._report.design.keeps[0]
        places: dict[str, str] = {name: why_not(kind, other) for name, other in PLACEMENTS.items()}
        kinds: dict[str, str] = {name: why_not(other, place) for name, other in METADATA.items()}
        self._rows["placement"].reasons, self._rows["metadata"].reasons = places, kinds
        reasons = (*places.values(), *kinds.values())
        self._verdict.value = verdict_html(self._report) + _reasons_html(reasons)
        self._asking.about(self._cell, self._report)
        self._offer(_label(SHORTEST))

    # --- where no widget runs -----------------------------------------------------------

    def _still(self) -> dict[str, str]:
        picture, answered = self._player.still()["text/html"], self._asking.answer.text
        return {
            "text/html": picture + said_html(answered) + code_html(self._report.design),
            "text/plain": f"{verdict_text(self._report)}{answered}\n",
        }

    def __repr__(self) -> str:
        chosen = [f"{name}={value!r}" for name, value in self.choices.items()]
        return f"Explorer({', '.join(chosen)})"


_WRAP: Final = ipywidgets.Layout(flex_flow="row wrap", align_items="baseline")


def _answer(choices: dict[str, str]) -> tuple[Report, Film]:
    design = design_from_choices(**choices)
    report = check(design, keep_moves=True)
    if not report.applicable:
        raise UnknownNameError(f"not a design: {report.inapplicable}")
    return report, film_of_report(report)


def _choices_of(state: State) -> dict[str, str]:
    if len(state.of) == len(CHOICES):
        return dict(zip(CHOICES, state.of, strict=True))
    raise UnknownNameError(
        f"the Explorer holds five choices, and {state.of[0]} is a Design of the gallery: "
        f"play(gallery({state.of[0]!r})) plays it"
    )


# How the menu writes a run's word: "to leak", "shortest run", and a scenario as it is.
def _label(word: str) -> str:
    return word.replace("-", " ", 1) if word == SHORTEST or word.startswith(TO) else word


def _reasons_html(reasons: Iterable[str]) -> str:
    # A tooltip is for the mouse alone; who reads by keyboard finds the reasons here.
    said = "; ".join(html.escape(reason) for reason in dict.fromkeys(reasons) if reason)
    return f"<small>can't be chosen now: {said}</small>" if said else ""
