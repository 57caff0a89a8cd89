"""Name in C what a Design keeps: identifiers, and how a placement is read and written."""

from typing import Final, NamedTuple

from gmemviz.errors import DesignError
from gmemviz.model import Design, Kept
from gmemviz.model.design import C_KEYWORDS, unfit

# Not through i_mapping: alloc_inode comes before it is set, and i_data is what it will point to.
_FIELDS: Final = {"inode": "inode->{}", "address_space": "inode->i_data.{}"}

_NEEDS_MORE: Final = ("may sleep", "plain lock", "sleeping lock")

_VOID: Final = ("", "i_private", "i_private_data", "private_data")
"""Fields that are void pointers, or the Design's own."""


# What the functions of the text call their own variables and structs, and macros of lower case.
_TAKEN: Final = C_KEYWORDS | frozenset(
    "asmlinkage both box ctx current error fallthrough fc file head i386 i_private i_private_data "
    "inode linux noinline noinline_for_stack noinstr nokprobe_inline notrace object sb "
    "unix".split()
)


def word(name: str) -> str:
    """Return a name as a C identifier, or part of one."""
    x = name.replace("-", "_")
    is_macro = x.isupper()  # NULL, PAGE_SIZE: by the kernel's own habit
    is_reserved = x.startswith("_")  # __init, __user: the compiler's and the kernel's own
    return f"m_{x}" if x in _TAKEN or x[:1].isdigit() or is_macro or is_reserved else x


def _end(x: str) -> str:
    return x.rstrip("_").rpartition("_")[2]


def prose(text: str) -> str:
    """Return text that does not end the comment in which it stands."""
    return text.replace("*/", "* /").replace("\\", "/")


class Word(NamedTuple):
    """Give a kind of metadata in C: `x` is its name, `v` a variable, `place` where it is kept.

    `is_cast`: the place is no void pointer, nor one of the kind's own type.
    """

    x: str
    v: str
    type: str
    cache: str
    lock: str
    left: str
    place: str
    is_word: bool
    is_cast: bool


class Names(NamedTuple):
    """Give the identifiers of one Design: all begin with `start`."""

    start: str
    design: Design

    def __call__(self, name: str) -> str:
        """Return the Design's own identifier for `name`."""
        return f"{self.start}_{name}"

    def of(self, kept: Kept) -> Word:
        """Return how one kind of metadata is called and where it is kept."""
        x = word(kept.kind.name)
        own = self(x)
        return Word(
            x, self._short(x), f"struct {own}", f"{own}_cache", f"{own}_lock", f"{own}_left",
            self._place(kept, x), not kept.kind.owns_object,
            kept.placement.field not in _VOID and not self.is_shared(kept),
        )  # fmt: skip

    def _short(self, x: str) -> str:
        ends = [_end(word(kept.kind.name)) for kept in self.design.keeps]
        return x if ends.count(_end(x)) > 1 else word(_end(x))

    def _place(self, kept: Kept, x: str) -> str:
        placement = kept.placement
        if placement.holder == "container":
            return f"{self('inode_of')}(inode)->{x}"
        if placement.holder == "file":
            return "file->private_data"
        if placement.holder == "xarray":
            return f"&{self('xarray')}, (unsigned long)inode"
        if self.is_shared(kept):
            return f"{self(placement.field)}_of(inode)->{x}"
        return self.field(kept)

    def field(self, kept: Kept) -> str:
        """Return the kernel's own field that a kind is kept in, or behind."""
        return _FIELDS[kept.placement.struct].format(kept.placement.field)

    def is_shared(self, kept: Kept) -> bool:
        """Return whether one field leads to this kind and to others, through a struct."""
        return sum(other.placement == kept.placement for other in self.shared) > 1

    @property
    def shared(self) -> list[Kept]:
        """Return the kinds that are objects and are kept in a field of the inode."""
        keeps = self.design.keeps
        return [one for one in keeps if one.placement.holder == "inode" and one.kind.owns_object]

    @property
    def has_xarray(self) -> bool:
        """Return whether something is kept in the xarray for all inodes."""
        return any(kept.placement.holder == "xarray" for kept in self.design.keeps)


def cannot_write(design: Design) -> str:
    """Return why a module cannot be written for the Design, or "".

    >>> from gmemviz.study import gallery
    >>> cannot_write(gallery("guest_memfd-7.3"))
    ''
    """
    reason = unfit(design) or _not_written_yet(design)
    return reason or _not_driven(design) or _crowded(design)


def _not_driven(design: Design) -> str:
    for kept in design.keeps:
        if not kept.kind.owns_object and (kept.kind.release in _NEEDS_MORE or kept.kind.scarce):
            return f"the driver gives back {kept.kind.name}, a word, by clearing it alone"
        if kept.placement.holder in ("dentry", "folio", "superblock"):
            return f"the driver attaches nothing to a {kept.placement.holder}"
    words = [word(kept.kind.name) for kept in design.keeps]
    if twice := sorted({one for one in words if words.count(one) > 1}):
        return f"two kinds of metadata would be called {twice[0]} in C"
    for hook, body in design.hooks:
        if hook in ("free_folio", "d_release", "put_super", "kill_sb") and body:
            return f"the driver has no {hook} that does something"
    return ""


WRITTEN: Final = frozenset(
    {"alloc struct", "alloc container", "init", "attach", "free", "truncate", "clear_inode",
     "free struct", "free to inode_cachep", "call_rcu free struct", "return 0", "return 1"}
)  # fmt: skip
"""The words of which the C is written; the others are the model's alone, and refused by name."""


def _not_written_yet(design: Design) -> str:
    # A word that is left out would make the kernel judge another Design than the model did.
    named = {
        "actor": [actor.name for actor in design.actors],
        "callback": [callback.name for callback in design.callbacks],
        "lock": [lock.name for lock in design.locks],
        "list": list(design.lists),
    }
    for what, names in named.items():
        if names:
            return f"no C is written yet for a Design's own {what}s: {', '.join(names)}"
    for title, body in design.bodies.items():
        for action in body:
            if action.verb not in WRITTEN or action.only_if:
                return f"no C is written yet for what {title} says: {action}"
    if design.kinds != ("regular",) or any(kept.kind.of for kept in design.keeps):
        return f"no C is written yet for kinds of inode: {', '.join(design.kinds)}"
    return ""


def _crowded(design: Design) -> str:
    # A field of the inode may lead to a struct of many kinds; for others there is no such way.
    born = any(kept.kind.born_in_alloc for kept in design.keeps)
    places = [
        kept.placement.name
        for kept in design.keeps
        if kept.placement.holder != "container" and (born or kept.placement.holder != "inode")
    ]
    if crowded := sorted({place for place in places if places.count(place) > 1}):
        return f"the driver attaches one kind of metadata to {crowded[0]}, not two"
    return ""


def refuse_unwritable(design: Design) -> None:
    """Raise DesignError where `cannot_write` has a reason."""
    if reason := cannot_write(design):
        raise DesignError(f"{design.title} cannot be written as a module: {reason}")
