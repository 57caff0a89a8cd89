"""Show cause, verdict and effect in one view: choices at the left, the verdict above, then memory.

All that it draws is one value of `gmemviz.stage`. Python answers a click with another one, and
after it with the verdicts of all other choices, for which nobody shall wait.
"""

from collections.abc import Mapping
from pathlib import Path as File
from typing import Any, Final

import anywidget
import traitlets

from gmemviz.errors import DrawingError, GmemvizError, MissingToolError, choice, of_kind
from gmemviz.facts import kernels
from gmemviz.frontend import STATIC, script
from gmemviz.model import Design, Path, Report, check, design_from_choices
from gmemviz.model.design import DefectCode
from gmemviz.render import film_of_report, still_html, tabs_of_run, theme
from gmemviz.shown import plain
from gmemviz.stage import AXES, Former, headline, run_shown, stage, stage_of_both, tints
from gmemviz.study import SHORTEST, TO, beside, designs, named, run_of
from gmemviz.text import one_line, printable
from gmemviz.widget.composed import Bundle, with_still
from gmemviz.widget.rerun import adopt
from gmemviz.widget.starts import CHOICES, Begun, begin, groups, said_of

QUESTION: Final = {
    "kernel": kernels()[0],
    "mount": "own",
    "placement": "i_private_data",
    "cleanup": "free-all",
    "metadata": "hugetlb-subpool",
}
"""The thread's own question: may free_inode give back what hugetlb is short of?"""

TABS: Final = ("memory", "calls", "states")
"""What stands in the pane's place for the picture; the first needs no engine that draws."""

KEPT: Final = ("memory", "lanes")
"""The pictures that stand for memory and time where no script may draw them."""


