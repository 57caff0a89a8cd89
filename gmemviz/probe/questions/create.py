"""Ask KVM_CREATE_GUEST_MEMFD for what it should make and what it should refuse."""

import fcntl
import os
import resource
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Final

from gmemviz.probe.abi import EXPERIMENTAL_VM_TYPE, FLAGS, IOCTLS, PAGE, CreateGuestMemfd
from gmemviz.probe.case import Case, always
from gmemviz.probe.fixture import Bench, Kernel

CREATE: Final = "virt/kvm/guest_memfd.c:kvm_gmem_create@v7.3"
IOCTL: Final = "virt/kvm/kvm_main.c:kvm_vm_ioctl@v7.3"
UNKNOWN: Final = (1 << 2, 1 << 3, 1 << 63)
SIZES: Final = {
    "0": (0, "EINVAL"),
    "1": (1, "EINVAL"),
    "a page and one byte": (PAGE + 1, "EINVAL"),
    "2^63": (2**63, "EINVAL"),
    "-1 page": (2**64 - PAGE, "EINVAL"),
    "2^63 less a page": (2**63 - PAGE, "0"),
}


def cases() -> tuple[Case, ...]:
    """Return the questions, in the order of asking."""
    return (*_flags(), *_sizes(), *_arguments(), *_descriptors())


def _flags() -> Iterator[Case]:
    bits = FLAGS.values()
    known = [sum(some) for count in range(len(bits) + 1) for some in combinations(bits, count)]
    for flags in (*known, *UNKNOWN):
        yield Case(
            f"create flags {flags:#x}", f"KVM_CREATE_GUEST_MEMFD with {flag_words(flags)}",
            _create(PAGE, flags), _taken(flags), CREATE,
        )  # fmt: skip


def flag_words(flags: int) -> str:
    """Return flags by their names, unknown ones as a number."""
    names = [name.removeprefix("GUEST_MEMFD_FLAG_") for name, bit in FLAGS.items() if flags & bit]
    return "|".join(names) or (f"the unknown flag {flags:#x}" if flags else "no flags")


def _taken(flags: int) -> Callable[[Kernel], tuple[str, ...]]:
    return lambda kernel: ("EINVAL",) if flags & ~kernel.flags else ("0",)


def _create(size: int, flags: int = 0, reserved: int = 0) -> Callable[[Bench], None]:
    return lambda bench: bench.close(bench.create(size, flags, reserved))


def _sizes() -> Iterator[Case]:
    for words, (size, expected) in SIZES.items():
        call = f"KVM_CREATE_GUEST_MEMFD with size {words}"
        yield Case(f"create size {words}", call, _create(size), always(expected), CREATE)


def _arguments() -> Iterator[Case]:
    create = IOCTLS["KVM_CREATE_GUEST_MEMFD"]
    arguments = CreateGuestMemfd(size=PAGE)
    yield Case(
        "create reserved", "KVM_CREATE_GUEST_MEMFD with reserved[] not zero",
        _create(PAGE, reserved=1), always("0"), CREATE,
    )  # fmt: skip
    yield Case(
        "create NULL", "KVM_CREATE_GUEST_MEMFD with no struct",
        lambda bench: fcntl.ioctl(bench.vm, create, 0), always("EFAULT"), IOCTL,
    )  # fmt: skip
    yield Case(
        "create on /dev/kvm", "KVM_CREATE_GUEST_MEMFD on /dev/kvm, not on a VM",
        lambda bench: bench.call("KVM_CREATE_GUEST_MEMFD", arguments, on=bench.device),
        always("EINVAL"), "arch/x86/kvm/x86.c:kvm_arch_dev_ioctl@v7.3",
    )  # fmt: skip
    yield Case(
        "create on an eventfd", "KVM_CREATE_GUEST_MEMFD on an eventfd",
        lambda bench: bench.call(
            "KVM_CREATE_GUEST_MEMFD", arguments, on=bench.keep(os.eventfd(0))
        ),
        always("ENOTTY"), "fs/ioctl.c:vfs_ioctl@v7.3",
    )  # fmt: skip
    yield Case(
        "create without a free fd", "KVM_CREATE_GUEST_MEMFD with the table of fds full",
        _create_without_fds, always("EMFILE"), "virt/kvm/guest_memfd.c:__kvm_gmem_create@v7.3",
    )  # fmt: skip


def _create_without_fds(bench: Bench) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(bench.vm)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        bench.close(bench.create(PAGE))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _descriptors() -> Iterator[Case]:
    made = "virt/kvm/guest_memfd.c:__kvm_gmem_create@v7.3"
    yield Case(
        "create close-on-exec", "FD_CLOEXEC of a new guest_memfd",
        lambda bench: fcntl.fcntl(bench.create(PAGE), fcntl.F_GETFD), always("0"), made,
        note="a program that is started by exec inherits it",
    )  # fmt: skip
    yield Case(
        "VM of type 1", "KVM_CREATE_VM of type 1, with private memory in software only",
        _software_vm, _by_vm_types, "arch/x86/kvm/x86.c:kvm_is_vm_type_supported@v7.3",
    )  # fmt: skip


def _software_vm(bench: Bench) -> None:
    os.close(fcntl.ioctl(bench.device, IOCTLS["KVM_CREATE_VM"], EXPERIMENTAL_VM_TYPE))


def _by_vm_types(kernel: Kernel) -> tuple[str, ...]:
    types = kernel.capabilities.get("KVM_CAP_VM_TYPES", 0)
    return ("0",) if types >> EXPERIMENTAL_VM_TYPE & 1 else ("EINVAL",)
