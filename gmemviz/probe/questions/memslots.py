"""Ask KVM_SET_USER_MEMORY_REGION2 to bind a guest_memfd to guest memory, well and badly."""

import fcntl
import os
from collections.abc import Callable, Iterator
from typing import Final

from gmemviz.probe.abi import (
    FLAGS,
    IOCTLS,
    MEM_FLAGS,
    PAGE,
    CreateGuestMemfd,
    MemoryRegion,
    MemoryRegion2,
)
from gmemviz.probe.case import Case, Expected, always, since
from gmemviz.probe.fixture import Bench, Kernel
from gmemviz.probe.questions import attributes

SIZE: Final = 2 * PAGE
FLAG: Final = MEM_FLAGS["KVM_MEM_GUEST_MEMFD"]
BAD_FD: Final = 2**32 - 1
KERNEL_HALF: Final = 0xFFFF_8000_0000_0000
"""An address that is the kernel's on every 64-bit machine."""

IOCTL: Final = "virt/kvm/kvm_main.c:kvm_vm_ioctl@v7.3"
BY_ID: Final = "virt/kvm/kvm_main.c:kvm_vm_ioctl_set_memory_region@v7.3"
BY_FLAGS: Final = "virt/kvm/kvm_main.c:check_memory_region_flags@v7.3"
REGION: Final = "virt/kvm/kvm_main.c:kvm_set_memory_region@v7.3"
PREPARE: Final = "virt/kvm/guest_memfd.c:kvm_gmem_prepare_memory_region@v7.3"
COMMIT: Final = "virt/kvm/guest_memfd.c:kvm_gmem_commit_memory_region@v7.3"

# In words: fields of the struct, answer, place. The rest is one page of slot 0, and good.
ONE: Final[dict[str, tuple[dict[str, int], str, str]]] = {
    "good": ({}, "0", f"{COMMIT}; virt/kvm/kvm_main.c:check_memory_region_flags@v6.12"),
    "pad1 not zero": ({"pad1": 1}, "0", COMMIT),
    "with READONLY": ({"flags": FLAG | MEM_FLAGS["KVM_MEM_READONLY"]}, "EINVAL", BY_FLAGS),
    "with LOG_DIRTY_PAGES": (
        {"flags": FLAG | MEM_FLAGS["KVM_MEM_LOG_DIRTY_PAGES"]}, "EINVAL", BY_FLAGS,
    ),
    "with an unknown flag": ({"flags": FLAG | 8}, "EINVAL", BY_FLAGS),
    "slot 65535": ({"slot": 0xFFFF}, "EINVAL", BY_ID),
    "address space 2": ({"slot": 2 << 16}, "EINVAL", REGION),
    "size unaligned": ({"memory_size": PAGE + 1}, "EINVAL", REGION),
    "guest address unaligned": ({"guest_phys_addr": 1}, "EINVAL", REGION),
    "guest address wraps": ({"guest_phys_addr": 2**64 - PAGE}, "EINVAL", REGION),
    "user address unaligned": ({"userspace_addr": 1}, "EINVAL", REGION),
    "user address of the kernel": ({"userspace_addr": KERNEL_HALF}, "EINVAL", REGION),
    "user address unmapped": ({"userspace_addr": PAGE}, "0", COMMIT),
    "offset unaligned": ({"guest_memfd_offset": 1}, "EINVAL", REGION),
    "offset wraps": ({"guest_memfd_offset": 2**64 - PAGE}, "EINVAL", REGION),
    "offset at the end": ({"guest_memfd_offset": SIZE}, "EINVAL", PREPARE),
    "over the end": ({"memory_size": SIZE, "guest_memfd_offset": PAGE}, "EINVAL", PREPARE),
    "delete missing": ({"memory_size": 0}, "EINVAL", REGION),
    "bad fd": ({"guest_memfd": BAD_FD}, "EBADF", PREPARE),
    "bad fd, past the end": (
        {"guest_memfd": BAD_FD, "guest_memfd_offset": SIZE}, "EBADF", PREPARE,
    ),
    "bad fd, offset unaligned": (
        {"guest_memfd": BAD_FD, "guest_memfd_offset": 1}, "EINVAL", REGION,
    ),
}  # fmt: skip

