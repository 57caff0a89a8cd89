"""Name in C what a Design keeps: identifiers, and how a placement is read and written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from gmemviz.errors import DesignError
from gmemviz.facts import load
from gmemviz.model import Action, Design, Kept
from gmemviz.model.design import C_KEYWORDS, MEMBERS, unfit
from gmemviz.translate.c.fragments import Words

# Not through i_mapping: alloc_inode comes before it is set, and i_data is what it will point to.
# (fs/inode.c:inode_init_always_gfp@v6.12)
_FIELDS: Final = {"inode": "inode->{}", "address_space": "inode->i_data.{}"}

_NEEDS_MORE: Final = ("may sleep", "plain lock", "sleeping lock")

_VOID: Final = ("", "i_private", "i_private_data", "private_data")
"""Fields that are void pointers, or the Design's own; a pointer in another one is cast."""

_TAKEN: Final = C_KEYWORDS | frozenset(
    "asmlinkage both box ctx current error fallthrough fc file head i386 i_private i_private_data "
    "inode linux noinline noinline_for_stack noinstr nokprobe_inline notrace object sb "
    "unix".split()
)
"""What the functions of the text call their own variables and structs, and macros of lower case."""


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
            placement.holder: True, kind.release.replace(" ", "_"): True,
        }  # fmt: skip

    # The last part of its name, such as "policy", where no other kind ends so.
    def _variable(self, x: str) -> str:
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
        return _field(kept)

    def sharing(self, kept: Kept) -> list[Kept]:
        """Return the objects that are kept in the same field of the inode."""
        same = [other for other in self.design.keeps if other.placement == kept.placement]
        return [other for other in same if _is_behind_field(other)]

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
    for kept in design.keeps:
        if not kept.kind.owns_object and (kept.kind.release in _NEEDS_MORE or kept.kind.scarce):
            return f"the driver gives back {kept.kind.name}, a word, by clearing it alone"
        if kept.placement.holder in ("dentry", "folio", "superblock"):
            return f"the driver attaches nothing to a {kept.placement.holder}"
        # The kernel would take the driver's object for its own: posix_acl_release counts in it.
        if kept.placement.name in MEMBERS and MEMBERS[kept.placement.name].put_by:
            return f"the driver has no {kept.placement.name} of the kernel's to attach"
    words = [word(kept.kind.name) for kept in design.keeps]
    if twice := _twice(words):
        return f"two kinds of metadata would be called {twice} in C"
    for hook, body in design.hooks:
        if hook in ("unlink", "free_folio", "d_release", "put_super", "kill_sb") and body:
            return f"the driver has no {hook} that does something"
    return ""


WRITTEN: Final = frozenset(
    {"alloc struct", "alloc container", "init", "attach", "free", "truncate", "clear_inode",
     "free struct", "free to inode_cachep", "call_rcu free struct", "return 0", "return 1"}
)  # fmt: skip
"""The words of which the C is written; the others are the model's alone, and refused by name."""


def not_written(design: Design) -> str:
    """Return for which word of a Design no C is written yet, or "".

    A word that is left out would make the kernel judge another Design than the model did.
    """
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
        unwritten = [str(action) for action in body if not _is_written(action, title)]
        if unwritten:
            return f"no C is written yet for what {title} says: {'; '.join(unwritten)}"
    return _need_not_written(design)


# The driver makes regular inodes, takes i_mapping for i_data, and asks whether two files of one
# show the same. (gmemviz/record/module/scenarios.c)
def _need_not_written(design: Design) -> str:
    for need in ("by_i_mapping", "per_file"):
        if names := [kept.kind.name for kept in design.keeps if getattr(kept.kind, need)]:
            return f"no C is written yet for {need}: {', '.join(names)}"
    if design.constructor or design.unbinds is not None:
        word_of_both = "a constructor" if design.constructor else "the binding of memslots"
        return f"no C is written yet for {word_of_both}"
    if design.kinds != ("regular",) or any(kept.kind.of for kept in design.keeps):
        return f"no C is written yet for kinds of inode: {', '.join(design.kinds)}"
    return ""


# The error path of the driver is iput alone (gmemviz/record/module/scenarios.c), and what its hooks
# attach they attach at birth.
def _is_written(action: Action, title: str) -> bool:
    is_late = action.verb == "attach" and title != "alloc_inode"
    is_plain = not action.only_if and not is_late
    return action.verb in WRITTEN and is_plain and title != "error path"


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
