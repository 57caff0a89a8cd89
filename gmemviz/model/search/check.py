"""Check one Design: every scenario that asks about it, and the verdict over all.

It stands for a reviewer who asks of every road that an inode of this Design can take whether a hook
comes too early, too late, in a wrong context or not at all. A verdict is nothing but the union of
what the searches found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Final, Literal

from gmemviz.errors import GmemvizError, choice, of_kind, whole_number
from gmemviz.facts import Facts, load
from gmemviz.model.design import DefectCode, Design, unfit
from gmemviz.model.machine import Defect, Program
from gmemviz.model.road import SKELETON, Function
from gmemviz.model.scenarios import BUILD, Actor, Scenario, by_default, is_cached
from gmemviz.model.search.asked import endless, not_asked
from gmemviz.model.search.bounds import Bounds, bounds_of
from gmemviz.model.search.compiler import NO_WAY
from gmemviz.model.search.explore import LIMIT, Exploration, Found, explore
from gmemviz.model.search.like import like
from gmemviz.model.search.reasons import Reason, different_runs, freed_in, reason_of, where_freed
from gmemviz.model.search.run import Path, Step, path_to, steps
from gmemviz.model.search.world import world_of
from gmemviz.shown import Several, Table, shows_itself
from gmemviz.text import one_line

Verdict = Literal["correct", "defects", "not-asked", "undecided", "not-applicable"]
"""What a Report may come to. No defect alone is not `correct`: see `Report.not_asked`."""

UNREACHABLE: Final = "unreachable-hook"
WORDS: Final = 50
"""Characters of the codes in a Report's line."""


