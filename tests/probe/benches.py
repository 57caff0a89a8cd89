"""Stand in for a Bench where there is no /dev/kvm: memfds in place of guest_memfds."""

import os
from contextlib import ExitStack
from pathlib import Path

from gmemviz.probe.fixture import Bench, Kernel


class FakeBench(Bench):
    """Hold memfds, and eventfds in place of /dev/kvm and the VM."""

    flags = 3

    def __init__(self):
        self._open, self._fds = ExitStack(), set()
        self.device, self.vm = self.keep(os.eventfd(0)), self.keep(os.eventfd(0))
        self.kernel = Kernel((6, 18), {"KVM_CAP_GUEST_MEMFD_FLAGS": self.flags})

    def create(self, size, _flags=0, _reserved=0):
        fd = self.keep(os.memfd_create("gmemviz", os.MFD_CLOEXEC))
        os.truncate(fd, size)
        return fd


def open_fds():
    """Return the names of this process's fds."""
    return sorted(Path("/proc/self/fd").iterdir())
