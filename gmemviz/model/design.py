"""Hold one Design: kernel, mount, what each hook does, where metadata lives."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gmemviz.errors import DesignError, UnknownNameError, choice
from gmemviz.facts import kernels
from gmemviz.model.choices import (
    CLEANUPS,
    METADATA,
    MOUNTS,
    PLACEMENTS,
    SAYS_NOTHING_OF_THE_STRUCT,
    Metadata,
    Mount,
    Placement,
)

__all__ = (
    "HOOKS",
    "Action",
    "Design",
    "Hooks",
    "Kept",
    "design_from_choices",
    "refuse_nonsense",
    "why_not",
)

HOOKS: Final = (
    "alloc_inode",
    "drop_inode",
    "evict_inode",
    "destroy_inode",
    "free_inode",
    "release",
)
"""The ops on the road of an inode, in the order in which a life meets them."""

VERBS: Final = {
    "alloc struct": "a struct inode comes from inode_cachep",
    "call_rcu free struct": "a callback of the Design's own shall free the struct",
    "alloc container": "the struct around the inode is allocated",
    "free struct": "the struct is given back to the cache that it came from",
    "truncate": "every folio leaves the page cache",
    "clear_inode": "i_state becomes I_FREEING | I_CLEAR",
    "return 0": "the answer is no, the inode may stay",
    "return 1": "the answer is yes, the inode shall go",
}
"""What a hook body may do beside freeing metadata, and what is so when it is done."""

_ABOUT: Final = re.compile(r"(?P<verb>free|clear|init|attach) (?P<metadata>\S+)")
_VIA: Final = re.compile(r"(?P<words>.+?) via (?P<function>[A-Za-z_]\w*)")


class Action(NamedTuple):
    """Say one thing that a hook body does, and the function it is done through.

    `verb` is one of VERBS, or ``free``, ``init`` or ``attach`` with the `metadata` it is about.
    `via` is "" where the Design does it in the hook itself.
    """

    verb: str
    metadata: str = ""
    via: str = ""

    @classmethod
    def parse(cls, text: str) -> "Action":
        """Return the Action that `text` says, as ``free resv_map via resv_map_release``."""
        said = _VIA.fullmatch(text)
        words, via = (said["words"], said["function"]) if said else (text, "")
        if words in VERBS:
            return cls(words, "", via)
        about = _ABOUT.fullmatch(words)
        if not about:
            known = (*VERBS, "free METADATA", "init METADATA", "attach METADATA")
            raise UnknownNameError(f"unknown action: {text!r} (must be one of {', '.join(known)})")
        verb = "free" if about["verb"] == "clear" else about["verb"]
        return cls(verb, choice("metadata", about["metadata"], METADATA), via)

    @property
    def says(self) -> str:
        """Return what has happened once the action is done."""
        if self.verb == "init":
            owns = METADATA[self.metadata].owns_object
            return f"the pointer to {self.metadata} is NULL" if owns else f"{self.metadata} is 0"
        if self.verb == "attach":
            return f"{self.metadata} is allocated and attached"
        if self.verb == "free":
            done = "freed" if METADATA[self.metadata].owns_object else "cleared"
            return f"{self.metadata} is {done}"
        return VERBS[self.verb]

    def __str__(self) -> str:
        words = self.verb
        if self.verb == "free":  # a word is cleared, an object is freed
            words = "free" if METADATA[self.metadata].owns_object else "clear"
        if self.metadata:
            words = f"{words} {self.metadata}"
        return f"{words} via {self.via}" if self.via else words


Hooks = tuple[tuple[str, tuple[Action, ...]], ...]


class Kept(NamedTuple):
    """Say that a kind of metadata lives in a placement."""

    kind: Metadata
    placement: Placement


@dataclass(frozen=True)
class Design:
    """Hold everything that the model needs to know of a proposal.

    `hooks` are in the order of HOOKS; an absent hook is NULL, an empty body is
    a hook that does nothing the model looks at. `functions` name the kernel's
    functions in the hooks (none for a pattern), `creator` the function that makes
    the inode by `allocator`, `adds_folio` the one that fills its page cache, and
    `cleanup` the pattern ("" for a Design written out). `mappable`: user space can map
    its pages. `huge_folios`: they are hugetlb's. `attaches_late`: the creator attaches when
    there is a file already.
    """

    kernel: str
    mount: Mount
    hooks: Hooks
    keeps: tuple[Kept, ...]
    name: str = ""
    cleanup: str = ""
    functions: tuple[tuple[str, str], ...] = ()
    creator: str = "create"
    allocator: str = "alloc_anon_inode"
    adds_folio: str = "filemap_add_folio"
    mappable: bool = True
    huge_folios: bool = False
    attaches_late: bool = False
    says: str = field(default="", compare=False)
    source: str = field(default="", compare=False)

    def body(self, hook: str) -> tuple[Action, ...] | None:
        """Return what `hook` does, or None where it is NULL."""
        return dict(self.hooks).get(hook)

    @property
    def has_container(self) -> bool:
        """Return whether the inode sits in a struct of the Design's own."""
        return any(action.verb == "alloc container" for action in self.body("alloc_inode") or ())

    @property
    def title(self) -> str:
        """Return the name, or the five choices, as one line."""
        if self.name:
            return self.name
        kept = ", ".join(f"{kind.name} in {place.name}" for kind, place in self.keeps)
        return f"{self.kernel}, {self.mount.name} mount, {kept}, {self.cleanup}"


