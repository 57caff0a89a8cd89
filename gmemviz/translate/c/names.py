"""Name in C what a Design keeps: identifiers, and how a placement is read and written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from gmemviz.errors import DesignError
from gmemviz.facts import load
from gmemviz.model import Action, Design, Kept
from gmemviz.model.design import C_KEYWORDS, MEMBERS, QUEUED_BY, Callback, Holds, Verb, unfit
from gmemviz.translate.c.fragments import Words

# Not through i_mapping: alloc_inode comes before it is set, and i_data is what it will point to.
# (fs/inode.c:inode_init_always_gfp@v6.12)
_FIELDS: Final = {"inode": "inode->{}", "address_space": "inode->i_data.{}"}

_NEEDS_MORE: Final = ("may sleep", "plain lock", "sleeping lock")

_VOID: Final = ("", "i_private", "i_private_data", "private_data", "d_fsdata", "s_fs_info")
"""Fields that are void pointers, or the Design's own; a pointer in another one is cast."""

_TAKEN: Final = C_KEYWORDS | frozenset(
    "asmlinkage both box ctx current error fallthrough fc file head i386 i_private i_private_data "
    "inode linux noinline noinline_for_stack noinstr nokprobe_inline notrace object sb "
    "unix".split()
)
"""What the functions of the text call their own variables and structs, and macros of lower case."""


TESTS: Final[Mapping[str, str]] = {
    "regular": "S_ISREG(inode->i_mode)",
    "directory": "S_ISDIR(inode->i_mode)",
    "symlink": "S_ISLNK(inode->i_mode)",
    "special": "special_file(inode->i_mode)",
    "bad": "is_bad_inode(inode)",
    "nlink 0": "!inode->i_nlink",
    "failed": "has_failed",
}
"""What a condition asks of the inode. (include/linux/fs.h:special_file, is_bad_inode@v6.12)"""

OUTSIDE: Final[Mapping[str, str]] = {"file": "file", "dentry": "dentry", "superblock": "sb"}
"""Holders that are not found by way of the inode, each with the variable in which a body has it."""


def word(name: str) -> str:
    """Return a name as a C identifier, or part of one.

    >>> word("alloc-time-blob"), word("inode")
    ('alloc_time_blob', 'm_inode')
    """
    plain = name.replace("-", "_")
    is_macro = plain.isupper()  # NULL, PAGE_SIZE: by the kernel's own habit
    is_reserved = plain.startswith("_")  # __init, __user: the compiler's and the kernel's own
    is_no_name = plain in _TAKEN or plain[:1].isdigit() or is_macro or is_reserved
    return f"m_{plain}" if is_no_name else plain


def _end(name: str) -> str:
    return name.rstrip("_").rpartition("_")[2]


def prose(text: str) -> str:
    """Return text that does not end the comment in which it stands."""
    return text.replace("*/", "* /").replace("\\", "/")


