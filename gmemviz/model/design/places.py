"""Read where the actions of a Design come from: `at`, beside `does`, one entry an action.

    hooks.free_inode.does = ["free body via kfree"]
    hooks.free_inode.at = ["toy.c:40 -> inode.c:12"]

An entry is a place or a chain of them: the statement of the hook itself first, and last the one
that does it, in a function that is called. "" is an action that stands in no source. The bodies
that have no table of their own, `error_path` and `constructor`, are keys of a table `at`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gmemviz.errors import DesignError, choice
from gmemviz.facts import Source
from gmemviz.model.design import limits
from gmemviz.text import brief

Chain = tuple[Source, ...]
"""The statement of the body itself, what that calls, and last the one that does it."""

JOINT: Final = " -> "
PLACE: Final = re.compile(r"([^\s:]+):([0-9]{1,8})")
TITLES: Final[Mapping[str, str]] = {"hooks": "", "actors": "actor ", "callbacks": "callback "}
"""What stands before a body's name in its title, by the key that its table is under."""

LOOSE: Final[Mapping[str, str]] = {"error_path": "error path", "constructor": "constructor"}
"""Bodies that are a list and no table, and their titles."""


def spelled(chain: Sequence[Source]) -> str:
    """Return a chain as TOML has it.

    >>> spelled([Source("toy.c", 4, "toy_free", "v6.12"), Source("toy.h", 9, "", "")])
    'toy.c:4 -> toy.h:9'
    """
    return JOINT.join(f"{place.path}:{place.line}" for place in chain)


def places_of(
    table: Mapping[str, Any], bodies: Mapping[str, Sequence[object]]
) -> tuple[tuple[str, Chain], ...]:
    """Return the chain of each action that has one, by the word that its step bears.

    The word is "free_inode: free body via kfree"; of two lines that are the same the first counts.
    DesignError for what is no place, and where a body has not as many places as actions: whoever
    edits a page by hand takes a line out, and its place stays.
    """
    found: dict[str, Chain] = {}
    for title, chains in _written(table):
        actions = bodies.get(title, ())
        if len(chains) != len(actions):
            raise DesignError(
                f"{title} has {len(actions)} actions and {len(chains)} places: at says one for "
                f'each action, or "" where there is none',
                "at",
            )
        for action, chain in zip(actions, chains, strict=True):
            if chain:
                found.setdefault(f"{title}: {action}", chain)
    return tuple(found.items())


# Tables that are none have been refused by whoever read the bodies.
def _written(table: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Chain, ...]]]:
    for key, prefix in TITLES.items():
        for name, own in table.get(key, {}).items():
            if isinstance(own, dict) and "at" in own:
                yield f"{prefix}{name}", _chains(own["at"], f"{key}.{name}.at")
    loose = table.get("at", {})
    if not isinstance(loose, dict):
        raise DesignError(f"at must be a table, not {brief(loose)}", "at")
    for key, value in loose.items():
        yield LOOSE[choice("key of at", key, LOOSE)], _chains(value, f"at.{key}")


def _chains(value: object, key: str) -> tuple[Chain, ...]:
    if not isinstance(value, list):
        raise DesignError(f"{key} must be a list of places, not {brief(value)}", "at")
    limits.refuse_many(key, value, limits.ACTIONS)
    return tuple(_chain(entry, key) for entry in value)


def _chain(entry: object, key: str) -> Chain:
    if not isinstance(entry, str):
        raise DesignError(f'{key} must have texts ("path:line"), not {brief(entry)}', "at")
    if not entry:
        return ()
    return tuple(_place(place, key) for place in entry.split(JOINT))


def _place(place: str, key: str) -> Source:
    if match := PLACE.fullmatch(place):
        return Source(match[1], int(match[2]), "", "")
    raise DesignError(
        f'{key}: {brief(place)} is no place ("path:line", or several joined by "{JOINT}")', place
    )