# The same of a second call on the same guest_memfd, after a good one.
TWO: Final[dict[str, tuple[dict[str, int], str, str]]] = {
    "second slot": (
        {"slot": 1, "guest_phys_addr": PAGE, "guest_memfd_offset": PAGE}, "0", COMMIT,
    ),
    "guest address taken": ({"slot": 1, "guest_memfd_offset": PAGE}, "EEXIST", REGION),
    "guest address taken, bad fd": ({"slot": 1, "guest_memfd": BAD_FD}, "EEXIST", REGION),
    "repeat": ({}, "EINVAL", REGION),
    "move": ({"guest_phys_addr": SIZE}, "EINVAL", REGION),
    "grow": ({"memory_size": SIZE}, "EINVAL", REGION),
    "drop the flag": ({"flags": 0}, "EINVAL", REGION),
    "existing slot, bad fd": ({"guest_memfd": BAD_FD}, "EINVAL", REGION),
    "delete": ({"memory_size": 0}, "0", REGION),
    "delete without the flag": ({"memory_size": 0, "flags": 0}, "0", REGION),
    "delete with a bad fd": ({"memory_size": 0, "guest_memfd": BAD_FD}, "0", REGION),
}  # fmt: skip


def cases() -> tuple[Case, ...]:
    """Return the questions, in the order of asking."""
    return (
        *_once(),
        *_twice(),
        *_taken_ranges(),
        *_files(),
        *_lives(),
        *_other_calls(),
        *attributes.cases(),
    )


def _where_taken(expected: Expected) -> Expected:
    """Expect that of a VM whose memslots may have a guest_memfd; else the flag is refused first.

    Up to 6.12 only a VM with private memory may (KVM_CAP_GUEST_MEMFD of a VM says so):
    virt/kvm/kvm_main.c:check_memory_region_flags@v6.12.
    """

    def of_kernel(kernel: Kernel) -> tuple[str, ...]:
        return expected(kernel) if kernel.has_guest_memfd else ("EINVAL",)

    return of_kernel


def _once() -> Iterator[Case]:
    for words, (fields, expected, source) in ONE.items():
        run = _bound(fields)
        yield Case(
            f"memslot {words}", f"a guest_memfd memslot: {words}", run,
            _where_taken(always(expected)), source,
        )  # fmt: skip
    # The sum passes the end of a signed number; 0 is the bug that the unsigned sum mends.
    yield Case(
        "memslot offset passes 2^63", "a guest_memfd memslot: offset 2^63 less a page",
        _bound({"guest_memfd_offset": 2**63 - PAGE}), _where_taken(_signed_sum),
        f"{PREPARE}; probed on 6.18",
        note="0 is a bug of kernels before 7.2: the sum was signed; stable kernels may have the"
        " correction",
    )  # fmt: skip


def _bound(fields: dict[str, int]) -> Callable[[Bench], int]:
    return lambda bench: bench.bind(bench.create(SIZE), **fields)


def _signed_sum(kernel: Kernel) -> tuple[str, ...]:
    return ("EINVAL",) if kernel.version >= (7, 2) else ("0", "EINVAL")


def _twice() -> Iterator[Case]:
    for words, (fields, expected, source) in TWO.items():
        run = _bound_after(PAGE, fields)
        call = f"a guest_memfd memslot, after another: {words}"
        yield Case(f"memslot {words}", call, run, _where_taken(always(expected)), source)


def _bound_after(first_size: int, fields: dict[str, int]) -> Callable[[Bench], int]:
    def run(bench: Bench) -> int:
        gmem = bench.create(SIZE)
        bench.bind(gmem, memory_size=first_size)
        return bench.bind(gmem, **fields)

    return run


def _taken_ranges() -> Iterator[Case]:
    taken = _where_taken(since("7.2", "EEXIST", "EINVAL"))
    source = f"{COMMIT}; virt/kvm/guest_memfd.c:kvm_gmem_bind@v6.12"
    away = {"slot": 1, "guest_phys_addr": SIZE}
    for words, first_size, fields in (
        ("range taken", PAGE, away),
        ("range taken in part", SIZE, {**away, "guest_memfd_offset": PAGE}),
    ):
        call = f"a guest_memfd memslot, after another: {words}"
        yield Case(f"memslot {words}", call, _bound_after(first_size, fields), taken, source)


