"""Hold what a synthesis found, and say it as a table, as data and as text fit for a mail."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gmemviz.model import Design
from gmemviz.model.search import Bounds
from gmemviz.parts import needs
from gmemviz.shown import shows_itself
from gmemviz.study.costs import Cost
from gmemviz.study.plain import data, mail_text, placements
from gmemviz.study.synthesis.space import STRUCTS, Choice
from gmemviz.text import one_line, wrap

if TYPE_CHECKING:
    import pandas as pd

UNDECIDED: Final = "undecided"
"""What stands for a defect's code where a search hit its limit, or never came to some word."""

SHOWN: Final = 10
"""Designs that the text tells of; the table has all."""


@shows_itself
class Candidate(NamedTuple):
    """Give a Design, what it costs, whether it is conventional, and the choice that made it."""

    design: Design
    cost: Cost
    conventional: bool
    choice: Choice

    def __repr__(self) -> str:
        convention = "" if self.conventional else ", not conventional"
        return f"<Candidate {one_line(self.design.title)}: {self.cost}{convention}>"


@shows_itself
class Failed(NamedTuple):
    """Say why no Design that makes this choice is correct.

    `code` is the defect met first, "" where the choices do not go together, "undecided" where
    the search hit its limit.
    """

    choice: Choice
    code: str
    why: str

    def __repr__(self) -> str:
        return f"<Failed {one_line(str(self.choice))}: {self.code or 'not a design'}, {self.why}>"


@shows_itself
@dataclass(frozen=True, repr=False)
class Synthesis:
    """Give the correct Designs for a set of metadata, cheapest first, and the choices that fail.

    A choice of `failed` is a struct, a struct with one kind of metadata in it, or all of a
    Design; whatever else is chosen beside it, it fails. `unchecked` Designs were put together
    of what is correct alone, but not checked. `bounds` are the most that any check of a whole
    Design had: what a defect shows is shown, and only *correct* is said within bounds.
    """

    kernel: str
    mount: str
    metadata: tuple[str, ...]
    correct: tuple[Candidate, ...]
    failed: tuple[Failed, ...]
    unchecked: int = 0
    bounds: Bounds = field(default_factory=Bounds)

    @property
    def is_decided(self) -> bool:
        """Return whether each Design was checked, and each search came to its end."""
        return not self.unchecked and all(failed.code != UNDECIDED for failed in self.failed)

    def rank(self, design: Design) -> int | None:
        """Return at which rank a Design came out that does the same, or None.

        What functions are called does not count; of the order in a hook, truncation does.
        """
        shapes = [_shape(candidate.design) for candidate in self.correct]
        wanted = _shape(design)
        return shapes.index(wanted) + 1 if wanted in shapes else None

    def answer(self) -> dict[str, Any]:
        """Return all of it as JSON-plain data."""
        return data({
            "kernel": self.kernel,
            "mount": self.mount,
            "metadata": self.metadata,
            "correct": [_plain(rank, found) for rank, found in enumerate(self.correct, 1)],
            "failed": list(map(_plain_failure, self.failed)),
            "unchecked": self.unchecked,
            "bounds": self.bounds.answer(),
        })  # fmt: skip

    def frame(self) -> "pd.DataFrame":
        """Return a table: a row a correct Design with its rank, then a row a choice that fails."""
        with needs("lab"):
            import pandas as pd

        fields = self.answer()
        rows = [_flat(correct) for correct in fields["correct"]]
        rows += [{"design": failed.pop("choice"), **failed} for failed in fields["failed"]]
        return pd.DataFrame(rows).convert_dtypes()

    @property
    def text(self) -> str:
        """Return the cheapest Designs and the reasons why others fail, at most 72 columns wide."""
        return mail_text(self._lines())

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        kept = one_line(", ".join(self.metadata))
        found = f"{len(self.correct)} correct, {len(self.failed)} choices fail"
        return f"<Synthesis {kept} on {self.kernel}, {self.mount} mount: {found}>"

    def _lines(self) -> Iterator[str]:
        kept = ", ".join(self.metadata)
        yield from wrap(f"{kept} on {self.kernel}, {self.mount} mount", rest="")
        count = len(self.correct)
        noun = "Design" if count == 1 else "Designs"
        unchecked = f", {self.unchecked} more not checked" if self.unchecked else ""
        yield f"{count} correct {noun}{unchecked}, simulated"
        if self.correct:
            yield from wrap(f"At most {self.bounds}.", rest="")
        for rank, found in enumerate(self.correct[:SHOWN], 1):
            yield from _entry(rank, found)
        if count > SHOWN:
            yield f"    and {count - SHOWN} that cost more"
        yield ""
        yield "What fails in one struct or another, with the first reason:"
        yield from _reasons(self.failed)


