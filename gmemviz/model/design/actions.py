"""Name what a hook of a Design may do: one Action a line of its body.

A body stands for the code that a filesystem has in a hook of super_operations, file_operations or
the other tables: the calls of the VFS that it makes, and what it does to its own metadata.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, cast

from gmemviz.errors import DesignError, UnknownNameError, choice, meant, shown
from gmemviz.facts import HOOKS, HookName
from gmemviz.model.design.choices import METADATA, Metadata
from gmemviz.model.design.limits import SAID, refuse_identifier, refuse_long
from gmemviz.shown import Several, shows_itself

Verb = Literal[
    "alloc struct", "alloc container", "init", "attach", "free", "call_rcu free struct",
    "free struct", "free to inode_cachep", "truncate", "clear_inode", "return 0", "return 1",
]  # fmt: skip
"""What an action does; which metadata it does it to stands beside it."""


class VerbRow(NamedTuple):
    """Say what is so once a verb is done, and where it may be done.

    `home` is the only hook that can do it, or None for any. `about_metadata`: it is said of a kind
    of metadata, as in ``free resv_map``, and `says` has ``M`` in its place; of a word that holds no
    pointer, `says_of_word` is said.
    """

    says: str
    home: HookName | None = None
    about_metadata: bool = False
    says_of_word: str = ""


VERBS: Final[Mapping[Verb, VerbRow]] = {
    "alloc struct": VerbRow("a struct inode comes from inode_cachep", "alloc_inode"),
    "call_rcu free struct": VerbRow("a callback of the Design's own shall free the struct"),
    "alloc container": VerbRow("the struct around the inode is allocated", "alloc_inode"),
    "free struct": VerbRow("the struct is given back to the cache that it came from"),
    "free to inode_cachep": VerbRow("kmem_cache_free(inode_cachep, inode)"),
    "truncate": VerbRow("every folio leaves the page cache"),
    "clear_inode": VerbRow("i_state becomes I_FREEING | I_CLEAR"),
    "return 0": VerbRow("the answer is no, the inode may stay", "drop_inode"),
    "return 1": VerbRow("the answer is yes, the inode shall go", "drop_inode"),
    "free": VerbRow("M is freed", None, True, "M is cleared"),
    "init": VerbRow("the pointer to M is NULL", "alloc_inode", True, "M is 0"),
    "attach": VerbRow("M is allocated and attached", "alloc_inode", True),
}
"""What a hook body may do. A new verb is a row here and an operation in `road.hook_actions`."""

_ABOUT: Final = re.compile(
    r"(?P<verb>free|clear|init|attach) (?P<metadata>\S+)(?P<bare> untested)?"
)
_VIA: Final = re.compile(r"(?P<words>.+?) via (?P<function>[A-Za-z_][A-Za-z0-9_]*)")

_PLAIN: Final = tuple(verb for verb, row in VERBS.items() if not row.about_metadata)
_SAID: Final[Mapping[str, Verb]] = {
    "free": "free", "clear": "free", "init": "init", "attach": "attach",
}  # fmt: skip
"""The words before a kind of metadata: a word is cleared where an object is freed."""


@shows_itself
class Action(NamedTuple):
    """Say one thing that a hook body does, and the function it is done through.

    `verb` is one of VERBS, or ``free``, ``init`` or ``attach`` with the `metadata` it is about.
    `via` is "" where the Design does it in the hook itself. `is_word`: the metadata is a word,
    not an object. `untested`: the hook does not test the pointer for NULL.
    """

    verb: Verb
    metadata: str = ""
    via: str = ""
    is_word: bool = False
    untested: bool = False

    @classmethod
    def parse(cls, text: str, kinds: Mapping[str, Metadata] = METADATA) -> "Action":
        """Return the Action that `text` says, as ``free resv_map via resv_map_release``."""
        refuse_long("an action", text, SAID)
        through = _VIA.fullmatch(text)
        words, via = (through["words"], through["function"]) if through else (text, "")
        refuse_identifier("a function that an action is done through", via)
        if words in _PLAIN:
            return cls(cast("Verb", words), "", via)
        about = _ABOUT.fullmatch(words)
        if not about:
            raise _unknown(text, words, kinds)
        if about["metadata"] not in kinds:
            kept = f"it keeps {', '.join(kinds)}" if kinds else "it keeps none"
            near = meant(about["metadata"], kinds)
            raise DesignError(
                f"a hook is to do {shown(words)}, but the Design keeps no such metadata "
                f"({kept}){near}"
            )
        kind = kinds[about["metadata"]]
        verb = _SAID[about["verb"]]
        return cls(verb, kind.name, via, not kind.owns_object, bool(about["bare"]))

    @property
    def says(self) -> str:
        """Return what has happened once the action is done."""
        row = VERBS[self.verb]
        says = row.says_of_word if self.is_word and row.says_of_word else row.says
        return says.replace("M", self.metadata, 1) if row.about_metadata else says

    def __str__(self) -> str:
        # A word is cleared, an object is freed.
        words: str = "clear" if self.verb == "free" and self.is_word else self.verb
        words += f" {self.metadata}" if self.metadata else ""
        words += " untested" if self.metadata and self.untested else ""
        return f"{words} via {self.via}" if self.via else words


def _unknown(text: str, words: str, kinds: Mapping[str, Metadata]) -> UnknownNameError:
    general: list[str] = [*_PLAIN]
    named: list[str] = [*_PLAIN]
    for verb, row in VERBS.items():
        if row.about_metadata:
            general.append(f"{verb} METADATA")
            named += (f"{verb} {kind}" for kind in kinds)
    allowed = f"must be one of {', '.join(general)}"
    return UnknownNameError(f"unknown action: {shown(text)} ({allowed}){meant(words, named)}")


Hooks = tuple[tuple[HookName, tuple[Action, ...]], ...]


def hooks_of(
    bodies: Mapping[HookName, tuple[str, ...]], kinds: Mapping[str, Metadata] = METADATA
) -> Hooks:
    """Return parsed hook bodies, in the order of HOOKS."""
    for hook in bodies:
        choice("hook", hook, HOOKS)
    set_hooks: tuple[HookName, ...] = tuple(hook for hook in HOOKS if hook in bodies)
    return Several((hook, _body(bodies[hook], kinds)) for hook in set_hooks)


def _body(lines: tuple[str, ...], kinds: Mapping[str, Metadata]) -> tuple[Action, ...]:
    return tuple(Action.parse(line, kinds) for line in lines)


def refuse_body(hook: HookName, body: tuple[Action, ...]) -> None:
    """Raise DesignError where a hook has an action that cannot be meant there."""
    verbs = [action.verb for action in body]
    for action in body:
        home = VERBS[action.verb].home
        if home and hook != home:
            raise DesignError(f"{hook} cannot {action}: only {home} can")
    if hook == "drop_inode" and (not verbs or not verbs[-1].startswith("return")):
        raise DesignError("drop_inode must end with return 0 or return 1")
    if any(verb.startswith("return") for verb in verbs[:-1]):
        raise DesignError("drop_inode returns once, at its end")
    allocations = [verb for verb in verbs if verb in ("alloc container", "alloc struct")]
    if hook == "alloc_inode" and (len(allocations) != 1 or verbs[0] not in allocations):
        raise DesignError("alloc_inode must begin with alloc container or alloc struct, once")
