"""Say a walk as plain data for the Driver's panel, and as text where no panel runs."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from gmemviz.model.drive import DONE, Blocked, Branch, Drive, Offer, branches, reached, turns
from gmemviz.render import CONTEXTS

_ASIDE: Final = re.compile(r" \(.*\)")


def view_of(here: Drive, tip: Drive, walks: Sequence[Drive]) -> dict[str, Any]:
    """Return what the panel shows at `here`, a part of the walk `tip`."""
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
        "walks": [_walk(walks[one.walk], one, here, tip) for one in branches(walks)],
        "said": _said(here),
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
    for one in here.blocked:
        when = f" ({one.soonest})" if one.soonest else ""
        name = f" {one.place.function}:" if one.place else ""
        yield f"    {one.actor}{name} {one.why}{when}"


def _ahead(here: Drive, walks: Sequence[Drive]) -> set[tuple[int, ...]]:
    # The moves by which some branch has gone on from here.
    count = len(here.moves)
    return {one.moves[count] for one in walks if one.moves[:count] == here.moves != one.moves}


def _actor(here: Drive, number: int, ahead: set[tuple[int, ...]]) -> dict[str, Any]:
    name = here.ground.world.programs[number].actor
    row: dict[str, Any] = {"name": name, "function": "", "why": "", "soonest": "", "is_done": False}
    offers = [offer for offer in here.offers if offer.move.actor == number]
    row["offers"] = [_offer(offer, is_tried=offer.move in ahead) for offer in offers]
    return row if offers else {**row, **_blocked(_of_actor(here, number))}


def _of_actor(here: Drive, number: int) -> Blocked:
    # Those that are blocked stand in the order of the actors.
    free = {offer.move.actor for offer in here.offers}
    waiting = [one for one in range(len(here.ground.world.programs)) if one not in free]
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


def _blocked(one: Blocked) -> dict[str, Any]:
    function = one.place.function if one.place else ""
    is_done = one.why == DONE
    return {"function": function, "why": one.why, "soonest": one.soonest, "is_done": is_done}


def _end(here: Drive) -> str:
    if here.offers:
        return ""
    if not here.defects:
        return "The run is over; no defect has shown."
    found = here.defects[0]
    if here.failed:
        return f"{found.code}: the last step {found.doing}."
    return "; ".join(f"{one.code}: {one.object} {one.doing}" for one in here.defects) + "."


def _said(here: Drive) -> str:
    can = [f"{number}, {one.actor}, {one.words}" for number, one in enumerate(here.offers, 1)]
    cannot = [f"{one.actor}, {one.why}" for one in here.blocked]
    told = [f"Can happen: {'; '.join(can)}." if can else _end(here)]
    return " ".join([*told, *([f"Cannot: {'; '.join(cannot)}."] if cannot and can else [])])


def _walk(walk: Drive, branch: Branch, here: Drive, tip: Drive) -> dict[str, Any]:
    is_tip, at = walk is tip, len(here.moves)
    return {
        "walk": branch.walk,
        "depth": branch.depth,
        "after": walk.ends[branch.after - 1] if branch.after else 0,
        "is_tip": is_tip,
        "end": ", ".join(one.code for one in walk.defects) or ("" if walk.offers else "over"),
        "is_bad": bool(walk.defects),
        "turns": [
            {
                **turn._asdict(),
                "text": _stretch(walk, turn.first, turn.last),
                "is_here": is_tip and turn.first <= at <= turn.last,
            }
            for turn in turns(walk, branch.after)
        ],
    }


def _stretch(walk: Drive, first: int, last: int) -> str:
    # In the steps that the player counts, of which a move may be several.
    start = walk.ends[first - 2] + 1 if first > 1 else 1
    end = walk.ends[last - 1]
    return f"{start}-{end}" if end > start else str(end)
