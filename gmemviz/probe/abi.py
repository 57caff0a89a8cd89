"""Name what KVM's user interface is made of: ioctl numbers, structs, flags, capabilities.

Numbers are computed from the structs' sizes as include/uapi/asm-generic/ioctl.h@v7.3 lays
them out, which x86-64 and arm64 share; the rest is from include/uapi/linux/kvm.h@v7.3.
"""

from ctypes import Structure, c_uint32, c_uint64, sizeof
from typing import Final

PAGE: Final = 4096
# The type of every ioctl of KVM: bits 8 to 15.
KVMIO: Final = 0xAE

# Who moves the struct, seen from user space: bits 30 and 31; its size is in bits 16 to 29.
WRITE, READ = 1, 2


class CreateGuestMemfd(Structure):
    """Match struct kvm_create_guest_memfd: 64 bytes."""

    _fields_ = [("size", c_uint64), ("flags", c_uint64), ("reserved", c_uint64 * 6)]


class MemoryRegion(Structure):
    """Match struct kvm_userspace_memory_region: 32 bytes."""

    _fields_ = [
        ("slot", c_uint32),
        ("flags", c_uint32),
        ("guest_phys_addr", c_uint64),
        ("memory_size", c_uint64),
        ("userspace_addr", c_uint64),
    ]


class MemoryRegion2(Structure):
    """Match struct kvm_userspace_memory_region2: the 32 bytes of the first, 160 in all."""

    _fields_ = [
        *MemoryRegion._fields_,
        ("guest_memfd_offset", c_uint64),
        ("guest_memfd", c_uint32),
        ("pad1", c_uint32),
        ("pad2", c_uint64 * 14),
    ]


class MemoryAttributes(Structure):
    """Match struct kvm_memory_attributes: 32 bytes."""

    _fields_ = [(name, c_uint64) for name in ("address", "size", "attributes", "flags")]


def _io(number: int, direction: int = 0, struct: type[Structure] | None = None) -> int:
    return direction << 30 | (sizeof(struct) if struct else 0) << 16 | KVMIO << 8 | number


IOCTLS: Final = {
    "KVM_GET_API_VERSION": _io(0x00),
    "KVM_CREATE_VM": _io(0x01),
    "KVM_CHECK_EXTENSION": _io(0x03),
    "KVM_SET_USER_MEMORY_REGION": _io(0x46, WRITE, MemoryRegion),
    "KVM_SET_USER_MEMORY_REGION2": _io(0x49, WRITE, MemoryRegion2),
    "KVM_SET_MEMORY_ATTRIBUTES": _io(0xD2, WRITE, MemoryAttributes),
    "KVM_CREATE_GUEST_MEMFD": _io(0xD4, READ | WRITE, CreateGuestMemfd),
}

# Numbers of KVM_CHECK_EXTENSION, which answers 0 to those that a kernel does not know.
CAPABILITIES: Final = {
    "KVM_CAP_USER_MEMORY2": 231,
    "KVM_CAP_MEMORY_FAULT_INFO": 232,
    "KVM_CAP_MEMORY_ATTRIBUTES": 233,
    "KVM_CAP_GUEST_MEMFD": 234,
    "KVM_CAP_VM_TYPES": 235,
    "KVM_CAP_PRE_FAULT_MEMORY": 236,
    "KVM_CAP_GUEST_MEMFD_FLAGS": 244,
}

# Flags of KVM_CREATE_GUEST_MEMFD that some kernel knows.
FLAGS: Final = {"GUEST_MEMFD_FLAG_MMAP": 1, "GUEST_MEMFD_FLAG_INIT_SHARED": 2}

# A file that can be mapped. Its memory is private, so a touch of it ends in SIGBUS
# (virt/kvm/guest_memfd.c:kvm_gmem_fault_user_mapping@v7.3).
MAPPABLE: Final = FLAGS["GUEST_MEMFD_FLAG_MMAP"]

# A file that can be mapped and touched: its memory is shared from the start.
TOUCHABLE: Final = MAPPABLE | FLAGS["GUEST_MEMFD_FLAG_INIT_SHARED"]

MEM_FLAGS: Final = {"KVM_MEM_LOG_DIRTY_PAGES": 1, "KVM_MEM_READONLY": 2, "KVM_MEM_GUEST_MEMFD": 4}

# File systems by f_type, from include/uapi/linux/magic.h@v7.3.
MAGICS: Final = {
    0x09041934: "ANON_INODE_FS_MAGIC",
    0x474D454D: "GUEST_MEMFD_MAGIC",
    0x5345434D: "SECRETMEM_MAGIC",
    0x01021994: "TMPFS_MAGIC",
    0x958458F6: "HUGETLBFS_MAGIC",
    0x50495045: "PIPEFS_MAGIC",
    0x534F434B: "SOCKFS_MAGIC",
    0x50494446: "PID_FS_MAGIC",
}


def flag_words(flags: int) -> str:
    """Return flags of KVM_CREATE_GUEST_MEMFD by their names, unknown ones as a number.

    >>> flag_words(3), flag_words(4), flag_words(0)
    ('MMAP|INIT_SHARED', 'the unknown flag 0x4', 'no flags')
    """
    if not flags:
        return "no flags"
    names = [name.removeprefix("GUEST_MEMFD_FLAG_") for name, bit in FLAGS.items() if flags & bit]
    return "|".join(names) or f"the unknown flag {flags:#x}"