def hooks_of(bodies: Mapping[str, tuple[str, ...]]) -> Hooks:
    """Return parsed hook bodies, in the order of HOOKS."""
    for hook in bodies:
        choice("hook", hook, HOOKS)
    return tuple((hook, tuple(map(Action.parse, bodies[hook]))) for hook in HOOKS if hook in bodies)


def refuse_nonsense(design: Design) -> Design:
    """Return `design`, or raise DesignError with a sentence on what cannot be meant."""
    kept = {kept.kind.name for kept in design.keeps}
    for hook, body in design.hooks:
        for action in body:
            if action.metadata and action.metadata not in kept:
                raise DesignError(f"{hook} is to {action}, but the Design keeps no such metadata")
            home = _HOME.get(action.verb, hook)
            if hook != home:
                raise DesignError(f"{hook} cannot {action}: only {home} can")
        _refuse_body(hook, [action.verb for action in body])
    _refuse_sharing(design)
    return design


def _refuse_body(hook: str, verbs: list[str]) -> None:
    if hook == "drop_inode" and (not verbs or not verbs[-1].startswith("return")):
        raise DesignError("drop_inode must end with return 0 or return 1")
    allocations = [verb for verb in verbs if verb in ("alloc container", "alloc struct")]
    if hook == "alloc_inode" and len(allocations) != 1:
        raise DesignError("alloc_inode must alloc container or alloc struct, once")


def _refuse_sharing(design: Design) -> None:
    words = [kept for kept in design.keeps if kept.placement.field == "i_private"]
    if len({kept.placement.name for kept in words}) > 1:
        names = " and ".join(sorted(kept.kind.name for kept in words))
        raise DesignError(f"{names} cannot share i_private: one wants its bits, one a pointer")


_HOME: Final = {
    "alloc container": "alloc_inode",
    "alloc struct": "alloc_inode",
    "init": "alloc_inode",
    "attach": "alloc_inode",
    "return 0": "drop_inode",
    "return 1": "drop_inode",
}
"""Actions that only one hook can do."""


def _bodies(placement: Placement, cleanup: str, metadata: str) -> Iterator[tuple[str, list[str]]]:
    yield from _birth(placement, METADATA[metadata])
    for hook, actions in CLEANUPS[cleanup].items():
        yield hook, [action.replace("free M", f"free {metadata}") for action in actions]
    is_silent = any(hook in SAYS_NOTHING_OF_THE_STRUCT for hook in CLEANUPS[cleanup])
    if placement.holder == "container" and is_silent:
        yield "free_inode", ["free struct"]


def _birth(placement: Placement, kind: Metadata) -> Iterator[tuple[str, list[str]]]:
    allocates = "alloc container" if placement.holder == "container" else "alloc struct"
    if kind.born_in_alloc:
        yield "alloc_inode", [allocates, f"attach {kind.name}"]
    elif placement.holder == "container":
        yield "alloc_inode", [allocates, f"init {kind.name}"]


def design_from_choices(
    *, kernel: str, mount: str, placement: str, cleanup: str, metadata: str
) -> Design:
    """Return the Design that five choices make; UnknownNameError for a wrong word.

    Whether the choices go together is `why_not`'s to say.
    """
    choice("kernel", kernel, kernels())
    choice("cleanup", cleanup, CLEANUPS)
    where = PLACEMENTS[choice("placement", placement, PLACEMENTS)]
    kind = METADATA[choice("metadata", metadata, METADATA)]
    bodies = {hook: tuple(actions) for hook, actions in _bodies(where, cleanup, metadata)}
    return Design(
        kernel=kernel,
        mount=MOUNTS[choice("mount", mount, MOUNTS)],
        hooks=hooks_of(bodies),
        keeps=(Kept(kind, where),),
        cleanup=cleanup,
    )


def why_not(kind: Metadata, placement: Placement) -> str:
    """Return why `kind` cannot be written into `placement` at all, or ""."""
    if placement.word_only and kind.owns_object:
        return f"{placement.name} holds bits, and {kind.name} needs a pointer"
    return ""