@shows_itself
@dataclass(frozen=True)
class Report:
    """Give the answer for one Design.

    `defects` is None where the choices do not go together (`inapplicable` says why).
    `states` and `edges` are sums over the scenarios. `extra` has what no single search
    can find: hooks that no run enters. `is_whole`: all was asked that asks about the Design, not
    only the scenarios that somebody named.
    """

    design: Design
    facts: Facts
    explorations: tuple[Exploration, ...] = ()
    inapplicable: str = ""
    extra: Mapping[DefectCode, tuple[Exploration, Found]] = field(default_factory=dict)
    is_whole: bool = True

    @property
    def applicable(self) -> bool:
        """Return whether the choices make a Design at all."""
        return not self.inapplicable

    @cached_property
    def found(self) -> dict[DefectCode, tuple[Exploration, Found]]:
        """Return the shortest finding for each code, over all scenarios, by code."""
        best: dict[DefectCode, tuple[Exploration, Found]] = {}
        for exploration in self.explorations:
            for code, found in exploration.found.items():
                if code not in best or found.depth < best[code][1].depth:
                    best[code] = exploration, found
        return Table(sorted({**self.extra, **best}.items()))

    @property
    def defects(self) -> tuple[DefectCode, ...] | None:
        """Return the sorted codes; () is a correct Design."""
        return tuple(self.found) if self.applicable else None

    @cached_property
    def counterexample(self) -> Path | None:
        """Return the shortest run to any defect, ties broken by code.

        A hook that no run enters is shown by a run only where nothing else fails.
        """
        codes: list[DefectCode] = [code for code in self.found if code != UNREACHABLE]
        codes = codes or list(self.found)
        if not codes:
            return None
        code = min(codes, key=lambda code: (self.found[code][1].depth, code))
        return self.path(code)

    @cached_property
    def run(self) -> tuple[Step, ...]:
        """Return the steps of the counterexample, none where there is no defect."""
        path = self.counterexample
        return Several(steps(path, self.facts) if path else ())

    def path(self, code: DefectCode) -> Path:
        """Return a shortest run that shows `code`."""
        exploration, found = self.found[code]
        return path_to(exploration, found)

    @cached_property
    def whole(self) -> Path | None:
        """Return a run of the first scenario that ends, with or without a defect."""
        for exploration in self.explorations:
            if exploration.ended is not None:
                return path_to(exploration, exploration.ended)
        return self.counterexample

    @cached_property
    def not_asked(self) -> tuple[str, ...]:
        """Return a sentence for each actor, reader and word that no run acts on, and what would.

        A scenario that never got to what it is about is told as well, one some run of which has no
        end, where a leak would show, and a list that nobody walks.

        A hook that no run can enter is a defect of its own, and not among them. What is named here
        keeps a Design from being `correct`: of a word that was never acted on nothing is known.
        Where scenarios were named, actors and callbacks alone are asked for: a verdict about one
        scenario is said of that one (`is_whole`).
        """
        does_compile = "no-such-field" not in self.found
        if not (self.explorations and self.is_complete and does_compile):
            return ()
        useless = {found.defect.object for _, found in self.extra.values() if found.defect}
        searches = self.explorations
        missed = not_asked(self.design, searches, useless, is_whole=self.is_whole)
        return Several((*missed, *filter(None, map(_why_vacuous, searches)), *endless(searches)))

    @property
    def verdict(self) -> Verdict:
        """Return what is known: `correct` is said only where every word was acted on."""
        if not self.applicable:
            return "not-applicable"
        if self.defects:
            return "defects"
        if not self.is_complete:
            return "undecided"
        return "not-asked" if self.not_asked else "correct"

    @property
    def states(self) -> int:
        """Return how many states were reached."""
        return sum(exploration.states for exploration in self.explorations)

    @property
    def edges(self) -> int:
        """Return how many transitions were tried."""
        return sum(exploration.edges for exploration in self.explorations)

    @property
    def depth(self) -> int:
        """Return how many steps the longest of the shortest runs to any state has."""
        return max((exploration.depth for exploration in self.explorations), default=0)

    @property
    def is_complete(self) -> bool:
        """Return whether no search hit its limit of states."""
        return all(exploration.is_complete for exploration in self.explorations)

    @property
    def witnesses(self) -> dict[str, dict[str, bool]]:
        """Return which `sometimes` properties each scenario reached, with all metadata at once."""
        reached = Table[str, dict[str, bool]]()
        for exploration in self.explorations:  # one kind at a time comes after all at once
            reached.setdefault(exploration.world.scenario.name, exploration.witnesses)
        return reached

    @cached_property
    def why(self) -> str:
        """Return one sentence built from the run: what was freed where, who came then."""
        if self.inapplicable:
            return f"Not a design: {self.inapplicable}."
        if self.counterexample is not None:
            return reason_of(self.counterexample, self.run).sentence
        if not self.is_complete:
            return f"No defect in the {self.states} states seen, but the search hit its limit."
        if self.whole is None:
            return f"No run comes to an end: {self.not_asked[0]}."
        if self.not_asked:
            return f"No defect was found, but not all of it was come to ({self._searched})."
        return self._why_correct()

    @cached_property
    def findings(self) -> dict[DefectCode, Reason]:
        """Return for each of the codes what was freed, by whom, who came then, and the reason."""
        found = Table[DefectCode, Reason]()
        for code in self.found:
            path = self.path(code)
            found[code] = reason_of(path, tuple(steps(path, self.facts)))
        return found

    @cached_property
    def reasons(self) -> dict[DefectCode, str]:
        """Return the sentence for each of the codes."""
        return Table({code: found.sentence for code, found in self.findings.items()})

    def reason(self, code: DefectCode) -> str:
        """Return the sentence for one of the codes."""
        return self.reasons[code]

    def runs(self, code: DefectCode, count: int = 1) -> tuple[Path, ...]:
        """Return up to `count` different runs that show one of the codes, the shortest first.

        They differ by their scenario, or else by the object, by who frees it or by who comes then.
        Of a code that was not found UnknownNameError says which were; fewer runs than `count` are
        all that there are.
        """
        choice("defect of this Design", code, self.found)
        whole_number("count", count, least=1)
        runs = different_runs(self.explorations, code, self.extra.get(code))
        return Several(islice(runs, count))

    def like(self, path: Path) -> Path | None:
        """Return the run of this Design that takes the turns of another's, as far as it can.

        None where no scenario of the run's name was searched, or the choices make no Design.
        """
        of_kind("path", path, Path)
        name = path.world.scenario.name
        worlds = [search.world for search in self.explorations]
        same = [world for world in worlds if world.scenario.name == name]
        # Kinds of metadata are also searched one at a time, and that is the same road with less.
        kinds = _kinds(path.world.design)
        same.sort(key=lambda world: len(_kinds(world.design) ^ kinds))
        return like(same[0], path) if same else None

    @cached_property
    def bounds(self) -> Bounds:
        """Return the bounds within which all of this holds: the most that any search had."""
        return bounds_of(tuple(search.world for search in self.explorations))

    def __repr__(self) -> str:
        return f"<Report {one_line(self.design.title)}: {self._outcome}>"

    @property
    def _outcome(self) -> str:
        if self.inapplicable:
            return f"not a design, {self.inapplicable}"
        if not self.explorations:
            return "nothing was searched"
        none = "not asked" if self.not_asked else "no defect"
        codes = one_line(", ".join(self.found) or none, WORDS)
        limit = "" if self.is_complete else ", a search hit its limit"
        return f"{codes}; {len(self.explorations)} searches, {self.states} states{limit}"

    @property
    def _searched(self) -> str:
        several = "" if len(self.explorations) == 1 else "s"
        return f"{len(self.explorations)} scenario{several}, {self.states} states"

    def _why_correct(self) -> str:
        assert self.whole is not None
        freed = freed_in(steps(self.whole, self.facts))
        owned = [kept.kind for kept in self.design.keeps if kept.kind.owns_object]
        names = {kind.cell: kind.name for kind in sorted(owned, key=lambda kind: kind.name)}
        names["inode"] = "inode"
        said = ", ".join(
            f"{name} is freed {where_freed(freed[cell], self.design)}"
            for cell, name in names.items()
            if cell in freed
        )
        example = self.whole.world.scenario.name
        said = said or "nothing is freed"  # as where drop_inode lets the inode stay
        return f"{said} ({example}); in no run does anybody come after ({self._searched})."


