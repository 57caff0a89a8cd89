"""Open what the questions are asked of, and close it again: /dev/kvm, VMs, guest_memfds."""

import errno
import fcntl
import os
from collections.abc import Mapping
from contextlib import ExitStack
from ctypes import Structure
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from gmemviz.errors import ProbeError
from gmemviz.facts import release_numbers
from gmemviz.probe import system
from gmemviz.probe.abi import CAPABILITIES, IOCTLS, MEM_FLAGS, PAGE, CreateGuestMemfd, MemoryRegion2

DEVICE: Final = "/dev/kvm"
# ENXIO: no driver has the number (fs/char_dev.c:chrdev_open@v6.12). ENODEV: one has the major and
# nobody the minor (drivers/char/misc.c:misc_open@v6.12). EPERM: the cgroup of devices
# (fs/namei.c:inode_permission@v6.12, before any driver is asked).
WHY: Final = {
    errno.ENOENT: "there is no /dev/kvm here: load KVM's module, or pass the device into the"
    " container (--device /dev/kvm)",
    errno.EACCES: "/dev/kvm may not be opened by this user: join the group that owns it"
    " (usually kvm)",
    errno.EPERM: "/dev/kvm may not be opened from here: the container does not allow the device",
    errno.ENODEV: "/dev/kvm has no driver behind it: this processor or machine gives no"
    " virtualization",
    errno.ENXIO: "/dev/kvm has no driver behind it: load KVM's module",
}


@dataclass(frozen=True)
class Kernel:
    """Say what the expected answers depend on: the version, and the capabilities of a VM."""

    version: tuple[int, ...]
    capabilities: Mapping[str, int]

    @property
    def flags(self) -> int:
        """Return the flags of KVM_CREATE_GUEST_MEMFD that this VM should take."""
        return self.capabilities.get("KVM_CAP_GUEST_MEMFD_FLAGS", 0)


class Bench:
    """Hold one VM; everything that it hands out is closed when its `with` block ends.

    The last made is the first to go, so a mapping goes before its file. No vCPU is ever made, so
    no guest runs and nothing but our own process can touch the memory. ProbeError says why
    /dev/kvm does not open.
    """

    def __init__(self, kernel: Kernel | None = None) -> None:
        self._open = ExitStack()
        self._fds: set[int] = set()
        try:
            self.device = self.keep(os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC))
            self.vm = self.keep(fcntl.ioctl(self.device, IOCTLS["KVM_CREATE_VM"], 0))
        except OSError as error:
            self._open.close()
            code = error.errno or 0
            raise ProbeError(WHY.get(code, f"/dev/kvm does not make a VM: {error}")) from error
        except BaseException:
            self._open.close()
            raise
        self.kernel = kernel or Kernel(release_numbers(os.uname().release), self.capabilities())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        where: TracebackType | None,
    ) -> None:  # fmt: skip
        self._open.close()

    def keep(self, fd: int) -> int:
        """Close `fd` when the bench is left, if `close` was not called before; return it."""
        self._fds.add(fd)
        self._open.callback(self.close, fd)
        return fd

    def close(self, fd: int) -> None:
        """Close an fd that the bench keeps."""
        if fd in self._fds:
            self._fds.discard(fd)
            os.close(fd)

    def capabilities(self, on: int | None = None) -> dict[str, int]:
        """Return what the VM, or another fd, answers for each of `CAPABILITIES`."""
        fd, check = self.vm if on is None else on, IOCTLS["KVM_CHECK_EXTENSION"]
        return {name: fcntl.ioctl(fd, check, number) for name, number in CAPABILITIES.items()}

    def create(self, size: int, flags: int = 0, reserved: int = 0) -> int:
        """Make a guest_memfd of `size` bytes; return its fd, which the bench closes."""
        arguments = CreateGuestMemfd(size, flags, (reserved,) * 6)
        return self.keep(self.call("KVM_CREATE_GUEST_MEMFD", arguments))

    def call(self, name: str, arguments: Structure, *, on: int | None = None) -> int:
        """Make one ioctl with a struct, on the VM or on another fd; return what it gives."""
        given: int = fcntl.ioctl(self.vm if on is None else on, IOCTLS[name], arguments)
        return given

    def bind(self, fd: int, **fields: int) -> int:
        """Make a memslot of a guest_memfd: one page, unless `fields` of MemoryRegion2 say else."""
        region = MemoryRegion2(flags=MEM_FLAGS["KVM_MEM_GUEST_MEMFD"], memory_size=PAGE)
        region.guest_memfd = fd
        for name, value in fields.items():
            setattr(region, name, value)
        return self.call("KVM_SET_USER_MEMORY_REGION2", region)

    def pages(self, fd: int, length: int, **how: int) -> int:
        """Map a file; return the address, which the bench unmaps."""
        address = system.map_pages(fd, length, **how)
        self._open.callback(system.unmap, address, length)
        return address
