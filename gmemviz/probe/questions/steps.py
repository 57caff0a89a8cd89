"""Take the steps of a question: calls on a guest_memfd of its own, and on what else they name.

A step is a list: a function, then what it is given; a table at its end is keyword arguments.
A name in it with a dot is taken from a module ("os.pread", "os.O_PATH", "system.fallocate") or
from the Bench ("bench.bind", "bench.vm"). A function without a dot is one of `verbs`, and gets
the Bench first. Any other word is one of `Things`, or an ioctl, or else just text:

    ["os.write", "writer", "byte"], ["os.splice", "reader", "file", 1]
"""

import fcntl
import os
from collections.abc import Iterable
from functools import cached_property, partial
from typing import Any, Final

from gmemviz.probe import system
from gmemviz.probe.abi import IOCTLS, PAGE, CreateGuestMemfd
from gmemviz.probe.fixture import Bench
from gmemviz.probe.questions import verbs

SIZE: Final = 2 * PAGE
MODULES: Final = {"os": os, "fcntl": fcntl, "system": system}


def take(bench: Bench, steps: Iterable[list[Any]], *, flags: int = 0, mapped: int = 0) -> object:
    """Take the steps one by one; return what the last one gave. OSError where one is refused."""
    things = Things(bench, flags, mapped)
    given: object = None
    for function, *words in steps:
        keywords = words.pop() if words and isinstance(words[-1], dict) else {}
        arguments = [things.meaning(word) for word in words]
        given = things.function(function)(*arguments, **keywords)
    return given


class Things:
    """Make what a step names, each at its first use; the Bench closes it.

    `address` is where the file is mapped, `last_byte` and `past_end` are that far into it; the
    mapping is made at once, so it is there also when a step has closed the file.
    """

    byte: Final = b"."

    def __init__(self, bench: Bench, flags: int, mapped: int) -> None:
        self.bench = bench
        self._flags = flags
        self.address = bench.pages(self.file, mapped) if mapped else 0
        self.past_end = self.address + SIZE
        self.last_byte = self.past_end - 1

    def function(self, name: str) -> Any:
        """Return what a step calls."""
        return self.meaning(name) if "." in name else partial(getattr(verbs, name), self.bench)

    def meaning(self, word: object) -> Any:
        """Return what a word stands for; whatever is no word stands for itself."""
        if not isinstance(word, str):
            return word
        place, _, name = word.rpartition(".")
        if place in MODULES:
            return getattr(MODULES[place], name)
        if place == "bench":
            return getattr(self.bench, name)
        return IOCTLS[word] if word in IOCTLS else getattr(self, word, word)

    @cached_property
    def file(self) -> int:
        """Return the guest_memfd that is asked about: two pages."""
        return self.bench.create(SIZE, self._flags)

    @cached_property
    def other_file(self) -> int:
        """Return another guest_memfd of the same VM."""
        return self.bench.create(SIZE)

    @cached_property
    def foreign_file(self) -> int:
        """Return a guest_memfd of another VM: virt/kvm/guest_memfd.c:kvm_gmem_bind@v6.12."""
        vm = self.bench.keep(fcntl.ioctl(self.bench.device, IOCTLS["KVM_CREATE_VM"], 0))
        arguments = CreateGuestMemfd(SIZE)
        return self.bench.keep(self.bench.call("KVM_CREATE_GUEST_MEMFD", arguments, on=vm))

    @cached_property
    def path(self) -> int:
        """Return an O_PATH fd of the file, on which no operation of the file can be called."""
        link = f"/proc/self/fd/{self.file}"
        return self.bench.keep(os.open(link, os.O_PATH | os.O_CLOEXEC))

    @cached_property
    def memfd(self) -> int:
        """Return an ordinary memfd, which is tmpfs's."""
        return self.bench.keep(os.memfd_create("gmemviz", os.MFD_CLOEXEC))

    @cached_property
    def eventfd(self) -> int:
        """Return an eventfd, which is on the anon inode's mount."""
        return self.bench.keep(os.eventfd(0))

    @cached_property
    def pipe(self) -> tuple[int, int]:
        """Return both ends of a pipe."""
        reading, writing = os.pipe()
        return self.bench.keep(reading), self.bench.keep(writing)

    @property
    def reader(self) -> int:
        """Return the end that is read from."""
        return self.pipe[0]

    @property
    def writer(self) -> int:
        """Return the end that is written to."""
        return self.pipe[1]
