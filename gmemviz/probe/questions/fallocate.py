"""Ask fallocate(2) on a guest_memfd, by mode, by range, and which of the two is looked at first."""

from collections.abc import Callable, Iterator
from typing import Final

from gmemviz.probe import system
from gmemviz.probe.abi import PAGE
from gmemviz.probe.case import Case, always
from gmemviz.probe.fixture import Bench
from gmemviz.probe.system import KEEP_SIZE, PUNCH_HOLE

SIZE: Final = 2 * PAGE
FAR: Final = 2**63 - 2 * PAGE
"""As far out as a range of one page can begin without passing 2^63."""

VFS: Final = "fs/open.c:vfs_fallocate@v7.3"
GMEM: Final = "virt/kvm/guest_memfd.c:kvm_gmem_fallocate@v7.3"
ALLOCATE: Final = "virt/kvm/guest_memfd.c:kvm_gmem_allocate@v7.3"
PUNCH: Final = "virt/kvm/guest_memfd.c:kvm_gmem_punch_hole@v7.3"
HOLE: Final = KEEP_SIZE | PUNCH_HOLE

# The mode, then who refuses it without KEEP_SIZE, and with it: from
# include/uapi/linux/falloc.h@v7.3, and two bits that no kernel knows.
MODES: Final = {
    "NO_HIDE_STALE": (0x04, VFS, VFS),
    "COLLAPSE_RANGE": (0x08, GMEM, VFS),
    "ZERO_RANGE": (0x10, GMEM, GMEM),
    "INSERT_RANGE": (0x20, GMEM, VFS),
    "UNSHARE_RANGE": (0x40, GMEM, GMEM),
    "WRITE_ZEROES": (0x80, GMEM, VFS),
    "PUNCH_HOLE|ZERO_RANGE": (PUNCH_HOLE | 0x10, VFS, VFS),
    "unknown 0x100": (0x100, VFS, VFS),
    "unknown 0x40000000": (0x4000_0000, VFS, VFS),
}

# In words: offset, length, then answer and place for KEEP_SIZE, and for a hole.
RANGES: Final = {
    "all of it": (0, SIZE, "0", ALLOCATE, "0", PUNCH),
    "of length 0": (0, 0, "EINVAL", VFS, "EINVAL", VFS),
    "of negative length": (0, -PAGE, "EINVAL", VFS, "EINVAL", VFS),
    "at a negative offset": (-PAGE, PAGE, "EINVAL", VFS, "EINVAL", VFS),
    "at an unaligned offset": (1, PAGE, "EINVAL", GMEM, "EINVAL", GMEM),
    "of unaligned length": (0, PAGE + 1, "EINVAL", GMEM, "EINVAL", GMEM),
    "over the end": (PAGE, SIZE, "EINVAL", ALLOCATE, "0", PUNCH),
    "past the end": (SIZE, PAGE, "EINVAL", ALLOCATE, "0", PUNCH),
    "far past the end": (FAR, PAGE, "EINVAL", ALLOCATE, "0", PUNCH),
    "past 2^63": (FAR, SIZE, "EFBIG", VFS, "EFBIG", VFS),
}

# In words: mode, offset, length, answer, place. The first wrong thing decides.
ORDER: Final = {
    "an unknown mode of length 0": (0x100, 0, 0, "EINVAL", VFS),
    "an unknown mode, unaligned": (0x100, 1, PAGE, "EOPNOTSUPP", VFS),
    "an unknown mode past 2^63": (0x100, FAR, SIZE, "EOPNOTSUPP", VFS),
    "no KEEP_SIZE, unaligned": (0, 1, PAGE, "EOPNOTSUPP", GMEM),
    "no KEEP_SIZE past 2^63": (0, FAR, SIZE, "EFBIG", VFS),
}


def cases() -> tuple[Case, ...]:
    """Return the questions, in the order of asking."""
    return (*_modes(), *_ranges(), *_order())


def _modes() -> Iterator[Case]:
    refused = always("EOPNOTSUPP")
    yield Case("fallocate no mode", "fallocate(0)", _fallocate(0), refused, GMEM)
    yield Case(
        "fallocate PUNCH_HOLE", "fallocate(PUNCH_HOLE without KEEP_SIZE)",
        _fallocate(PUNCH_HOLE), refused, VFS,
    )  # fmt: skip
    for words, (mode, alone, kept) in MODES.items():
        yield Case(f"fallocate {words}", f"fallocate({words})", _fallocate(mode), refused, alone)
        yield Case(
            f"fallocate KEEP_SIZE|{words}", f"fallocate(KEEP_SIZE|{words})",
            _fallocate(KEEP_SIZE | mode), refused, kept,
        )  # fmt: skip


def _ranges() -> Iterator[Case]:
    for words, (offset, length, kept, kept_by, punched, punched_by) in RANGES.items():
        yield Case(
            f"fallocate {words}", f"fallocate(KEEP_SIZE), {words}",
            _fallocate(KEEP_SIZE, offset, length), always(kept), kept_by,
        )  # fmt: skip
        yield Case(
            f"punch {words}", f"fallocate(KEEP_SIZE|PUNCH_HOLE), {words}",
            _fallocate(HOLE, offset, length), always(punched), punched_by,
        )  # fmt: skip


def _order() -> Iterator[Case]:
    for words, (mode, offset, length, expected, source) in ORDER.items():
        yield Case(
            f"fallocate {words}", f"fallocate with {words}",
            _fallocate(mode, offset, length), always(expected), source,
        )  # fmt: skip


def _fallocate(mode: int, offset: int = 0, length: int = PAGE) -> Callable[[Bench], None]:
    return lambda bench: system.fallocate(bench.create(SIZE), mode, offset, length)
