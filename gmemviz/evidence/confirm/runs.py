"""Say which runs of a real kernel ask what a Design's scenarios ask."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from gmemviz.model import Design
from gmemviz.model.scenarios import by_default
from gmemviz.translate.c import Play, beside_reader, is_played, plays_of

_PLAYS: Final = {
    "last-close": ("last-close",),
    "gup-fast": ("gup-fast",),
    # The reader loads the pointer before the inode goes, or after.
    "rcu-reader": ("rcu-reader", "rcu-reader-late"),
    "o-path": ("o-path",),
    "creation-fails-late": ("creation-fails-late",),
    "creation-fails-early": ("creation-fails-early",),
    "init-fails": ("init-fails",),
    "root-inode": ("root-inode",),
    "unmount": ("unmount",),
    "second-creation": ("second-creation",),
    "pinned-folio": ("pinned-folio",),
    "slab-reuse": ("slab-reuse",),
    "second-file": ("second-file",),
}
"""The plays of the driver (gmemviz/record/module/scenarios.c) for each scenario of the model."""

CORNER: Final = "corner"
BUSY: Final = "busy"


class Run(NamedTuple):
    """Name one play of the driver for a Design: the `scenario` that it asks about, and `how`.

    `how` is ``corner`` where a release that may sleep does, and ``busy`` where somebody else
    works on the xarray all the time; "" is neither.
    """

    scenario: str
    play: str
    how: str = ""

    @property
    def in_softirq(self) -> bool:
        """Return whether RCU callbacks must come in softirq, not in a thread of their own."""
        return self.how == BUSY

    def __str__(self) -> str:
        return f"{self.play} {self.how}".rstrip()


def runs_of_design(design: Design) -> tuple[Run, ...]:
    """Return the runs of a Design, in the order of its scenarios."""
    return tuple(_runs(design))


def plays_of_design(design: Design, start: str) -> tuple[Play, ...]:
    """Return the plays of a Design: the driver's own, and those of the Design's own words."""
    asked = [scenario.name for scenario in by_default(design)]
    basic = {name: _PLAYS[name] for name in asked if name in _PLAYS}
    behind = map(beside_reader, design.actors)
    basic |= {name: _PLAYS["rcu-reader"] for name in behind if name in asked}
    return plays_of(design, basic, start)


def _runs(design: Design) -> Iterator[Run]:
    may_sleep = any(kept.kind.release == "may sleep" for kept in design.keeps)
    ways = ("", CORNER) if may_sleep else ("",)
    for row in plays_of_design(design, "") if is_played(design) else ():
        yield from (Run(row.scenario, row.name, how) for how in ways)
    for scenario in () if is_played(design) else by_default(design):
        for play in _PLAYS.get(scenario.name, ()):
            yield from (Run(scenario.name, play, how) for how in ways)
    is_in_xarray = any(kept.placement.holder == "xarray" for kept in design.keeps)
    if is_in_xarray and not is_played(design):
        yield Run("last-close", "last-close", BUSY)


def unplayed(design: Design) -> tuple[str, ...]:
    """Return the scenarios that ask about a Design, and that the driver does not play."""
    played = {play.scenario for play in plays_of_design(design, "")} | _PLAYS.keys()
    return tuple(s.name for s in by_default(design) if s.name not in played)
