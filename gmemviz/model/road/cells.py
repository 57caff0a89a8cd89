"""Name the cells that a run begins with: one row a cell, with the kernel's member that it is.

Fields go by the kernel's name: ``inode.i_count`` is include/linux/fs.h:struct inode's. A new place
for something to be counted, locked or remembered is a row here.
"""

from typing import Final

from gmemviz.model.machine import ABSENT, HELD, Cell, Target

Cells = tuple[tuple[str, Cell], ...]

SHARED: Final[Cells] = (
    ("superblock", HELD),
    ("mount", 1),  # kern_mount's own reference
    ("cache", HELD),  # the Design's kmem_cache
    ("mapped", 0),  # whether a PTE leads to the folio
    ("published", 0),  # whether a new reader can find the inode
    ("path", 0),  # an O_PATH file: 1 open, 2 the real one is closed
    ("closed", 0),  # whether close(2) has returned
    ("pinned", 0),  # references to the folio beside the page cache's
    ("readers", ()),  # who is inside a read-side section
    ("pointer", None),  # what the lockless reader has loaded
)
"""Those that all actors share."""

COUNTED_FILE: Final[Cells] = (("f_ref", 0), ("mmap_lock", 0))
MEMSLOT: Final[Cells] = (
    *COUNTED_FILE,
    ("memslot", ABSENT),
    ("slot->gmem.file", 0),
    ("bindings", 0),  # the file's own xarray of memslots
    ("slots_lock", ""),  # who holds it
)
MODULE: Final[Cells] = (("module", 0), ("module text", HELD))
I_LOCK: Final[Cells] = (("inode.i_lock", 0),)
FOLIO_LOCK: Final[Cells] = (("folio.locked", 0),)
"""Those that only some scenarios have."""


def cells_of(target: Target) -> dict[str, Cell]:
    """Return the initial cells of one inode and all that it may own, by name."""
    inode = target.inode
    # A constructor of the slab (inode_init_once) leaves no count: inode_init_always sets it.
    cells: dict[str, Cell] = {
        inode: ABSENT,
        f"{inode}.cache": "",  # the kmem_cache that its memory is of
        f"{inode}.i_count": None,  # not initialised
        f"{inode}.i_state": 0,
        f"{inode}.nrpages": 0,  # of i_data
        f"{inode}.dentry": 0,  # references to its dentry, which holds the inode
        f"{inode}.waits_for": None,  # None: no callback is queued
        target.folio: ABSENT,
        f"{target.folio}.mapping": None,
    }
    for kept in target.design.keeps:
        cells[target.slot(kept)] = None
        if kept.kind.owns_object:
            cells[target.object(kept)] = ABSENT
        if kept.kind.scarce:
            cells[f"{kept.kind.name}.holder"] = None
            cells[f"{kept.kind.name}.refused"] = 0
    if "hashed" in target.traits:
        cells[f"{inode}.hashed"] = 0
    return cells
