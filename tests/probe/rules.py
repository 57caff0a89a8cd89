"""Which answers each call may have, read from the kernel's sources and not from our tables.

An answer is an errno, 0 for success. Linux 6.12 and 7.3 were read in full; what lies between
follows from the release that changed it. The checks stand in the kernel's order; a place in
brackets is the function that makes the check above it or on its line.
"""

from dataclasses import dataclass, field, replace
from errno import EBADF, EEXIST, EFAULT, EFBIG, EINVAL, ENOTTY, EOPNOTSUPP

from gmemviz.probe.fixture import Kernel

PAGE = 4096
WRAP = 2**64
SIGNED_TOP = 2**63 - 1

LOG_DIRTY, READONLY, GUEST_MEMFD = 1, 2, 4
KEEP_SIZE, PUNCH_HOLE = 0x01, 0x02
COLLAPSE, ZERO, INSERT, UNSHARE, WRITE_ZEROES = 0x08, 0x10, 0x20, 0x40, 0x80
WRITE_ZEROES_SINCE = (6, 17)

MAX_SLOT_PAGES = 2**31 - 1  # KVM_MEM_MAX_NR_PAGES, include/linux/kvm_host.h@v7.3
ALWAYS_GUEST_MEMFD = (6, 18)  # on every VM, where KVM is built with it
BINDS_LAST = (7, 2)  # kvm_gmem_commit_memory_region@v7.3; before, kvm_gmem_bind@v6.12 did all


@dataclass(frozen=True)
class Machine:
    """What the answers depend on: the kernel, and what its VM says of the processor."""

    kernel: Kernel
    spaces: int  # KVM_CAP_MULTI_ADDRESS_SPACE
    slots: int  # KVM_CAP_NR_MEMSLOTS
    has_readonly: bool  # KVM_CAP_READONLY_MEM
    last_gfn: int  # arch/x86/kvm/mmu.h:kvm_mmu_max_gfn@v7.3
    user_top: int  # the last sum that access_ok takes, arch/x86/include/asm/uaccess_64.h@v7.3


@dataclass(frozen=True)
class Region:
    """One KVM_SET_USER_MEMORY_REGION2. `file` is the number of a guest_memfd, or another kind."""

    slot: int
    flags: int
    gpa: int
    size: int
    uaddr: int
    offset: int
    file: int | str
    is_readable: bool = True
    is_first_form: bool = False  # KVM_SET_USER_MEMORY_REGION


@dataclass(frozen=True)
class Vm:
    """The open guest_memfds, {number: size}, and the memslots, by KVM's whole slot number."""

    files: dict[int, int] = field(default_factory=dict)
    slots: dict[int, Region] = field(default_factory=dict)


def has_guest_memfd(kernel):
    """Say whether a memslot of this VM may have a guest_memfd, by the VM's own word."""
    return kernel.capabilities.get("KVM_CAP_GUEST_MEMFD", 0) > 0


def one_of(*answers):
    return frozenset(answers)


def signed(number):
    return number - WRAP if number >= 2**63 else number


# --- KVM_CREATE_GUEST_MEMFD -----------------------------------------------------------------


def create(kernel, size, flags, *, is_readable):
    """virt/kvm/guest_memfd.c:kvm_gmem_create@v7.3, the same in 6.12; reserved[] is not read."""
    built = has_guest_memfd(kernel)
    if not built and kernel.version >= ALWAYS_GUEST_MEMFD:
        return one_of(ENOTTY)  # virt/kvm/kvm_main.c:kvm_vm_ioctl@v7.3, under #ifdef
    # Earlier the capability only says that this VM may bind one, not that none can be made.
    absent = one_of() if built else one_of(ENOTTY)
    if not is_readable:
        return absent | {EFAULT}  # virt/kvm/kvm_main.c:kvm_vm_ioctl@v7.3
    if flags & ~kernel.flags or signed(size) <= 0 or size % PAGE:
        return absent | {EINVAL}
    return absent | {0}


# --- fallocate of a guest_memfd -------------------------------------------------------------


def fallocate(kernel, mode, offset, length, *, size):
    """fs/open.c:vfs_fallocate@v7.3, the same in 6.12 but for a mode that is newer."""
    if offset < 0 or length <= 0:
        return one_of(EINVAL)
    if not _is_one_mode(kernel, mode):
        return one_of(EOPNOTSUPP)
    if offset + length > SIGNED_TOP:
        return one_of(EFBIG)  # s_maxbytes is the same, fs/libfs.c:pseudo_fs_fill_super@v7.3
    return _guest_memfd_fallocate(mode, offset, length, size)


def _guest_memfd_fallocate(mode, offset, length, size):
    """virt/kvm/guest_memfd.c:kvm_gmem_fallocate@v7.3, the same in 6.12."""
    if not mode & KEEP_SIZE or mode & ~(KEEP_SIZE | PUNCH_HOLE):
        return one_of(EOPNOTSUPP)
    if offset % PAGE or length % PAGE:
        return one_of(EINVAL)
    if not mode & PUNCH_HOLE and offset + length > size:
        return one_of(EINVAL)  # [kvm_gmem_allocate]
    return one_of(0)