@dataclass(frozen=True)
class Names:
    """Give the identifiers of one Design: all begin with `start`."""

    start: str
    design: Design
    _words: dict[str, Words] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, name: str) -> str:
        """Return the Design's own identifier for `name`."""
        return f"{self.start}_{name}"

    def of(self, kept: Kept) -> Words:
        """Return the words for one kind of metadata, as the fragments of `fragments.c` call them.

        `own` is its struct (and how its cache, its lock and its count begin), `v` a variable of
        it, `place` where it is kept, `field` that of an inode and `both` the struct to which that
        leads where it is shared; `loaded` and `entry` are what comes out of the xarray and goes
        in. Its holder and its release are true, and `object` or `word`.
        """
        if kept.kind.name not in self._words:
            self._words[kept.kind.name] = self._words_of(kept)
        return self._words[kept.kind.name]

    def _words_of(self, kept: Kept) -> Words:
        kind, placement = kept.kind, kept.placement
        x = word(kind.name)
        v, place, is_shared = self._variable(x), self._place(kept, x), self.is_shared(kept)
        value, nothing = (v, "NULL") if kind.owns_object else ("FLAG_SET", "0")
        # A pointer in a field of another type is cast, and so are bits in a pointer.
        is_bits = not kind.owns_object and placement.holder != "container"
        is_cast = is_bits or (placement.field not in _VOID and not is_shared)
        to_place = "(void *)" if is_cast else ""
        clear = f"{place} = {to_place}{nothing};"
        return {
            "name": kind.name, "x": x, "v": v, "own": self(x), "place": place,
            "field": _field(kept), "both": self(placement.field), "shared": is_shared,
            "struct": placement.struct, "kernel": self.design.kernel,
            "no_field": _is_missing(kept, self.design.kernel),
            "cast": ("(unsigned long)" if is_bits else "(void *)") * is_cast,
            "set": f"{place} = {to_place}{value};",
            "clear": f"xa_erase({place});" if placement.holder == "xarray" else clear,
            "loaded": f"xa_load({place})" if kind.owns_object else f"xa_to_value(xa_load({place}))",
            "entry": value if kind.owns_object else f"xa_mk_value({value})",
            "object": kind.owns_object, "word": not kind.owns_object, "scarce": kind.scarce,
            "counted": kind.name in self.design.counted,
            "carried": any(kind.name in kinds for kinds in self.design.carried.values()),
            "gfp": self._gfp(kept),
            placement.holder: True, kind.release.replace(" ", "_"): True,
        }  # fmt: skip

    # A body may attach under rcu_read_lock or a spinlock, or as a callback: there nobody may sleep.
    def _gfp(self, kept: Kept) -> str:
        return "GFP_ATOMIC" if kept.kind.name in self.design.attached_later else "GFP_KERNEL"

    # The last part of its name, such as "policy", where no other kind ends so.
    def _variable(self, x: str) -> str:
        ends = [_end(word(kept.kind.name)) for kept in self.design.keeps]
        return x if ends.count(_end(x)) > 1 else word(_end(x))

    def _place(self, kept: Kept, x: str) -> str:
        placement = kept.placement
        if placement.holder == "container":
            return f"{self('inode_of')}(inode)->{x}"
        if placement.holder in OUTSIDE:
            return f"{OUTSIDE[placement.holder]}->{placement.field}"
        if placement.holder == "xarray":
            return f"&{self('xarray')}, (unsigned long)inode"
        if self.is_shared(kept):
            return f"{self(placement.field)}_of(inode)->{x}"
        return _field(kept)

    def sharing(self, kept: Kept) -> list[Kept]:
        """Return the objects that are kept in the same field of the inode."""
        same = [other for other in self.design.keeps if other.placement == kept.placement]
        return [other for other in same if _is_behind_field(other)]

    def on_list(self, name: str) -> tuple[Kept, ...]:
        """Return the kinds of metadata that some body puts on a list, or takes off."""
        bodies = self.design.bodies.values()
        put = {
            action.metadata
            for action in chain.from_iterable(bodies)
            if action.verb in ("put on", "take off") and action.name == name
        }
        return tuple(kept for kept in self.design.keeps if kept.kind.name in put)

    def lists_of(self, kept: Kept) -> tuple[str, ...]:
        """Return the lists that a kind of metadata may be on."""
        return tuple(name for name in self.design.lists if kept in self.on_list(name))

    def is_shared(self, kept: Kept) -> bool:
        """Return whether one field leads to this kind and to others, through a struct."""
        return len(self.sharing(kept)) > 1

    @property
    def shared(self) -> list[Kept]:
        """Return the objects to which a field leads through a struct."""
        return [k for k in self.design.keeps if _is_behind_field(k) and self.is_shared(k)]


def _is_behind_field(kept: Kept) -> bool:
    return kept.placement.holder == "inode" and kept.kind.owns_object


def _field(kept: Kept) -> str:
    return _FIELDS.get(kept.placement.struct, "").format(kept.placement.field)


def _is_missing(kept: Kept, kernel: str) -> bool:
    placement = kept.placement
    return bool(placement.struct) and not load(kernel).has_field(placement.struct, placement.field)


def cannot_write(design: Design) -> str:
    """Return why a module cannot be written for the Design, or "".

    >>> from gmemviz.study import gallery
    >>> cannot_write(gallery("guest_memfd-7.3"))
    ''
    """
    reason = unfit(design) or not_written(design)
    return reason or _not_driven(design) or _crowded(design)


