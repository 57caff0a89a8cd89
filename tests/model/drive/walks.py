"""Designs and scenarios to walk through, shared by the tests of driving."""

from gmemviz.model import design_from_choices

DRIVEN = [
    ("guest_memfd-7.3", "gup-fast"),
    ("guest_memfd-7.3", "memslot-creation"),
    ("guest_memfd-7.3", "module-exit"),
    ("hugetlbfs-7.3", "find-inode"),
    ("hugetlbfs-6.12", "second-creation"),
    ("rfc-v1-free_inode", "creation-fails-late"),
    ("bpffs-destroy-only", "rcu-reader"),
    ("shmem-7.3", "stale-root"),
]


# One cell for each code of the matrix that the gallery's Designs do not show.
BROKEN = [
    ("7.3", "own", "containing-struct", "evict-before-truncate", "resv_map"),
    ("7.3", "own", "containing-struct", "none", "resv_map"),
    ("7.3", "own", "containing-struct", "destroy-leaves-memory", "shared_policy"),
    ("7.3", "own", "containing-struct", "evict-without-clear", "flags"),
    ("7.3", "own", "containing-struct", "drop-returns-1", "shareability-tree"),
    ("7.3", "own", "containing-struct", "free-all", "shareability-tree"),
    ("7.3", "own", "containing-struct", "free-all", "shared_policy"),
    ("7.3", "own", "containing-struct", "free-all", "hugetlb-subpool"),
    ("7.3", "own", "global-xarray", "none", "resv_map"),
    ("7.3", "own", "global-xarray", "free-all", "resv_map"),
    ("7.3", "own", "file-private_data", "release", "shareability-tree"),
    ("7.3", "own", "i_private_data", "none", "resv_map"),
    ("7.3", "own", "i_private-flags", "evict-before-truncate", "flags"),
    ("7.3", "anon-inode", "containing-struct", "destroy+free", "shared_policy"),
    ("7.3", "anon-inode", "i_private", "destroy+free", "shared_policy"),
    ("7.3", "static-superblock", "i_private", "destroy+free", "shared_policy"),
    ("6.12", "own", "i_private_data", "destroy-frees-now", "shared_policy"),
]


def broken(cell):
    names = ("kernel", "mount", "placement", "cleanup", "metadata")
    return design_from_choices(**dict(zip(names, cell, strict=True)))
