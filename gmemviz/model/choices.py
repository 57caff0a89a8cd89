"""List what a Design can be made of: mounts, placements, cleanups, metadata.

Data only. A new choice is a new row here and, where it does something that no
row did before, a new action in `actions`; never a branch in the search.
"""

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ("CLEANUPS", "METADATA", "MOUNTS", "PLACEMENTS", "Metadata", "Mount", "Placement")

Release = Literal["clear word", "kfree", "plain lock", "sleeping lock", "may sleep"]


@dataclass(frozen=True, slots=True)
class Mount:
    """Say whose superblock the inode belongs to.

    `own_table`: ``inode->i_sb->s_op`` is the Design's table (include/linux/fs.h).
    `unmounts`: its superblock can be shut down while gmemviz looks.
    """

    name: str
    own_table: bool
    unmounts: bool
    says: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Say where a Metadata's pointer (or word) is kept.

    `struct` and `field` name the kernel's member, to be found in the facts; ""
    means that the Design brings the memory itself. `in_container`: reached by
    container_of. `word_only`: the field holds flag bits, not a pointer.
    """

    name: str
    struct: str
    field: str
    in_container: bool
    word_only: bool
    says: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """Say what an inode owns, and what it needs.

    `owns_object`: there is memory beside the pointer, to be freed. `release`:
    what freeing it does. `scarce`: a second inode can't have one meanwhile.
    """

    name: str
    read_by_truncation: bool
    read_without_reference: bool
    owns_object: bool
    release: Release
    scarce: bool
    from_page_cache: bool
    says: str


MOUNTS: Final = {
    mount.name: mount
    for mount in (
        Mount("own", True, True, "a pseudo filesystem of its own, with its own super_operations"),
        Mount(
            "anon-inode",
            False,
            False,
            "the superblock of anon_inodefs, whose table is simple_super_operations",
        ),
    )
}

PLACEMENTS: Final = {
    placement.name: placement
    for placement in (
        Placement("i_private-flags", "inode", "i_private", False, True, "bits in inode->i_private"),
        Placement("i_private", "inode", "i_private", False, False, "a pointer in inode->i_private"),
        Placement(
            "i_private_data",
            "address_space",
            "i_private_data",
            False,
            False,
            "a pointer in inode->i_mapping->i_private_data",
        ),
        Placement(
            "containing-struct",
            "",
            "",
            True,
            False,
            "a member of a struct around the inode, reached by container_of",
        ),
    )
}

METADATA: Final = {
    kind.name: kind
    for kind in (
        Metadata("flags", True, False, False, "clear word", False, False,
                 "a word that truncation reads to choose its branch"),
        Metadata("shareability-tree", True, False, True, "sleeping lock", False, True,
                 "a tree that truncation reads; its release takes a sleeping lock"),
        Metadata("faultability-xarray", True, False, True, "plain lock", False, True,
                 "an xarray that truncation reads; its release takes a plain lock"),
        Metadata("hugetlb-subpool", True, False, True, "may sleep", True, True,
                 "a handle on scarce pages that truncation reads; its release may sleep"),
        Metadata("resv_map", True, False, True, "kfree", True, True,
                 "scarce reservations that truncation reads; its release is a kfree"),
        Metadata("shared_policy", False, False, True, "plain lock", False, False,
                 "a NUMA policy tree; its release takes a plain lock"),
        Metadata("rcu-blob", False, True, True, "kfree", False, False,
                 "an object that a lockless reader reads without a reference"),
    )
}  # fmt: skip

CLEANUPS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "none": {},
    "drop-returns-1": {"drop_inode": ("free M", "return 1")},
    "evict-before-truncate": {"evict_inode": ("free M", "truncate", "clear_inode")},
    "evict-after-truncate": {"evict_inode": ("truncate", "clear_inode", "free M")},
    "destroy-leaves-memory": {"destroy_inode": ("free M",)},
    "destroy+free": {"destroy_inode": ("free M",), "free_inode": ("free struct",)},
    "free-all": {"free_inode": ("free M", "free struct")},
}
"""Hook bodies by name; M stands for the metadata. (design words of README)"""

FREES_CONTAINER_TOO: Final = frozenset(
    {"drop-returns-1", "evict-before-truncate", "evict-after-truncate"}
)
"""Patterns that say nothing of the struct: with a container they bring a free_inode."""