class Stage(anywidget.AnyWidget):
    """See a Design's verdict and why, in one view: who freed it, who still reaches for it.

    `shown` is a Design, its name or file, or a Report; without one the keywords are the five
    choices (see `gmemviz.model`), which a reader may then change: those not named are the
    thread's question. `code` chooses the defect that is shown. UnknownNameError names the allowed
    words. With `against`, another of these, both stand in one view: A is what is shown, B the
    other, and a choice changes A. `tab` is which picture is shown: memory, calls or states.
    """

    _esm = script("stage")
    _css = (STATIC / "stage.css").read_text(encoding="utf-8")

    value = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    tints = traitlets.Dict().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    tab = traitlets.Unicode(TABS[0]).tag(sync=True)
    tabs = traitlets.List(list(TABS)).tag(sync=True)
    pictures: Any = traitlets.List().tag(sync=True)
    starts: Any = traitlets.List().tag(sync=True)
    start = traitlets.Unicode().tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)
    says: Any = traitlets.List().tag(sync=True)

    def __init__(
        self, shown: Design | Report | str | File | None = None, *, code: DefectCode | None = None,
        against: Design | Report | str | File | None = None, **choices: str,
    ) -> None:  # fmt: skip
        for name, word in choices.items():
            choice(name, word, AXES[choice("choice", name, AXES)])
        if shown is not None and choices:
            raise GmemvizError("give a Design or choices: a Design has all of them")
        chosen = {} if shown is not None else {**QUESTION, **choices}
        if code and against is not None:
            raise GmemvizError("give a defect code or what to hold it against: both decide the run")
        self._code = code
        self._begun = Begun(_report(design_from_choices(**chosen) if shown is None else shown))
        self._against = None if against is None else _report(against, "against")
        value = self._shown()
        words = {axis: list(words) for axis, words in AXES.items()} if chosen else {}
        super().__init__(
            value=value, words=words, choices=chosen,
            starts=[group._asdict() for group in groups()],
            start=_start_of(shown), says=[] if chosen else said_of(self.design),
        )  # fmt: skip
        self.on_msg(self._asked)
        self.tints = tints(chosen) if chosen else {}
        adopt(self)

    @property
    def report(self) -> Report:
        """Return the Report of what is shown."""
        return self._begun.report

    @property
    def design(self) -> Design:
        """Return the Design that is shown."""
        return self.report.design

    def choose(self, **choices: str) -> None:
        """Set some of the choices, as clicks would; UnknownNameError names what is allowed."""
        if not self.choices:
            raise GmemvizError("this Stage shows a Design of its own, which has no choices")
        for name, word in choices.items():
            choice(name, word, AXES[choice("choice", name, AXES)])
        self.choices = {**self.choices, **choices}

    def begin(self, start: str, text: str = "") -> None:
        """Start from something else, as the rail's first control does; `against` stays.

        `start` is a word of `starts`: ``choices``, ``gallery NAME``, ``filesystem KERNEL TABLE``,
        ``toml`` or ``tree``, with the TOML or the filesystem's name as `text`. UnknownNameError
        and GmemvizError as where a Design is read or searched, and nothing has changed.
        """
        if start == CHOICES:
            begun = Begun(check(design_from_choices(**QUESTION)))
        else:
            begun = begin(start, text)
        chosen = dict(QUESTION) if start == CHOICES else {}
        self._begun, self._code = begun, None
        with self.hold_sync():
            self.words, self.choices = {}, {}  # no toggle, but something else
            self.words = {axis: list(words) for axis, words in AXES.items()} if chosen else {}
            self.tints, self.pictures, self.told = {}, [], ""
            self.start, self.says = start, [] if chosen else said_of(self.design)
            self.choices = chosen
            self.value = self._shown()
        self._draw()
        self.tints = tints(chosen) if chosen else {}

    # A stranger's message: what it cannot mean is said, and nothing has changed.
    def _asked(self, _: object, content: object, __: object) -> None:
        asked = content if isinstance(content, Mapping) else {}
        start, text = asked.get("start"), asked.get("text", "")
        if not isinstance(start, str) or not isinstance(text, str):
            return
        try:
            self.begin(start, text)
        except GmemvizError as error:
            self.told = printable(str(error))
        self.answered += 1  # also where the answer is what it was

    # --- what a click does ------------------------------------------------------------

    # A message may come from anybody: what is no choice changes nothing.
    @traitlets.validate("choices")
    def _known(self, proposal: Any) -> dict[str, str]:
        asked = proposal["value"]
        if not asked and not self.words:  # a Design that is none of five choices
            return {}
        is_known = set(asked) == set(AXES) and all(asked[axis] in AXES[axis] for axis in AXES)
        return dict(asked) if is_known and self.words else dict(self.choices)

    @traitlets.observe("choices")
    def _toggled(self, change: Mapping[str, Any]) -> None:
        before, after = change["old"], change["new"]
        if not before or not after:  # it is being made, and has shown nothing yet
            return
        former = Former(headline(self.report, self._code), *_words(before, after))
        self._begun, self._code = Begun(_report(design_from_choices(**after))), None
        with self.hold_sync():  # pictures are of a run: of another there are none
            self.value, self.pictures = self._shown(former), []
        self._draw()
        self.tints = tints(after)  # after the verdict, which waits for none of them

    @traitlets.validate("tab")
    def _offered(self, proposal: Any) -> str:
        asked = proposal["value"]
        return asked if asked in TABS else self.tab

    @traitlets.observe("tab")
    def _chosen(self, _: object) -> None:
        self._draw()

    # What is not looked at is not drawn: nobody who stays at memory waits for an engine.
    def _draw(self) -> None:
        has_run = self.report.applicable and self._begun.has_run
        if self.tab == TABS[0] or self.pictures or not has_run:
            return
        self.pictures = [_pictures(report, path) for report, path in self._runs()]

    def _runs(self) -> list[tuple[Report, Path]]:
        both = beside(self.report, self._against) if self._against else None
        if both:
            return [(side.report, side.path) for side in both.sides]
        return [(self.report, run_shown(self.report, self._code))]

    # Choices that make no Design, or meet the other nowhere, are shown alone and say why.
    def _shown(self, former: Former | None = None) -> dict[str, Any]:
        report, said, has_run = self._begun
        if self._against and not said and has_run and beside(report, self._against):
            return stage_of_both(report, self._against)
        return stage(report, self._code, former, told=said, has_run=has_run)

    # --- where no widget runs -----------------------------------------------------------

    def still(self) -> dict[str, str]:
        """Return what stands for the stage where no widget runs, by mime type."""
        said = self.value["headline"]["sentence"]
        if not self.report.applicable or not self._begun.has_run:
            return {"text/plain": plain(said)}
        code = self.value["headline"]["code"]
        # Of two Designs the still plays the one whose defect decides.
        deciding = (
            shown for shown in (self._against, self.report) if shown and code in shown.found
        )
        report = next(deciding, self.report)
        film = film_of_report(report, run_of(report, TO + code if code else SHORTEST))
        told = film.to_json()
        told["pictures"] = [each for each in told["pictures"] if each["name"] in KEPT]
        picture = still_html(told, theme.css())
        return {"text/plain": plain(f"{said}\n{film.text}"), "text/html": picture}

    def __repr__(self) -> str:
        return f"Stage({one_line(self.value['title'])}: {self.value['headline']['short']})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Bundle:
        return with_still(super()._repr_mimebundle_(**kwargs), self.still())


# Without an engine there is a sentence that says how to get one, in the picture's place.
def _pictures(report: Report, path: Path) -> dict[str, Any]:
    try:
        return tabs_of_run(report, path)
    except (MissingToolError, DrawingError) as error:
        return {"why": str(error)}


def _report(given: Design | Report | str | File, name: str = "shown") -> Report:
    shown: Design | Report = named(given)
    of_kind(name, shown, Design, Report)
    return check(shown) if isinstance(shown, Design) else shown


# A file's Design, or a Report, is a start of its own that the menu lacks.
def _start_of(shown: object) -> str:
    if shown is None:
        return CHOICES
    return f"gallery {shown}" if isinstance(shown, str) and shown in designs() else ""


# Only what differs is told: "with evict-after-truncate, now … with free-all".
def _words(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, str]:
    differing = [axis for axis in AXES if before[axis] != after[axis]]
    return (
        ", ".join(before[axis] for axis in differing),
        ", ".join(after[axis] for axis in differing),
    )
