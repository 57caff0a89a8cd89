"""List what a Design can be made of: mounts, placements, cleanups, metadata.

Mounts and placements are superblocks and members of include/linux/fs.h's structs (address_space,
dentry, file, inode); cleanups are sets of its hooks. Data only. A new choice is a new row here and,
where it does something that no row did before, a new action in `actions`; never a branch in the
search.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from gmemviz.facts import HookName
from gmemviz.model.design.limits import MARK, RESERVED
from gmemviz.shown import shows_itself
from gmemviz.text import one_line

Release = Literal["clear word", "kfree", "plain lock", "sleeping lock", "may sleep"]
"""What giving metadata back does."""

Holder = Literal["inode", "container", "file", "dentry", "folio", "xarray", "superblock"]
"""Whose memory the pointer to metadata lies in."""

MountName = Literal["own", "anon-inode", "static-superblock"]
PlacementName = Literal[
    "i_private-flags", "i_private", "i_private_data", "containing-struct", "file-private_data",
    "global-xarray", "d_fsdata", "i_link", "folio", "s_fs_info", "i_acl", "i_default_acl",
    "i_pipe", "i_cdev", "i_crypt_info", "i_verity_info", "i_dquot",
]  # fmt: skip
CleanupName = Literal[
    "none", "release", "drop-returns-1", "drop-returns-0", "evict-before-truncate",
    "evict-after-truncate", "evict-without-clear", "destroy-leaves-memory", "destroy-frees-now",
    "destroy+free", "destroy-own-rcu", "free-all", "free-metadata-only",
]  # fmt: skip


@shows_itself
@dataclass(frozen=True, slots=True)
class Mount:
    """Say whose superblock the inode belongs to.

    `own_table`: ``inode->i_sb->s_op`` is the Design's table (include/linux/fs.h).
    `unmounts`: its superblock can be shut down while gmemviz looks. `is_set_up`:
    alloc_super has initialised it (fs/super.c:alloc_super).
    """

    name: MountName
    own_table: bool
    unmounts: bool
    is_set_up: bool
    says: str

    def __repr__(self) -> str:
        return f"<Mount {self.name}: {self.says}>"


@shows_itself
@dataclass(frozen=True, slots=True)
class Placement:
    """Say where a Metadata's pointer (or word) is kept.

    `holder` is whose memory the pointer lies in. `struct` and `field` name the kernel's
    member, to be found in the facts; "" means that the Design brings the memory itself.
    `word_only`: the field holds flag bits, not a pointer.
    """

    name: PlacementName
    holder: Holder
    struct: str
    field: str
    word_only: bool
    says: str

    def __repr__(self) -> str:
        return f"<Placement {self.name}: {self.says}>"


@shows_itself
@dataclass(frozen=True, slots=True)
class Metadata:
    """Say what an inode owns, and what it needs.

    `read_by`: who reads it, beside the hooks. `owns_object`: there is memory beside the
    pointer, to be freed. `release`: what freeing it does. `scarce`: a second inode can't
    have one meanwhile. `born_in_alloc`: the alloc_inode hook allocates it. `left_empty`: once
    released it is an empty head or NULL, not a pointer to what was freed. `put_sleeps`: whoever
    reads it at the last folio_put takes a sleeping lock. `embeds`: its head can be a member of
    a struct. `of`: the kinds of inode that own one, all of them where none is named.
    `by_i_mapping`: hooks look for it through i_mapping, which of a special inode is not i_data.
    `before_root`: the superblock owns it before it has a root. `per_file`: it is about one open
    file, such as where a reader of a directory stands; else all files of an inode want the same.
    """

    name: str
    says: str
    read_by: tuple[str, ...] = ()
    owns_object: bool = True
    release: Release = "kfree"
    scarce: bool = False
    born_in_alloc: bool = False
    left_empty: bool = False
    put_sleeps: bool = False
    embeds: bool = False
    of: tuple[str, ...] = ()
    by_i_mapping: bool = False
    before_root: bool = False
    per_file: bool = False

    @property
    def cell(self) -> str:
        """Return the name of its cell: its own, marked where the model has a cell of that name."""
        return f"{MARK}{self.name}" if self.name in RESERVED else self.name

    @property
    def read_by_truncation(self) -> bool:
        """Return whether removing a page reads it."""
        return TRUNCATION in self.read_by

    @property
    def read_without_reference(self) -> bool:
        """Return whether a reader under RCU reads it."""
        return LOCKLESS in self.read_by

    @property
    def read_by_last_put(self) -> bool:
        """Return whether whoever drops the last reference to a folio reads it."""
        return any(reader in LAST_PUTS for reader in self.read_by)

    @property
    def read_when_empty(self) -> bool:
        """Return whether truncation reads it though there is no page."""
        return EMPTY_TRUNCATION in self.read_by

    def __repr__(self) -> str:
        return f"<Metadata {one_line(self.name)}: {self.says}>"


TRUNCATION: Final = "truncation"
EMPTY_TRUNCATION: Final = "empty truncation"
LOCKLESS: Final = "lockless reader"
LAST_PUT: Final = "last folio_put"
LAST_PUT_BY_MAPPING: Final = "last folio_put by folio->mapping"
LAST_PUT_UNTESTED: Final = "last folio_put by folio->mapping, untested"
LAST_PUTS: Final = (LAST_PUT, LAST_PUT_BY_MAPPING, LAST_PUT_UNTESTED)

READERS: Final = {
    TRUNCATION: "whoever removes a page reads it",
    EMPTY_TRUNCATION: "evict_inode's truncation reads it even where there is no page",
    LOCKLESS: "a reader under rcu_read_lock, without a reference to the inode",
    LAST_PUT: "whoever drops the last reference to a folio",
    LAST_PUT_BY_MAPPING: "the same, by folio->mapping, and not at all where that is NULL",
    LAST_PUT_UNTESTED: "the same, without a test for NULL",
}
"""Who may read metadata, beside the hooks."""

_MOUNTS: Final = (
    Mount("own", True, True, True,
          "a pseudo filesystem of its own, with its own super_operations"),
    Mount("anon-inode", False, False, True,
          "the superblock of anon_inodefs, whose table is simple_super_operations"),
    Mount("static-superblock", True, False, False,
          "a zeroed struct super_block that never went through alloc_super"),
)  # fmt: skip
MOUNTS: Final = {mount.name: mount for mount in _MOUNTS}

_PLACEMENTS: Final = (
    Placement("i_private-flags", "inode", "inode", "i_private", True,
              "bits in inode->i_private"),
    Placement("i_private", "inode", "inode", "i_private", False,
              "a pointer in inode->i_private"),
    Placement("i_private_data", "inode", "address_space", "i_private_data", False,
              "a pointer in i_private_data of inode->i_mapping, which is inode->i_data"),
    Placement("containing-struct", "container", "", "", False,
              "a member of a struct around the inode, reached by container_of"),
    Placement("file-private_data", "file", "file", "private_data", False,
              "a pointer in file->private_data, which the inode does not know"),
    Placement("global-xarray", "xarray", "", "", False,
              "an entry in an xarray for all, by the inode's address, under one xa_lock"),
)  # fmt: skip
PLACEMENTS: Final = {place.name: place for place in _PLACEMENTS}

_MORE_PLACEMENTS: Final = (
    Placement("d_fsdata", "dentry", "dentry", "d_fsdata", False,
              "a pointer in dentry->d_fsdata, which the inode does not know"),
    Placement("i_link", "inode", "inode", "i_link", False,
              "a pointer in inode->i_link: a symlink's body"),
    Placement("s_fs_info", "superblock", "super_block", "s_fs_info", False,
              "what the superblock points to, for all of its inodes"),
    Placement("folio", "folio", "", "", False,
              "in the folio itself, or found by its number: it goes with the folio"),
    Placement("i_acl", "inode", "inode", "i_acl", False,
              "a pointer in inode->i_acl: the ACL that permission() reads"),
    Placement("i_default_acl", "inode", "inode", "i_default_acl", False,
              "a pointer in inode->i_default_acl: the ACL that new entries get"),
    Placement("i_pipe", "inode", "inode", "i_pipe", False,
              "a pointer in inode->i_pipe: the buffers of a pipe or fifo"),
    Placement("i_cdev", "inode", "inode", "i_cdev", False,
              "a pointer in inode->i_cdev: the device, which lists the inode and may go first"),
    Placement("i_crypt_info", "inode", "inode", "i_crypt_info", False,
              "a pointer in inode->i_crypt_info: the key of an encrypted file"),
    Placement("i_verity_info", "inode", "inode", "i_verity_info", False,
              "a pointer in inode->i_verity_info: the hashes of a verity file"),
    Placement("i_dquot", "container", "", "", False,
              "pointers in the struct around the inode, which s_op->get_dquots finds"),
)  # fmt: skip
GALLERY_PLACEMENTS: Final = PLACEMENTS | {place.name: place for place in _MORE_PLACEMENTS}
"""Also those that a Design written out may use; the matrix does not ask about them."""

RELEASES: Final[Mapping[Release, str]] = {
    "clear word": "the word is cleared; there is no memory to give back",
    "kfree": "its memory is given back, and nothing of it is read",
    "plain lock": "a spinlock is taken that process context takes with softirqs on",
    "sleeping lock": "a lock is taken that may sleep",
    "may sleep": "it sleeps in a corner, and does not elsewhere",
}
"""What giving metadata back does; what follows from it is for `road.metadata` to find out."""

HOLDERS: Final[Mapping[Holder, str]] = {
    "inode": "a field of struct inode or of its i_data",
    "container": "the struct around the inode",
    "file": "the open file, to which no way leads from the inode",
    "dentry": "the dentry, to which no way leads from the inode",
    "folio": "a folio of the page cache",
    "xarray": "an xarray for all, by the inode's address",
    "superblock": "the superblock, to which every inode leads",
}
"""Whose memory a pointer lies in."""

_METADATA: Final = (
    Metadata("flags", "a word that truncation reads to choose its branch",
             (TRUNCATION,), owns_object=False, release="clear word"),
    Metadata("shareability-tree",
             "a tree that truncation reads; its release takes a sleeping lock",
             (TRUNCATION,), release="sleeping lock", embeds=True),
    Metadata("attributes-tree",
             "a tree that truncation does not read; its release takes a sleeping lock",
             release="sleeping lock", embeds=True),
    Metadata("faultability-xarray",
             "an xarray that truncation reads; its release takes a plain lock",
             (TRUNCATION,), release="plain lock", embeds=True),
    Metadata("hugetlb-subpool",
             "a handle on scarce pages that truncation reads; its release may sleep",
             (TRUNCATION,), release="may sleep", scarce=True),
    Metadata("resv_map",
             "scarce reservations that truncation reads; its release is a kfree",
             (TRUNCATION,), scarce=True),
    Metadata("shared_policy", "a NUMA policy tree; its release takes a plain lock",
             release="plain lock", embeds=True),
    Metadata("rcu-blob", "an object that a lockless reader reads without a reference",
             (LOCKLESS,)),
    Metadata("folio-put-state",
             "an object that truncation and the last folio_put read", (TRUNCATION, LAST_PUT)),
    Metadata("alloc-time-blob", "an object that alloc_inode allocates", born_in_alloc=True),
)  # fmt: skip
METADATA: Final = {kind.name: kind for kind in _METADATA}

CLEANUPS: Final[Mapping[CleanupName, Mapping[HookName, tuple[str, ...]]]] = {
    "none": {},
    "release": {"release": ("free M",)},
    "drop-returns-1": {"drop_inode": ("free M", "return 1")},
    "drop-returns-0": {"drop_inode": ("free M", "return 0")},
    "evict-before-truncate": {"evict_inode": ("free M", "truncate", "clear_inode")},
    "evict-after-truncate": {"evict_inode": ("truncate", "clear_inode", "free M")},
    "evict-without-clear": {"evict_inode": ("truncate", "free M")},
    "destroy-leaves-memory": {"destroy_inode": ("free M",)},
    "destroy-frees-now": {"destroy_inode": ("free M", "free struct")},
    "destroy+free": {"destroy_inode": ("free M",), "free_inode": ("free struct",)},
    "destroy-own-rcu": {"destroy_inode": ("free M", "call_rcu free struct")},
    "free-all": {"free_inode": ("free M", "free struct")},
    "free-metadata-only": {"free_inode": ("free M",)},
}
"""Hook bodies by name; M stands for the metadata."""

SAYS_NOTHING_OF_THE_STRUCT: Final[tuple[HookName, ...]] = ("release", "drop_inode", "evict_inode")
"""Hooks whose patterns say nothing of the struct: with a container they bring a free_inode."""
