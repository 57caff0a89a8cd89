"""Name what a hook of a Design may do: one Action a line of its body."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from gmemviz.errors import DesignError, UnknownNameError, choice, meant, shown
from gmemviz.model.choices import METADATA, Metadata
from gmemviz.model.limits import SAID, refuse_identifier, refuse_long
from gmemviz.shown import Several, shows_itself

__all__ = ("HOOKS", "Action", "Hooks", "hooks_of", "refuse_body")

HOOKS: Final = (
    "alloc_inode",
    "drop_inode",
    "evict_inode",
    "destroy_inode",
    "free_inode",
    "release",
    "d_release",
    "free_folio",
)
"""The ops on the road of an inode: of super_operations, in the order in which a life meets them,
then of file_operations, dentry_operations and address_space_operations."""

VERBS: Final = {
    "alloc struct": "a struct inode comes from inode_cachep",
    "call_rcu free struct": "a callback of the Design's own shall free the struct",
    "alloc container": "the struct around the inode is allocated",
    "free struct": "the struct is given back to the cache that it came from",
    "free to inode_cachep": "kmem_cache_free(inode_cachep, inode)",
    "truncate": "every folio leaves the page cache",
    "clear_inode": "i_state becomes I_FREEING | I_CLEAR",
    "return 0": "the answer is no, the inode may stay",
    "return 1": "the answer is yes, the inode shall go",
}
"""What a hook body may do beside freeing metadata, and what is so when it is done."""

OF_METADATA: Final = ("free", "init", "attach")

_ABOUT: Final = re.compile(
    r"(?P<verb>free|clear|init|attach) (?P<metadata>\S+)(?P<bare> untested)?"
)
_VIA: Final = re.compile(r"(?P<words>.+?) via (?P<function>[A-Za-z_][A-Za-z0-9_]*)")

_HOME: Final = {
    "alloc container": "alloc_inode",
    "alloc struct": "alloc_inode",
    "init": "alloc_inode",
    "attach": "alloc_inode",
    "return 0": "drop_inode",
    "return 1": "drop_inode",
}
"""Actions that only one hook can do."""


@shows_itself
class Action(NamedTuple):
    """Say one thing that a hook body does, and the function it is done through.

    `verb` is one of VERBS, or ``free``, ``init`` or ``attach`` with the `metadata` it is about.
    `via` is "" where the Design does it in the hook itself. `is_word`: the metadata is a word,
    not an object. `untested`: the hook does not test the pointer for NULL.
    """

    verb: str
    metadata: str = ""
    via: str = ""
    is_word: bool = False
    untested: bool = False

    @classmethod
    def parse(cls, text: str, kinds: Mapping[str, Metadata] = METADATA) -> "Action":
        """Return the Action that `text` says, as ``free resv_map via resv_map_release``."""
        refuse_long("an action", text, SAID)
        said = _VIA.fullmatch(text)
        words, via = (said["words"], said["function"]) if said else (text, "")
        refuse_identifier("a function that an action is done through", via)
        if words in VERBS:
            return cls(words, "", via)
        about = _ABOUT.fullmatch(words)
        if not about:
            raise _unknown(text, words, kinds)
        verb = "free" if about["verb"] == "clear" else about["verb"]
        if about["metadata"] not in kinds:
            kept = f"it keeps {', '.join(kinds)}" if kinds else "it keeps none"
            near = meant(about["metadata"], kinds)
            raise DesignError(
                f"a hook is to do {shown(words)}, but the Design keeps no such metadata "
                f"({kept}){near}"
            )
        kind = kinds[about["metadata"]]
        return cls(verb, kind.name, via, not kind.owns_object, bool(about["bare"]))

    @property
    def says(self) -> str:
        """Return what has happened once the action is done."""
        if self.verb == "init":
            return (
                f"{self.metadata} is 0"
                if self.is_word
                else f"the pointer to {self.metadata} is NULL"
            )
        if self.verb == "attach":
            return f"{self.metadata} is allocated and attached"
        if self.verb == "free":
            return f"{self.metadata} is {'cleared' if self.is_word else 'freed'}"
        return VERBS[self.verb]

    def __str__(self) -> str:
        words = self.verb
        if self.verb == "free" and self.is_word:  # a word is cleared, an object is freed
            words = "clear"
        if self.metadata:
            words = f"{words} {self.metadata}{' untested' if self.untested else ''}"
        return f"{words} via {self.via}" if self.via else words


def _unknown(text: str, words: str, kinds: Mapping[str, Metadata]) -> UnknownNameError:
    general = (f"{verb} METADATA" for verb in OF_METADATA)
    named = (f"{verb} {kind}" for verb in OF_METADATA for kind in kinds)
    return UnknownNameError(
        f"unknown action: {shown(text)} (must be one of {', '.join((*VERBS, *general))})"
        f"{meant(words, (*VERBS, *named))}"
    )


Hooks = tuple[tuple[str, tuple[Action, ...]], ...]


def hooks_of(
    bodies: Mapping[str, tuple[str, ...]], kinds: Mapping[str, Metadata] = METADATA
) -> Hooks:
    """Return parsed hook bodies, in the order of HOOKS."""
    for hook in bodies:
        choice("hook", hook, HOOKS)
    return Several(
        (hook, tuple(Action.parse(action, kinds) for action in bodies[hook]))
        for hook in HOOKS
        if hook in bodies
    )


def refuse_body(hook: str, body: tuple[Action, ...]) -> None:
    """Raise DesignError where a hook has an action that cannot be meant there."""
    verbs = [action.verb for action in body]
    for action in body:
        home = _HOME.get(action.verb, hook)
        if hook != home:
            raise DesignError(f"{hook} cannot {action}: only {home} can")
    if hook == "drop_inode" and (not verbs or not verbs[-1].startswith("return")):
        raise DesignError("drop_inode must end with return 0 or return 1")
    if any(verb.startswith("return") for verb in verbs[:-1]):
        raise DesignError("drop_inode returns once, at its end")
    allocations = [verb for verb in verbs if verb in ("alloc container", "alloc struct")]
    if hook == "alloc_inode" and (len(allocations) != 1 or verbs[0] not in allocations):
        raise DesignError("alloc_inode must begin with alloc container or alloc struct, once")