def _not_driven(design: Design) -> str:
    reasons = [reason for reason in map(_not_attached, design.keeps) if reason]
    if reasons:
        return reasons[0]
    if twice := _twice([word(kept.kind.name) for kept in design.keeps]):
        return f"two kinds of metadata would be called {twice} in C"
    for hook in ("unlink", "free_folio"):
        if dict(design.hooks).get(hook):
            return f"the driver has no {hook} that does something"
    return _not_played(design) if is_played(design) else ""


def _not_attached(kept: Kept) -> str:
    kind, placement = kept.kind, kept.placement
    needs_more = kind.release in _NEEDS_MORE or kind.scarce
    # The kernel would take the driver's object for its own: posix_acl_release counts in it.
    is_kernels = placement.name in MEMBERS and bool(MEMBERS[placement.name].put_by)
    is_outside = placement.holder in ("dentry", "superblock")
    reasons = {
        f"the driver gives back {kind.name}, a word, by clearing it alone": (
            needs_more and not kind.owns_object
        ),
        "the driver attaches nothing to a folio": placement.holder == "folio",
        f"the driver's readers find nothing that a {placement.holder} leads to": (
            is_outside and bool(kind.read_by)
        ),
        f"the driver's reader follows a pointer, and {kind.name} is a word": (
            not kind.owns_object and "lockless reader" in kind.read_by
        ),
        f"the driver has no {placement.name} of the kernel's to attach": is_kernels,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


_NOT_HELD: Final[Mapping[Holds, str]] = {
    "mark": "the driver has no actor that holds a mark",
}


# What a play of a Design's own words has no step for yet.
def _not_played(design: Design) -> str:
    if design.named or design.persistent:
        return "the driver's inodes have no name in a directory"
    if not design.mount.is_set_up or not design.mount.own_table:
        return f"the driver plays no words of a Design's own on the mount {design.mount.name}"
    for actor in design.actors:
        if actor.holds in _NOT_HELD:
            return _NOT_HELD[actor.holds]
    return _not_placed(design)


# Nor what is locked or attached where the driver has no place for it.
def _not_placed(design: Design) -> str:
    if names := [kept.kind.name for kept in design.keeps if kept.kind.before_root]:
        return f"the driver attaches nothing before the mount has a root: {', '.join(names)}"
    if any(lock.of_each for lock in design.locks):
        return "the driver's locks are of no inode"
    places = [kept.placement.name for kept in design.keeps]
    held = [place for place in places if place not in ("containing-struct", "global-xarray")]
    if shared := _twice(held):
        return f"the driver attaches one kind of metadata to {shared}, not two"
    return ""


UNWRITTEN: Final[Mapping[Verb, str]] = {
    "hand over": "who it is handed over to is not said",
    "detach": "a body has no pointer of its own",
    "lock of another": "the driver's locks are of no inode",
    "unlock of another": "the driver's locks are of no inode",
    "lock both": "the driver's locks are of no inode",
    "unlock both": "the driver's locks are of no inode",
}
"""The words of which no C is written, and why."""

AT_BIRTH: Final[tuple[Verb, ...]] = ("alloc struct", "alloc container", "init", "attach")
"""The words that alloc_inode may say, each without a question."""

GETTING: Final[tuple[Verb, ...]] = ("get", "get unless zero")
PUTTING: Final[tuple[Verb, ...]] = ("put", "put after a grace period")
"""The words that take a reference to metadata, and that drop one."""

PLAIN: Final = frozenset(
    {"alloc struct", "alloc container", "init", "attach", "free", "truncate", "clear_inode",
     "free struct", "free to inode_cachep", "call_rcu free struct", "return 0", "return 1"}
)  # fmt: skip
"""The words of a cell of the matrix, whose hooks are functions and no more. (hooks.py)"""


def is_played(design: Design) -> bool:
    """Return whether a Design says more than a cell of the matrix can.

    Then its bodies are written line by line, so that a play can stop at each (plays.py).
    """
    is_own = design.actors or design.callbacks or design.locks or design.lists
    is_more = is_own or design.error_path or design.constructor or design.kinds != ("regular",)
    of_kinds = any(kept.kind.of for kept in design.keeps)
    outside = any(kept.placement.holder in ("dentry", "superblock") for kept in design.keeps)
    is_late = bool(design.attached_later)  # the creator of a cell attaches all
    return bool(is_more or of_kinds or outside or is_late) or not all(
        map(_is_plain, _actions(design))
    )


def _actions(design: Design) -> Iterator[Action]:
    return chain.from_iterable(design.bodies.values())


def _is_plain(action: Action) -> bool:
    return action.verb in PLAIN and not action.only_if


def not_written(design: Design) -> str:
    """Return for which word of a Design no C is written yet, or "".

    A word that is left out would make the kernel judge another Design than the model did.
    """
    for title, body in design.bodies.items():
        unwritten = [str(action) for action in body if not _is_written(action, title)]
        if unwritten:
            return f"no C is written yet for what {title} says: {'; '.join(unwritten)}"
        if twice := _got_twice(body):
            return f"no C is written yet for {title}, which holds two references to {twice}"
    return _need_not_written(design)


# The driver takes i_mapping for i_data, and asks whether two files of one inode show the same
# (gmemviz/record/module/scenarios.c).
def _need_not_written(design: Design) -> str:
    for need in ("by_i_mapping", "per_file"):
        if names := [kept.kind.name for kept in design.keeps if getattr(kept.kind, need)]:
            return f"no C is written yet for {need}: {', '.join(names)}"
    if late := [name for name in sorted(_words_read(design)) if name in design.attached_later]:
        return f"no C is written yet for a word that a body attaches, and one reads: {late[0]}"
    if design.unbinds is not None:
        return "no C is written yet for the binding of memslots"
    return _later_not_written(design)


# alloc_inode has no inode to ask, and leaves nothing where it fails: so it is written apart.
def _is_written(action: Action, title: str) -> bool:
    is_birth = action.verb in AT_BIRTH and not action.only_if
    return is_birth if title == "alloc_inode" else action.verb not in UNWRITTEN


# A body remembers in one variable what it has got. (bodies.py)
def _got_twice(body: tuple[Action, ...]) -> str:
    got: set[str] = set()
    for action in body:
        if action.verb in PUTTING:
            got.discard(action.metadata)
        elif action.verb in GETTING and action.metadata in got:
            return action.metadata
        elif action.verb in GETTING:
            got.add(action.metadata)
    return ""


# Of a word that is 0 nobody can tell whether it was ever set, but what the creator has set was.
def _words_read(design: Design) -> set[str]:
    return {
        action.metadata for action in _actions(design) if action.is_word and action.verb == "read"
    }


def _later_not_written(design: Design) -> str:
    # task_work_add is not exported (kernel/task_work.c:task_work_add@v6.12).
    late = [callback.name for callback in design.callbacks if callback.runs == "task work"]
    if late:
        return f"no C is written yet for a callback that is task work: {', '.join(late)}"
    lies = [callback for callback in design.callbacks if _lies_otherwise(callback, design)]
    if lies:
        return (
            "no C is written yet for a callback that lies in what it frees, but for one by which "
            f"RCU frees a single object: {lies[0].name}"
        )
    lists = Names("", design)
    many = [name for name in design.lists if len(lists.on_list(name)) > 1]
    return f"no C is written yet for a list of several kinds: {many[0]}" if many else ""


# Where there is no object there is no callback, so it does nothing that is of none; and what it
# frees it does not clear, since that pointer may be gone.
def _lies_otherwise(callback: Callback, design: Design) -> bool:
    kinds = design.carried.get(callback.name)
    if not kinds:
        return False
    is_of_it = all(action.metadata in kinds and not action.only_if for action in callback.does)
    has_clear = any(kept.kind.left_empty for kept in design.keeps if kept.kind.name in kinds)
    return len(kinds) > 1 or callback.runs not in QUEUED_BY or has_clear or not is_of_it


def _crowded(design: Design) -> str:
    # A field of the inode may lead to a struct of many kinds; for others there is no such way.
    born = any(kept.kind.born_in_alloc for kept in design.keeps)
    outside = [kept.placement for kept in design.keeps if kept.placement.holder != "container"]
    places = [place.name for place in outside if born or place.holder != "inode"]
    crowded = _twice(places)
    return f"the driver attaches one kind of metadata to {crowded}, not two" if crowded else ""


def _twice(names: Sequence[str]) -> str:
    return min((name for name in names if names.count(name) > 1), default="")


def refuse_unwritable(design: Design) -> None:
    """Raise DesignError where `cannot_write` has a reason."""
    if reason := cannot_write(design):
        raise DesignError(f"{design.title} cannot be written as a module: {reason}")
