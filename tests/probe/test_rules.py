"""The tables against the rules: a KVM that answers by the rules alone is asked what the tables ask.

So the expectations are held by a second reading of the sources also for kernels that no machine
here runs.
"""

import errno
import fcntl
import os
from contextlib import ExitStack

import pytest

from gmemviz.probe import system
from gmemviz.probe.abi import IOCTLS
from gmemviz.probe.fixture import Bench, Kernel
from gmemviz.probe.questions import cases
from tests.probe import rules

NAMES = {number: name for name, number in IOCTLS.items()}
FIRST_FORM = "KVM_SET_USER_MEMORY_REGION"
FALLOCATE = [case for case in cases("file") if case.name.startswith(("fallocate", "punch"))]
CASES = [*cases("create"), *FALLOCATE, *cases("memslot")]
NEW = {"KVM_CAP_GUEST_MEMFD": 1, "KVM_CAP_GUEST_MEMFD_FLAGS": 3}
KERNELS = {
    "6.12": Kernel((6, 12, 117), {}),
    "6.12, private": Kernel((6, 12, 117), {"KVM_CAP_GUEST_MEMFD": 1}),
    "6.18": Kernel((6, 18, 44), NEW),
    "7.1": Kernel((7, 1), NEW),
    "7.2": Kernel((7, 2), NEW),
    "7.3": Kernel((7, 3, 4), NEW),
    "7.3, private": Kernel((7, 3, 4), {**NEW, "KVM_CAP_GUEST_MEMFD_FLAGS": 1}),
}
NOT_RULED = {"create on /dev/kvm", "create on an eventfd", "VM of type 1"}
NO_RULES = "attributes "  # what KVM_SET_MEMORY_ATTRIBUTES is asked


class NotRuledError(Exception):
    """The rules say nothing of this call."""


class FakeKvm:
    """Answer as the rules allow: with success, or with failure, where both may be."""

    def __init__(self, kernel, spaces, pick):
        self.kernel, self.pick, self.vms = kernel, pick, {}
        self.machine = rules.Machine(kernel, spaces, 32764, True, 2**40 - 1, 2**47 - 4096)

    def make_vm(self):
        fd = os.eventfd(0)
        self.vms[fd] = rules.Vm()
        return fd

    def answer(self, allowed):
        code = self.pick(allowed - {errno.ENOTTY} or allowed)  # KVM is built with guest_memfd
        if code:
            raise OSError(code, os.strerror(code))

    def ioctl(self, fd, number, arguments=0):
        name = NAMES[number]
        if name == "KVM_CREATE_VM" and not arguments:
            return self.make_vm()
        if fd not in self.vms:
            raise NotRuledError
        self.vms[fd] = without_closed(self.vms[fd])
        if name == "KVM_CREATE_GUEST_MEMFD":
            return self.create(fd, arguments)
        if name.startswith(FIRST_FORM):
            return self.region(fd, arguments, is_first_form=name == FIRST_FORM)
        raise NotRuledError

    def create(self, vm, struct):
        words = (struct.size, struct.flags) if struct else (0, 0)
        self.answer(rules.create(self.kernel, *words, is_readable=bool(struct)))
        fd = os.memfd_create("fake", 0)
        self.vms[vm] = rules.Vm({**self.vms[vm].files, fd: struct.size}, self.vms[vm].slots)
        return fd

    def region(self, vm, struct, *, is_first_form):
        if not struct:
            asked = rules.Region(0, 0, 0, 0, 0, 0, "closed", is_readable=False)
        else:
            file = getattr(struct, "guest_memfd", 0)
            asked = rules.Region(
                struct.slot, struct.flags, struct.guest_phys_addr, struct.memory_size,
                struct.userspace_addr, getattr(struct, "guest_memfd_offset", 0),
                file if file in self.vms[vm].files else kind(file), is_first_form=is_first_form,
            )  # fmt: skip
        self.answer(rules.region(self.machine, self.vms[vm], asked))
        self.vms[vm] = rules.after_region(self.vms[vm], asked)
        return 0

    def fallocate(self, fd, mode, offset, length):
        size = next(vm.files[fd] for vm in self.vms.values() if fd in vm.files)
        self.answer(rules.fallocate(self.kernel, mode, offset, length, size=size))


def kind(fd):
    try:
        return "closed" if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_PATH else "other"
    except (OSError, OverflowError):
        return "closed"


def without_closed(vm):
    for file in vm.files:
        if kind(file) == "closed":
            vm = rules.after_close(vm, file)
    return vm


class FakeBench(Bench):
    def __init__(self, kvm):
        self._open, self._fds, self.kernel = ExitStack(), set(), kvm.kernel
        self.device, self.vm = self.keep(os.eventfd(0)), self.keep(kvm.make_vm())


@pytest.mark.parametrize("spaces", [1, 2])
@pytest.mark.parametrize("name", KERNELS)
def test_the_tables_expect_what_the_rules_allow(name, spaces, monkeypatch):
    kernel, differ, skipped = KERNELS[name], [], set()
    for case in CASES:
        if case.flags & ~kernel.flags or case.name.startswith(NO_RULES):
            continue
        got = set()
        for pick in (min, max):  # 0 is the least
            kvm = FakeKvm(kernel, spaces, pick)
            with monkeypatch.context() as patch:
                patch.setattr(fcntl, "ioctl", kvm.ioctl)
                patch.setattr(system, "fallocate", kvm.fallocate)
                try:
                    with FakeBench(kvm) as bench:
                        got.add(system.answer(lambda: case.run(bench)))  # noqa: B023 (at once)
                except NotRuledError:
                    skipped.add(case.name)
        if got and got != set(case.expected(kernel)):
            differ.append((case.name, sorted(got), case.expected(kernel)))
    assert differ == []
    assert skipped == NOT_RULED
