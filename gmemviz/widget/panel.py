"""Say a walk as plain data for the Driver's panel, and as text where no panel runs.

A walk (`model.drive.Drive`) is the moves that a reader has chosen, from the start on. The panel
shows, at one of its steps, what each actor can do now, what holds up the others, and every
branch that was tried; it knows nothing of the model but this data.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from gmemviz.model.drive import DONE, Blocked, Branch, Drive, Offer, branches, reached, turns
from gmemviz.render import CONTEXTS

# What stands in brackets explains a context, and there is no room for it beside each offer.
_ASIDE: Final = re.compile(r" \(.*\)")


def view_of(here: Drive, tip: Drive, walks: Sequence[Drive]) -> dict[str, Any]:
    """Return what the panel shows at `here`, a part of the walk `tip`, as plain JSON.

    `walks` are all branches, `tip` among them. `at` counts moves; `where`, `after` and a turn's
    `text` count the player's steps, from 1, since a move may be several of them.
    """
    world, at = here.ground.world, len(here.moves)
    ahead = _ahead(here, walks)
    return {
        "scenario": f"{world.scenario.name}: {world.scenario.says}",
        "at": at,
        "where": f"after step {tip.ends[at - 1]}" if at else "nothing has happened yet",
        "walk": walks.index(tip),
        "actors": [_actor(here, number, ahead) for number in range(len(world.programs))],
        "end": _end(here),
        "is_bad": bool(here.defects),
        "reached": [{"name": name, "yes": yes} for name, yes in reached(here).items()],
        "walks": [_walk(walks[branch.walk], branch, here, tip) for branch in branches(walks)],
        "said": _read_aloud(here),
        "refused": "",
    }


def words_of(here: Drive) -> str:
    """Return what can happen next and what cannot, as text."""
    return "\n".join(_lines(here))


def _lines(here: Drive) -> Iterator[str]:
    if here.offers:
        yield "What can happen next:"
    for number, offer in enumerate(here.offers, 1):
        place = f" [{offer.source}]" if offer.source else ""
        yield f"  {number} {offer.actor} {offer.place.context} {offer.words}{place}"
    if end := _end(here):
        yield end
    if here.blocked:
        yield "What cannot happen now:"
    for blocked in here.blocked:
        when = f" ({blocked.soonest})" if blocked.soonest else ""
        name = f" {blocked.place.function}:" if blocked.place else ""
        yield f"    {blocked.actor}{name} {blocked.why}{when}"


def _ahead(here: Drive, walks: Sequence[Drive]) -> set[tuple[int, ...]]:
    # The moves by which some branch has gone on from here: the panel marks them as tried.
    count = len(here.moves)
    return {walk.moves[count] for walk in walks if walk.moves[:count] == here.moves != walk.moves}


def _actor(here: Drive, number: int, ahead: set[tuple[int, ...]]) -> dict[str, Any]:
    name = here.ground.world.programs[number].actor
    row: dict[str, Any] = {"name": name, "function": "", "why": "", "soonest": "", "is_done": False}
    offers = [offer for offer in here.offers if offer.move.actor == number]
    row["offers"] = [_offer(offer, is_tried=offer.move in ahead) for offer in offers]
    return row if offers else {**row, **_blocked(_of_actor(here, number))}


def _of_actor(here: Drive, number: int) -> Blocked:
    # Those that are blocked stand in the order of the actors.
    free = {offer.move.actor for offer in here.offers}
    numbers = range(len(here.ground.world.programs))
    waiting = [actor for actor in numbers if actor not in free]
    return here.blocked[waiting.index(number)]


def _offer(offer: Offer, *, is_tried: bool) -> dict[str, Any]:
    return {
        "move": list(offer.move),
        "function": offer.place.function,
        "says": f"{offer.says} ({offer.way})" if offer.way else offer.says,
        "context": offer.place.context,
        "words": _ASIDE.sub("", CONTEXTS[offer.place.context]),
        "hook": offer.place.hook,
        "through": " → ".join(offer.through),
        "place": str(offer.source or ""),
        "tried": is_tried,
    }


def _blocked(actor: Blocked) -> dict[str, Any]:
    return {
        "function": actor.place.function if actor.place else "",
        "why": actor.why,
        "soonest": actor.soonest,
        "is_done": actor.why == DONE,
    }


def _end(here: Drive) -> str:
    said = [f"{found.code}: the last step {found.doing}" for found in here.shown]
    said += [f"{left.code}: {left.object} {left.doing}" for left in here.left]
    if here.offers:  # behind a hazard the run goes on
        return f"{'; '.join(said)}; the run goes on." if said else ""
    return f"{'; '.join(said)}." if said else "The run is over; no defect has shown."


def _read_aloud(here: Drive) -> str:
    # What a screen reader says after each step, where who looks sees the rows change.
    if not here.offers:
        return _end(here)
    can = [f"{number}, {offer.actor}, {offer.words}" for number, offer in enumerate(here.offers, 1)]
    cannot = [f"{blocked.actor}, {blocked.why}" for blocked in here.blocked]
    said = f"Can happen: {'; '.join(can)}."
    return f"{said} Cannot: {'; '.join(cannot)}." if cannot else said


def _walk(walk: Drive, branch: Branch, here: Drive, tip: Drive) -> dict[str, Any]:
    is_tip, at = walk is tip, len(here.moves)
    stretches = []
    for turn in turns(walk, branch.after):
        text = _stretch(walk, turn.first, turn.last)
        is_here = is_tip and turn.first <= at <= turn.last
        stretches.append({**turn._asdict(), "text": text, "is_here": is_here})
    codes = [defect.code for defect in walk.defects]
    is_over = not walk.offers
    return {
        "walk": branch.walk,
        "depth": branch.depth,
        "after": walk.ends[branch.after - 1] if branch.after else 0,
        "is_tip": is_tip,
        "end": ", ".join(codes) or ("over" if is_over else ""),
        "is_bad": bool(codes),
        "turns": stretches,
    }


def _stretch(walk: Drive, first: int, last: int) -> str:
    # In the steps that the player counts, of which a move may be several.
    start = walk.ends[first - 2] + 1 if first > 1 else 1
    end = walk.ends[last - 1]
    return f"{start}-{end}" if end > start else str(end)
