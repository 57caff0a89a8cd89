"""Lay out every word of a Design by its key of the TOML, so that two Designs can be compared.

What functions are called is left out, since two filesystems that do the same name them differently
(kvm_gmem_free_inode, shmem_free_in_core_inode); the creator stays, as scenarios ask for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Final

from gmemviz.model import Action, Design
from gmemviz.model.design import Metadata

NAMED: Final = frozenset({
    "name", "says", "source", "origin", "cleanup", "functions", "hooks", "mount", "keeps", "actors",
    "callbacks", "locks", "places",
})  # fmt: skip
"""Fields of a Design that are its name, or that are laid out by the names in them."""

PLAIN: Final = tuple(each.name for each in fields(Design) if each.name not in NAMED)
OF_KIND: Final = tuple(each.name for each in fields(Metadata) if each.name not in ("name", "says"))
"""All the others: a new key of the language is compared from its first day on."""

ABSENT: Final = "not there"
"""What stands for a word that only the other Design has."""

UNSAID: Final = ("none", "false")


Words = Mapping[str, Mapping[str, str]]
"""What a Design says: by the kind, actor, callback or lock it says it of ("" is the Design)."""


def words_of(design: Design) -> Words:
    """Return what a Design says, such as ``{"actors.reader": {"holds": "rcu"}}``, but no hooks."""
    words = {"": {key: _text(getattr(design, key)) for key in PLAIN}}
    words[""]["mount"] = design.mount.name
    for kept in design.keeps:
        of_kind = {key: _text(getattr(kept.kind, key)) for key in OF_KIND}
        words[f"metadata.{kept.kind.name}"] = {"placement": kept.placement.name, **of_kind}
    for actor in design.actors:
        words[f"actors.{actor.name}"] = {
            "holds": actor.lock or actor.holds,
            "from": actor.begins,
            "until": actor.until or "its end",
            "times": str(actor.times),
            "does": body_text(actor.does),
        }
    for later in design.callbacks:
        words[f"callbacks.{later.name}"] = {"runs": later.runs, "does": body_text(later.does)}
    return words | {f"locks.{lock.name}": {"is": lock.word} for lock in design.locks}


def differing(a: Words, b: Words) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each key that two Designs say otherwise, with what either says.

    What only one of them has is one row.

    >>> list(differing({"": {"filled": "true"}}, {"": {"filled": "false"}}))
    [('filled', ('true', 'false'))]
    >>> list(differing({"locks.guard": {"is": "mutex"}}, {}))
    [('locks.guard', ('is mutex', 'not there'))]
    """
    for name in dict.fromkeys((*a, *b)):
        of_a, of_b = a.get(name), b.get(name)
        if of_a is None or of_b is None:
            yield name, (_whole(of_a), _whole(of_b))
            continue
        for key, said in of_a.items():
            if said != of_b[key]:
                yield f"{name}.{key}".removeprefix("."), (said, of_b[key])


# What is said by leaving it out is left out here as well.
def _whole(said: Mapping[str, str] | None) -> str:
    if said is None:
        return ABSENT
    return ", ".join(f"{key} {text}" for key, text in said.items() if text not in UNSAID)


def body_text(body: Iterable[Action]) -> str:
    """Return a body as one line, without the functions that its actions are done through."""
    return "; ".join(str(action._replace(via="")) for action in body) or "nothing"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        are_actions = any(isinstance(each, Action) for each in value)
        return body_text(value) if are_actions else ", ".join(map(str, value)) or "none"
    return str(value)
