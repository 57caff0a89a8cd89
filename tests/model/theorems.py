"""What must be true of a cell, said as rules; for tests only, never for the package.

Another hand wrote these from the kernel's contract; the search knows none of them.
"""

from gmemviz.model import CLEANUPS, METADATA

FREES_BEFORE_TRUNCATION = {"drop-returns-1", "evict-before-truncate"}
FREES_BEFORE_GRACE = FREES_BEFORE_TRUNCATION | {
    "evict-after-truncate",
    "destroy+free",
    "destroy-leaves-memory",
}


def reachable(kernel, mount, placement, cleanup, kind):
    if mount == "own":
        return None
    hooks = set(CLEANUPS[cleanup]) | (
        {"alloc_inode"} if placement == "containing-struct" else set()
    )
    codes = {"unreachable-hook"} if hooks else set()
    if placement == "containing-struct":  # container_of lands outside the object
        return codes | {"wrong-cache"}
    return codes | ({"leak"} if kind.owns_object else set())


def too_early(cleanup, kind):
    """Codes for metadata that is gone while somebody still reads it."""
    if kind.read_by_truncation and cleanup in FREES_BEFORE_TRUNCATION:
        if cleanup == "drop-returns-1" and kind.release == "sleeping lock":
            return set()  # that run has ended already
        yield_code = "use-after-free" if kind.owns_object else "wrong-branch"
        return {yield_code}
    if kind.read_without_reference and cleanup in FREES_BEFORE_GRACE:
        return {"use-after-free"}
    return set()


def wrong_place(cleanup, kind):
    """Codes for a release that its context forbids."""
    sleeps = kind.release in ("sleeping lock", "may sleep")
    codes = set()
    if cleanup == "drop-returns-1" and sleeps:
        codes.add("sleep-in-atomic")
    if cleanup == "free-all":
        codes |= {"sleep-in-softirq"} if sleeps else set()
        codes |= {"lock-context"} if kind.release == "plain lock" else set()
        codes |= {"late-release"} if kind.scarce else set()
    return codes


def expected(kernel, mount, placement, cleanup, metadata):
    """Return the codes that the rules give, or None where the choices don't go together."""
    kind = METADATA[metadata]
    if placement == "i_private-flags" and kind.owns_object:
        return None
    if placement == "i_private_data" and kernel == "7.3":
        return {"no-such-field"}
    if (codes := reachable(kernel, mount, placement, cleanup, kind)) is not None:
        return codes
    if cleanup == "none":
        if placement == "containing-struct":
            return {"wrong-cache"}
        return {"leak"} if kind.owns_object else set()
    codes = too_early(cleanup, kind) | wrong_place(cleanup, kind)
    if cleanup == "destroy-leaves-memory":
        codes |= {"inode-leak"}
    return codes