# "  1 1 allocation, 3 hooks, 2 members", and below it a line for each kind and for the struct.
def _entry(rank: int, found: Candidate) -> Iterator[str]:
    convention = "" if found.conventional else "; not conventional"
    yield from wrap(f"{rank:3} {found.cost}{convention}", rest="    ")
    for part in found.choice.parts:
        yield from wrap(f"      {part}", rest="        ")


def _reasons(failed: tuple[Failed, ...]) -> Iterator[str]:
    # A kind fails in one way in many places: one entry, and the first reason.
    groups: dict[tuple[str, str], list[Failed]] = {}
    for failure in failed:
        names = " with ".join(pick.kind.name for pick in failure.choice.picks)
        groups.setdefault((names, failure.code), []).append(failure)
    for (names, code), group in groups.items():
        subject = f"{names} {_places(group)}".strip() if names else _structs(group)
        yield from wrap(f"  {code or 'not a design'}: {subject}", rest="    ")
        yield from wrap(f"    {group[0].why}", rest="    ")


def _structs(group: list[Failed]) -> str:
    names = [str(failure.choice.struct) for failure in group]
    return "every struct" if len(names) == len(STRUCTS) else "; ".join(names)


# Such as "in i_private, i_link, freed in no hook, release": placements that fail alike are joined.
def _places(group: list[Failed]) -> str:
    hooks: dict[str, dict[str, None]] = {}
    for failure in group:
        if len(failure.choice.picks) == 1:
            (pick,) = failure.choice.picks
            hooks.setdefault(pick.placement.name, {})[pick.freed_in or "no hook"] = None
    places: dict[tuple[str, ...], list[str]] = {}
    for placement, where in hooks.items():
        places.setdefault(tuple(where), []).append(placement)
    verb = "freed" if group[0].choice.picks[0].kind.owns_object else "cleared"
    return "; ".join(
        f"in {', '.join(names)}, {verb} in {', '.join(where)}" for where, names in places.items()
    )


def _shape(design: Design) -> tuple[frozenset[tuple[object, ...]], frozenset[tuple[str, str]]]:
    # Of the order within a hook, what is done before the pages are gone and what after.
    does: set[tuple[object, ...]] = set()
    for hook, body in design.hooks:
        verbs = [action.verb for action in body]
        for at, action in enumerate(body):
            does.add((hook, action.verb, action.metadata, "truncate" in verbs[:at]))
    return frozenset(does), frozenset(placements(design).items())


# `does` has the actions of each hook as a Design in TOML would.
def _plain(rank: int, found: Candidate) -> dict[str, Any]:
    design = found.design
    return {
        "rank": rank,
        "design": design.name,
        "metadata": placements(design),
        "does": {hook: list(map(str, body)) for hook, body in design.hooks},
        **found.cost._asdict(),
        "conventional": found.conventional,
    }


def _plain_failure(failed: Failed) -> dict[str, str]:
    return {"choice": str(failed.choice), "defect": failed.code, "why": failed.why}


# A cell of the table has one string where the data has a dict.
def _flat(correct: dict[str, Any]) -> dict[str, Any]:
    does = {hook: "; ".join(actions) for hook, actions in correct["does"].items()}
    flat = {**correct, "does": does}
    for key in ("metadata", "does"):
        flat[key] = ", ".join(f"{name}: {words}" for name, words in flat[key].items())
    return flat
