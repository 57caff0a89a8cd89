"""What must be true of a cell, said as rules; for tests only, never for the package.

Written apart from the search, from the contract of the hooks; the search knows none of them.
"""

from gmemviz.model import CLEANUPS, METADATA, PLACEMENTS

EVICT = {"evict-before-truncate", "evict-after-truncate", "evict-without-clear"}
DROP = {"drop-returns-1", "drop-returns-0"}
DESTROY = {"destroy-leaves-memory", "destroy-frees-now", "destroy+free", "destroy-own-rcu"}
IN_RCU = {"free-all", "free-metadata-only"}
SLEEPS = {"sleeping lock", "may sleep"}


def struct_codes(cleanup):
    """What becomes of the struct inode, whatever the metadata."""
    if cleanup in {"drop-returns-0", "destroy-leaves-memory", "free-metadata-only"}:
        return {"inode-leak"}
    if cleanup == "destroy-frees-now":
        return {"use-after-free"}  # get_user_pages_fast still reads the mapping
    return {"assertion"} if cleanup == "evict-without-clear" else set()


def truncation_codes(cleanup, kind, holder):
    """Truncation reads what is gone already.

    An entry erased from an xarray is not found, and no freed memory is read.
    """
    early = cleanup in {"release", "drop-returns-1", "evict-before-truncate"}
    if not kind.read_by_truncation or not early:
        return set()
    is_pointer = kind.owns_object and holder != "xarray"
    return {"use-after-free"} if is_pointer else {"wrong-branch"}


def reader_codes(cleanup, kind):
    """Others read what is gone: under RCU until a grace period, at a folio's end for ever."""
    codes = set()
    if kind.read_without_reference and cleanup not in IN_RCU | {"none"}:
        codes.add("use-after-free")
    if kind.read_by_last_put and cleanup not in {"none", "drop-returns-0"}:
        codes.add("use-after-free")
    return codes


def context_codes(cleanup, kind, holder):
    """The release does what its context forbids."""
    if cleanup in DROP and kind.release in SLEEPS:
        return {"sleep-in-atomic"}
    if cleanup not in IN_RCU:
        return set()
    codes = {"deadlock"} if holder == "xarray" else set()
    codes |= {"sleep-in-softirq"} if kind.release in SLEEPS else set()
    codes |= {"lock-context"} if kind.release == "plain lock" else set()
    return codes | ({"late-release"} if kind.scarce else set())


def never_freed(cleanup, kind, holder):
    """No hook that frees it runs on some exit path, or the pointer was lost."""
    if not kind.owns_object:
        return False
    if kind.born_in_alloc:  # path I runs destroy_inode and free_inode alone
        lost = holder in ("inode", "file")
        return lost or cleanup in {"none", "release"} | DROP | EVICT
    return cleanup in {"none", "release"}  # path C has no file to release


def in_file(cleanup, kind):
    codes = struct_codes(cleanup)
    useful = cleanup in {"none", "release"}
    codes |= set() if useful else {"unreachable-hook"}
    # Where drop_inode keeps the inode, nobody truncates it.
    needs = kind.read_without_reference or (kind.read_by_truncation and cleanup != "drop-returns-0")
    codes |= {"out-of-reach"} if needs else set()
    if kind.born_in_alloc:
        return codes | {"leak"}
    codes.add("per-file")
    if cleanup == "release":
        return codes | ({"use-after-free"} if kind.read_by_last_put else set())
    asserts = cleanup == "evict-without-clear"  # every run with a file ends there
    return codes | ({"leak"} if kind.owns_object and not asserts else set())


def on_own_mount(placement, cleanup, kind):
    holder = PLACEMENTS[placement].holder
    if holder == "container" and cleanup == "none":
        return {"wrong-cache"}
    if holder == "file":
        return in_file(cleanup, kind)
    codes = struct_codes(cleanup)
    if never_freed(cleanup, kind, holder):
        codes.add("leak")
    if holder == "xarray" and cleanup == "none":
        codes.add("stale-alias")
    if kind.born_in_alloc and holder == "inode":
        return codes  # its pointer is NULL ever after
    codes |= context_codes(cleanup, kind, holder) | truncation_codes(cleanup, kind, holder)
    return codes | reader_codes(cleanup, kind)


def on_anon_inode(placement, cleanup, kind):
    in_container = PLACEMENTS[placement].holder == "container"
    wants_alloc = in_container or kind.born_in_alloc
    codes = {"unreachable-hook"} if wants_alloc or cleanup not in {"none", "release"} else set()
    if kind.born_in_alloc:  # alloc_inode never ran, so there is nothing; but container_of lies
        return codes | ({"wrong-cache"} if in_container and cleanup == "release" else set())
    if in_container:
        return codes | {"wrong-cache"}
    return codes | on_own_mount(placement, cleanup if cleanup == "release" else "none", kind)


def expected(kernel, mount, placement, cleanup, metadata):
    """Return the codes that the rules give, or None where the choices don't go together."""
    assert cleanup in CLEANUPS
    kind = METADATA[metadata]
    if placement == "i_private-flags" and kind.owns_object:
        return None
    if placement == "i_private_data" and kernel == "7.3":
        return {"no-such-field"}
    if mount == "static-superblock":
        return {"crash"}
    rules = on_own_mount if mount == "own" else on_anon_inode
    return rules(placement, cleanup, kind)