def _files() -> Iterator[Case]:
    def another_vm(bench: Bench) -> int:
        vm = bench.keep(fcntl.ioctl(bench.device, IOCTLS["KVM_CREATE_VM"], 0))
        return bench.keep(bench.call("KVM_CREATE_GUEST_MEMFD", CreateGuestMemfd(SIZE), on=vm))

    def path_fd(bench: Bench) -> int:
        name = f"/proc/self/fd/{bench.create(SIZE)}"
        return bench.keep(os.open(name, os.O_PATH | os.O_CLOEXEC))

    def memfd(bench: Bench) -> int:
        return bench.keep(os.memfd_create("gmemviz", os.MFD_CLOEXEC))

    mmap = FLAGS["GUEST_MEMFD_FLAG_MMAP"]
    shared = mmap | FLAGS["GUEST_MEMFD_FLAG_INIT_SHARED"]
    for words, make, expected, source, flags in (
        ("of an eventfd", lambda b: b.keep(os.eventfd(0)), "EINVAL", PREPARE, 0),
        ("of a memfd", memfd, "EINVAL", PREPARE, 0),
        ("of the VM's fd", lambda b: b.vm, "EINVAL", PREPARE, 0),
        ("of another VM's", another_vm, "EINVAL", PREPARE, 0),
        ("of an O_PATH fd", path_fd, "EBADF", "fs/file.c:fget@v7.3", 0),
        ("of a mappable one", lambda b: b.create(SIZE, mmap), "0", COMMIT, mmap),
        ("of a shared one", lambda b: b.create(SIZE, shared), "0", COMMIT, shared),
    ):
        run = _bound_file(make)
        call = f"a guest_memfd memslot {words}"
        yield Case(f"memslot {words}", call, run, _where_taken(always(expected)), source, flags)


def _bound_file(make: Callable[[Bench], int]) -> Callable[[Bench], int]:
    return lambda bench: bench.bind(make(bench))


def _lives() -> Iterator[Case]:
    def delete_after_close(bench: Bench) -> int:
        gmem = bench.create(SIZE)
        bench.bind(gmem)
        bench.close(gmem)
        return bench.bind(BAD_FD, memory_size=0)

    def bind_again(bench: Bench) -> int:
        gmem = bench.create(SIZE)
        bench.bind(gmem)
        bench.bind(gmem, memory_size=0)
        return bench.bind(gmem)

    for words, run, expected, source in (
        ("deleted after close", delete_after_close, "0", REGION),
        ("bound again after deletion", bind_again, "0", COMMIT),
    ):
        call = f"a guest_memfd memslot {words}"
        yield Case(f"memslot {words}", call, run, _where_taken(always(expected)), source)


def _other_calls() -> Iterator[Case]:
    def pad2(bench: Bench) -> int:
        region = MemoryRegion2(flags=FLAG, memory_size=PAGE, guest_memfd=bench.create(SIZE))
        region.pad2 = (1,) * len(region.pad2)
        return bench.call("KVM_SET_USER_MEMORY_REGION2", region)

    def gain(bench: Bench) -> int:
        bench.bind(0, flags=0)
        return bench.bind(bench.create(SIZE))

    def legacy(bench: Bench) -> int:
        region = MemoryRegion(flags=FLAG, memory_size=PAGE)
        return bench.call("KVM_SET_USER_MEMORY_REGION", region)

    def null(bench: Bench) -> int:
        return fcntl.ioctl(bench.vm, IOCTLS["KVM_SET_USER_MEMORY_REGION2"], 0)

    yield Case(
        "memslot pad2 not zero", "a guest_memfd memslot: pad2 not zero", pad2,
        _where_taken(always("0")), COMMIT,
    )  # fmt: skip
    for words, call, run, expected, source in (
        ("ordinary", "a memslot without guest_memfd", lambda b: b.bind(0, flags=0), "0", REGION),
        ("gains a guest_memfd", "a guest_memfd for an ordinary memslot", gain, "EINVAL", REGION),
        ("legacy", "KVM_SET_USER_MEMORY_REGION with KVM_MEM_GUEST_MEMFD", legacy, "EINVAL", IOCTL),
        ("NULL", "KVM_SET_USER_MEMORY_REGION2 with no struct", null, "EFAULT", IOCTL),
    ):
        yield Case(f"memslot {words}", call, run, always(expected), source)
