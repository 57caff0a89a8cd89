"""Ask what advice and which NUMA policy the mapped pages of a guest_memfd take."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from gmemviz.probe import system
from gmemviz.probe.abi import FLAGS, PAGE
from gmemviz.probe.case import Case, Expected, always, since
from gmemviz.probe.fixture import Bench, Kernel

SIZE: Final = 2 * PAGE
MMAP: Final = FLAGS["GUEST_MEMFD_FLAG_MMAP"]
SHARED: Final = MMAP | FLAGS["GUEST_MEMFD_FLAG_INIT_SHARED"]

BEHAVIOR: Final = "mm/madvise.c:madvise_vma_behavior@v7.3"
VALID: Final = "mm/madvise.c:madvise_behavior_valid@v7.3"
POPULATE: Final = "mm/madvise.c:madvise_populate@v7.3"

# The number, from include/uapi/asm-generic/mman-common.h@v7.3, then answers and place. Not
# asked: MADV_HWPOISON and MADV_SOFT_OFFLINE, which root could really do to a page of the machine.
ADVICE: Final = {
    "NORMAL": (0, ("0",), BEHAVIOR),
    "RANDOM": (1, ("0",), BEHAVIOR),
    "SEQUENTIAL": (2, ("0",), BEHAVIOR),
    "WILLNEED": (3, ("0",), "mm/madvise.c:madvise_willneed@v7.3"),
    "DONTNEED": (4, ("0",), "mm/madvise.c:madvise_dontneed_free@v7.3"),
    "FREE": (8, ("EINVAL",), "mm/madvise.c:madvise_free_single_vma@v7.3"),
    "REMOVE": (9, ("0",), "mm/madvise.c:madvise_remove@v7.3"),
    "DONTFORK": (10, ("0",), BEHAVIOR),
    "DOFORK": (11, ("0",), BEHAVIOR),
    "MERGEABLE": (12, ("0", "EINVAL"), "mm/ksm.c:ksm_madvise@v7.3"),
    "UNMERGEABLE": (13, ("0", "EINVAL"), "mm/ksm.c:ksm_madvise@v7.3"),
    "HUGEPAGE": (14, ("0", "EINVAL"), "mm/khugepaged.c:hugepage_madvise@v7.3"),
    "NOHUGEPAGE": (15, ("0", "EINVAL"), "mm/khugepaged.c:hugepage_madvise@v7.3"),
    "DONTDUMP": (16, ("0",), BEHAVIOR),
    "DODUMP": (17, ("0",), BEHAVIOR),
    "WIPEONFORK": (18, ("EINVAL",), BEHAVIOR),
    "KEEPONFORK": (19, ("0",), BEHAVIOR),
    "COLD": (20, ("0",), "mm/madvise.c:madvise_cold@v7.3"),
    "PAGEOUT": (21, ("0",), "mm/madvise.c:madvise_pageout@v7.3"),
    "POPULATE_READ": (22, ("0",), POPULATE),
    "POPULATE_WRITE": (23, ("0",), POPULATE),
    "DONTNEED_LOCKED": (24, ("0",), "mm/madvise.c:madvise_dontneed_free@v7.3"),
    "COLLAPSE": (25, ("EINVAL",), "mm/khugepaged.c:madvise_collapse@v7.3"),
    "GUARD_INSTALL": (102, ("0",), "mm/madvise.c:madvise_guard_install@v7.3"),
    "GUARD_REMOVE": (103, ("0",), "mm/madvise.c:madvise_guard_remove@v7.3"),
    "unknown": (99, ("EINVAL",), VALID),
}
CONFIGURED: Final = "EINVAL where the kernel is built without it"

MPOL_BIND: Final = 2
MPOL_UNKNOWN: Final = 99
MPOL_MF_MOVE: Final = 2
NO_NUMA: Final = ("ENOSYS", "EPERM")
NO_NUMA_NOTE: Final = "ENOSYS where the kernel is built without NUMA, EPERM where seccomp forbids"
MBIND: Final = "mm/mempolicy.c:do_mbind@v7.3"
GET_POLICY: Final = "virt/kvm/guest_memfd.c:kvm_gmem_get_policy@v7.3"


def cases() -> tuple[Case, ...]:
    """Return the questions, in the order of asking."""
    return (*_advice(), *_populating(), *_policy())


def _advice() -> Iterator[Case]:
    for words, (number, expected, source) in ADVICE.items():
        note = CONFIGURED if len(expected) > 1 else ""
        call = f"madvise({words}) of two pages"
        run = _advised(SHARED, number)
        yield Case(f"madvise {words}", call, run, always(*expected), source, SHARED, note)


def _populating() -> Iterator[Case]:
    write = ADVICE["POPULATE_WRITE"][0]
    yield Case(
        "madvise POPULATE_WRITE past the end", "madvise(POPULATE_WRITE) of a page past the end",
        _advised(SHARED, write, SIZE), always("EFAULT"), POPULATE, SHARED,
    )  # fmt: skip
    yield Case(
        "madvise POPULATE_WRITE of private", "madvise(POPULATE_WRITE) of private memory",
        _advised(MMAP, write), always("EFAULT"), POPULATE, MMAP,
    )  # fmt: skip


def _advised(flags: int, advice: int, offset: int = 0) -> Callable[[Bench], None]:
    def run(bench: Bench) -> None:
        address = bench.pages(bench.create(SIZE, flags), 2 * SIZE)
        system.madvise(address + offset, SIZE, advice)

    return run


# A container or a cluster's scheduler may keep a process from some nodes, node 0 among them.
def _allowed_node() -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^Mems_allowed_list:\s*(\d+)", status, re.MULTILINE)
    return int(found[1]) if found else 0


def _bind(address: int, mode: int = MPOL_BIND, flags: int = 0) -> None:
    system.set_policy(address, SIZE, mode=mode, node=_allowed_node(), flags=flags)


def _policy() -> Iterator[Case]:
    def bind(mode: int = MPOL_BIND, flags: int = 0) -> Callable[[Bench], None]:
        def run(bench: Bench) -> None:
            address = bench.pages(bench.create(SIZE, SHARED), SIZE)
            system.madvise(address, SIZE, ADVICE["POPULATE_WRITE"][0])
            _bind(address, mode, flags)

        return run

    def policy(bench: Bench) -> int:
        address = bench.pages(bench.create(SIZE, SHARED), SIZE)
        _bind(address)
        return system.policy_at(address)

    def policy_after_remap(bench: Bench) -> int:
        fd = bench.create(SIZE, SHARED)
        address = system.map_pages(fd, SIZE)
        try:
            _bind(address)
        finally:
            system.unmap(address, SIZE)
        return system.policy_at(bench.pages(fd, SIZE))

    kept = since("6.19", str(MPOL_BIND), "0")
    for name, call, run, expected, source in (
        ("mbind", "mbind(MPOL_BIND) to a node", bind(), always("0"), MBIND),
        ("mbind unknown", "mbind with an unknown mode", bind(MPOL_UNKNOWN), always("EINVAL"),
         "mm/mempolicy.c:sanitize_mpol_flags@v7.3"),
        ("mbind MPOL_MF_MOVE", "mbind(MPOL_BIND) to a node, with MPOL_MF_MOVE",
         bind(flags=MPOL_MF_MOVE), always("0"), MBIND),
        ("policy set", "mode of get_mempolicy(MPOL_F_ADDR) after mbind(MPOL_BIND)", policy,
         always(str(MPOL_BIND)), GET_POLICY),
        ("policy after remap", "the same after munmap and another mmap", policy_after_remap,
         kept, f"{GET_POLICY}; probed on 6.18"),
    ):  # fmt: skip
        yield Case(name, call, run, _or_no_numa(expected), source, SHARED, NO_NUMA_NOTE)


def _or_no_numa(expected: Expected) -> Expected:
    def allowed(kernel: Kernel) -> tuple[str, ...]:
        return (*expected(kernel), *NO_NUMA)

    return allowed