def _is_one_mode(kernel, mode):
    kept, mode = mode & KEEP_SIZE, mode & ~KEEP_SIZE
    if mode == PUNCH_HOLE:
        return bool(kept)
    if mode == WRITE_ZEROES:
        return not kept and kernel.version >= WRITE_ZEROES_SINCE
    return mode in {0, UNSHARE, ZERO} or (mode in {COLLAPSE, INSERT} and not kept)


# --- KVM_SET_USER_MEMORY_REGION2 ------------------------------------------------------------


def region(machine, vm, asked):
    """virt/kvm/kvm_main.c:kvm_vm_ioctl, kvm_set_memory_region@v7.3 (6.12: __kvm_...)."""
    if not asked.is_readable or not _is_sane(machine, asked):
        return one_of(EINVAL if asked.is_readable else EFAULT)
    old = vm.slots.get(asked.slot)
    if not asked.size:
        return one_of(0 if old else EINVAL)
    if old:
        return _modified(machine, vm, asked, old)
    if _overlaps(vm, asked):
        return one_of(EEXIST)
    if asked.flags & GUEST_MEMFD:
        return _bound(machine, vm, asked)
    return _placed(machine, asked)


def _is_sane(machine, asked):
    known = LOG_DIRTY | (GUEST_MEMFD if has_guest_memfd(machine.kernel) else 0)
    if asked.flags & GUEST_MEMFD:
        known &= ~LOG_DIRTY
    elif machine.has_readonly:
        known |= READONLY  # [check_memory_region_flags]
    first = not asked.is_first_form or not asked.flags & ~(LOG_DIRTY | READONLY)
    private = not asked.flags & GUEST_MEMFD or (
        not asked.offset % PAGE and asked.offset + asked.size < WRAP
    )
    return (
        first
        and private
        and not asked.flags & ~known
        and asked.slot & 0xFFFF < machine.slots
        and asked.slot >> 16 < machine.spaces
        and not any(number % PAGE for number in (asked.size, asked.gpa, asked.uaddr))
        and asked.uaddr + asked.size <= machine.user_top
        and asked.gpa + asked.size < WRAP
        and asked.size // PAGE <= MAX_SLOT_PAGES
    )


def _modified(machine, vm, asked, old):
    fixed = READONLY | GUEST_MEMFD
    if asked.flags & GUEST_MEMFD or (asked.flags ^ old.flags) & fixed:
        return one_of(EINVAL)
    if (asked.uaddr, asked.size) != (old.uaddr, old.size):
        return one_of(EINVAL)
    if asked.gpa == old.gpa:
        return one_of(0)
    return one_of(EEXIST) if _overlaps(vm, asked) else _placed(machine, asked)


def _overlaps(vm, asked):
    """virt/kvm/kvm_main.c:kvm_check_memslot_overlap@v7.3: another slot of the same space."""
    return any(
        other.slot >> 16 == asked.slot >> 16
        and other.slot != asked.slot
        and _meet(other.gpa, other.size, asked.gpa, asked.size)
        for other in vm.slots.values()
    )


def _placed(machine, asked):
    """arch/x86/kvm/x86.c:kvm_arch_prepare_memory_region@v7.3."""
    last = (asked.gpa + asked.size) // PAGE - 1
    return one_of(EINVAL if last > machine.last_gfn else 0)


def _bound(machine, vm, asked):
    """virt/kvm/guest_memfd.c:kvm_gmem_prepare_memory_region@v7.3, kvm_gmem_bind@v6.12."""
    if asked.file == "closed":
        return one_of(EBADF)
    if asked.file not in vm.files:
        return one_of(EINVAL)  # not a guest_memfd, or another VM's
    end, strict = asked.offset + asked.size, machine.kernel.version >= BINDS_LAST
    # Up to 7.1 the sum was a loff_t, which overflowed; stable kernels got the u64 of 7.2.
    overflowed = not strict and asked.offset <= SIGNED_TOP < end
    if end > vm.files[asked.file] and not overflowed:
        return one_of(EINVAL)
    taken = any(
        other.file == asked.file and _meet(other.offset, other.size, asked.offset, asked.size)
        for other in vm.slots.values()
        if other.flags & GUEST_MEMFD
    )
    placed = _placed(machine, asked)  # of two mistakes, 7.2 and later name this one
    if taken and placed == {0}:
        return one_of(EEXIST if strict else EINVAL)  # kvm_gmem_commit_memory_region@v7.3
    return placed | {EINVAL} if overflowed else placed


def _meet(start, size, other_start, other_size):
    return start < other_start + other_size and other_start < start + size


# --- what a success leaves ------------------------------------------------------------------


def after_region(vm, asked):
    """The VM after KVM took `asked`: a slot more, moved, with other flags, or deleted."""
    slots = {slot: had for slot, had in vm.slots.items() if slot != asked.slot}
    return replace(vm, slots={**slots, asked.slot: asked} if asked.size else slots)


def after_close(vm, number):
    """virt/kvm/guest_memfd.c:kvm_gmem_release@v7.3: slots stay, without what they were bound to."""
    files = {file: size for file, size in vm.files.items() if file != number}
    slots = {
        slot: replace(had, file="released") if had.file == number else had
        for slot, had in vm.slots.items()
    }
    return Vm(files, slots)