def _kinds(design: Design) -> set[str]:
    return {kept.kind.name for kept in design.keeps}


def check(
    design: Design,
    *,
    facts: Facts | None = None,
    scenarios: Sequence[Scenario] | None = None,
    skeleton: Mapping[str, Function] = SKELETON,
    limit: int = LIMIT,
    keep_moves: bool = False,
    shared: dict[tuple[Any, ...], Exploration] | None = None,
) -> Report:
    """Return the Report of `design` over `scenarios` (all that ask about it).

    `shared` keeps searches for Designs that differ in names of functions only.
    `skeleton` may be a mutant. `keep_moves` keeps each search's transitions for the
    state diagram. Several kinds of metadata are explored together and, where that finds a
    defect, one at a time as well.
    """
    of_kind("design", design, Design)
    whole_number("limit", limit, least=1)
    _refuse_scenarios(design, scenarios or ())
    facts = facts or load(design.kernel)
    if reason := unfit(design):
        return Report(design, facts, inapplicable=reason)
    built = explore(world_of(design, BUILD, facts, skeleton=skeleton))
    if built.found:  # it does not compile: there is nothing to run
        return Report(design, facts, (built,))

    def search(design: Design) -> Iterator[Exploration]:
        compiled: dict[Actor, Program] = {}
        for scenario in scenarios or by_default(design):
            if scenario.asks(design):
                world = world_of(design, scenario, facts, skeleton=skeleton, compiled=compiled)
                yield explore(world, limit=limit, keep_moves=keep_moves, shared=shared)

    searches = tuple(search(design))
    if any(exploration.found for exploration in searches):
        for alone in _one_at_a_time(design):
            searches += tuple(search(alone))
    _refuse_vacuous(searches, named=bool(scenarios))
    extra = _unreachable(design, searches)
    return Report(design, facts, searches, extra=extra, is_whole=not scenarios)


def _refuse_scenarios(design: Design, scenarios: Sequence[Scenario]) -> None:
    for scenario in scenarios:
        of_kind("each of scenarios", scenario, Scenario)
    if scenarios and not any(scenario.asks(design) for scenario in scenarios):
        names = ", ".join(scenario.name for scenario in scenarios)
        raise GmemvizError(f"scenario {names} does not ask about {design.title}")


def _one_at_a_time(design: Design) -> Iterator[Design]:
    # A run ends where a kernel's does, so that of one kind may hide what another one's would be.
    seen = {design.keeps}
    for kept in design.keeps:
        alone = design.only(kept)
        if alone.keeps not in seen:
            seen.add(alone.keeps)
            yield alone


# A scenario that somebody has named is refused; else the Report says what no run got to.
def _refuse_vacuous(searches: Sequence[Exploration], *, named: bool) -> None:
    vacuous = tuple(filter(None, map(_why_vacuous, searches)))
    if named and vacuous:
        raise GmemvizError(vacuous[0])
    if searches and all(map(_ends_cached, searches)):
        raise GmemvizError(
            "the inode stays cached, so its teardown is not seen; the scenario unmount shows it"
        )


def _why_vacuous(search: Exploration) -> str:
    # Why a search that found nothing tells nothing either, or "".
    missed = [name for name, seen in search.witnesses.items() if not seen]
    if not missed or search.found or not search.is_complete or _ends_cached(search):
        return ""
    return f"scenario {search.world.scenario.name} is vacuous: never reached {', '.join(missed)}"


def _ends_cached(search: Exploration) -> bool:
    # A listed inode that drop_inode keeps goes later than the scenario asks about.
    if not search.ended or search.found:
        return False
    cells = search.world.cells(search.ended.state)
    return any(is_cached(cells, inode) for inode in search.world.listed)


# No state shows it: a hook is passed by in every run, or is given no way to what it shall free.
def _unreachable(
    design: Design, searches: Sequence[Exploration]
) -> dict[DefectCode, tuple[Exploration, Found]]:
    entered = frozenset[str]().union(*(search.entered for search in searches))
    for hook, _ in design.hooks:
        for search in searches:
            why = search.passed.get(hook, "")
            is_useless = why in NO_WAY.values() or (why and hook not in entered)
            run = search.ended or search.shortest
            if is_useless and run:
                doing = f"is set, but {why}, so no run gets there"
                shown = run._replace(defect=Defect(UNREACHABLE, hook, doing), move=None)
                return {UNREACHABLE: (search, shown)}
    return {}
