"""Say of each choice that a reader has not taken what verdict it would give.

The other four choices stay: a rail answers "what if only this were different?", which is how the
thread asks (free_inode in place of evict_inode, an own mount in place of anon_inodefs).
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gmemviz.errors import WordError
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, check, design_from_choices
from gmemviz.model.search import Exploration
from gmemviz.stage.headline import headline
from gmemviz.study import CHOICES

AXES: Final[Mapping[str, tuple[str, ...]]] = dict(
    zip(
        CHOICES,
        (kernels(), tuple(MOUNTS), tuple(PLACEMENTS), tuple(CLEANUPS), tuple(METADATA)),
        strict=True,
    )
)
"""The words of each choice, in the order of a state's words."""


class Tint(NamedTuple):
    """Give the mark of a choice ("correct", "wrong", "unknown", "none") and a short word."""

    mark: str
    short: str


def tints(choices: Mapping[str, str]) -> dict[str, dict[str, dict[str, str]]]:
    """Return for each word of each choice the verdict of a Design that has it, as plain data.

    Some thirty checks in about a second: neighbours that differ in names alone share their search.
    """
    shared: dict[tuple[Any, ...], Exploration] = {}
    return {
        axis: {word: _tint({**choices, axis: word}, shared)._asdict() for word in words}
        for axis, words in AXES.items()
    }


def _tint(choices: Mapping[str, str], shared: dict[tuple[Any, ...], Exploration]) -> Tint:
    try:
        report = check(design_from_choices(**choices), shared=shared)
    except WordError:
        return Tint("none", "n/a")
    if not report.applicable:
        return Tint("none", "n/a")
    said = headline(report)
    return Tint(said.mark, said.short)
