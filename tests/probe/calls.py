"""Draw calls by a seed, make them on the running kernel, and write down what each gave.

Run in a process of its own: python -m tests.probe.calls PARENT SEED COUNT. Standard output has
one JSON object a line: what the machine's VM takes, then a call, then its errno, and so on. The
same seed makes the same calls, as long as the kernel gives the same answers.
"""

import ctypes
import json
import os
import resource
import sys
from random import Random

from gmemviz.probe import system
from gmemviz.probe.abi import IOCTLS, PAGE, CreateGuestMemfd, MemoryRegion, MemoryRegion2
from gmemviz.probe.fixture import Bench
from gmemviz.processes.parent import die_with_parent

ROUND = 50  # calls a VM
FILES = 6  # guest_memfds that are open at once
MEMORY_BYTES = 16 << 20  # that one process asks for in all: guest_memfd's pages cannot be swapped
GRANT_BYTES = 64 * PAGE
# Without a second level of paging a memslot costs KVM about ten bytes a page.
SLOT_BYTES = 64 << 20
LARGEST_SLOT = (2**31 - 1) * PAGE

EDGES = sorted(
    {
        (number + by) % 2**64
        for number in (0, PAGE, 2**31, 2**32, LARGEST_SLOT, 2**47, 2**48, 2**52, 2**56, 2**63)
        for by in (-PAGE, -1, 0, 1, PAGE)
    }
)
SLOTS = (3, 100, 32763, 32764, 32766, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x10001, 0x20000, 2**32 - 1)
KINDS = ("closed", "path", "pipe", "other end", "eventfd", "device", "vm", "foreign", "-1")
FORMS = ("KVM_SET_USER_MEMORY_REGION",) + ("KVM_SET_USER_MEMORY_REGION2",) * 9
CLOSED = 1000  # no fd of ours is that high
CAPABILITIES = {"slots": 10, "has_readonly": 81, "spaces": 118}
ADDRESSES = {"NULL": 0, "-1": 2**64 - 1, "kernel": 2**64 - 2**47}
ODD_MODE = -(2**31)
ANONYMOUS, PRIVATE, UNTOUCHABLE = 0x20, 0x02, 0

libc = ctypes.CDLL(None, use_errno=True)
libc.ioctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p)


def say(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()  # a call that kills us is already written down


def signed(number):
    return number - 2**64 if number >= 2**63 else number


# As fcntl.ioctl, which cannot hand over a number of 64 bits.
def ioctl(fd, name, argument):
    given = libc.ioctl(fd, IOCTLS[name], argument)
    if given == -1:
        raise OSError(ctypes.get_errno(), name)
    return given


def last_page(takes):
    """Return the last page that is taken, where all below are and none above."""
    low, high = 0, 2**52
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if takes(middle * PAGE) else (low, middle)
    return low


def learn(bench):
    """Return what a VM here takes: the last guest page, and the end of a process's addresses."""

    def takes(**fields):
        region = MemoryRegion(memory_size=PAGE, **fields)
        try:
            bench.call("KVM_SET_USER_MEMORY_REGION", region)
        except OSError:
            return False
        region.memory_size = 0
        bench.call("KVM_SET_USER_MEMORY_REGION", region)
        return True

    top = last_page(lambda address: takes(userspace_addr=address)) + 1
    return {
        **{name: ioctl(bench.vm, "KVM_CHECK_EXTENSION", cap) for name, cap in CAPABILITIES.items()},
        "last_gfn": last_page(lambda address: takes(guest_phys_addr=address)),
        "user_top": top * PAGE,
    }


def border():
    """Return the address of a page that nothing readable follows."""
    address = system.map_pages(-1, 2 * PAGE, flags=ANONYMOUS | PRIVATE)
    libc.mprotect(ctypes.c_void_p(address + PAGE), ctypes.c_size_t(PAGE), UNTOUCHABLE)
    return address


class Caller:
    """Make calls on one VM after the other."""

    def __init__(self, seed, machine):
        self.rng = Random(seed)  # noqa: S311 (no secret depends on it)
        self.page, self.granted, self.made = border(), 0, 0
        ends = (machine["last_gfn"] + 1) * PAGE, machine["user_top"], 2**63, 0
        near = [(end + by) % 2**64 for end in ends for by in (-PAGE, 0, PAGE)]
        self.edges = [*EDGES, *near, *ends * 15]  # half of the draws are the ends

    def start(self, bench):
        self.bench, self.files, self.taken = bench, {}, []
        other = bench.keep(ioctl(bench.device, "KVM_CREATE_VM", 0))
        arguments = ctypes.byref(CreateGuestMemfd(GRANT_BYTES))
        foreign = bench.keep(ioctl(other, "KVM_CREATE_GUEST_MEMFD", arguments))
        path = bench.keep(os.open(f"/proc/self/fd/{foreign}", os.O_PATH | os.O_CLOEXEC))
        reading, writing = map(bench.keep, os.pipe())
        others = (reading, writing, bench.keep(os.eventfd(0)), bench.device, bench.vm, foreign)
        fds = (CLOSED, path, *others, 2**32 - 1)
        self.fds = dict(zip(KINDS, fds, strict=True))
        say(call="vm")

    def step(self):
        made = bool(self.files)
        kinds = [self.create] * 6 + [self.region] * 12 + [self.fallocate] * 10 * made
        kinds += [self.close] * made * (20 if len(self.files) == FILES else 1)
        try:
            self.rng.choice(kinds)()
        except OSError as error:
            say(errno=error.errno)
        else:
            say(errno=0)

    def near(self, least, most, *, odds=0.9, before=0):
        """Return a few pages, mostly, and else a border, or the number that far before it."""
        if self.rng.random() < odds:
            return self.rng.randint(least, most) * PAGE
        edge = self.rng.choice((*self.edges, self.rng.getrandbits(64)))
        return (edge - self.rng.choice((0, before))) % 2**64

    # Where the kernel is to read a struct from.
    def placed(self, struct):
        size = ctypes.sizeof(struct)
        ends = {"page's end": self.page + PAGE - size, "border": self.page + PAGE - size // 2}
        where = "good" if self.rng.random() < 0.95 else self.rng.choice([*ADDRESSES, *ends])
        if where in ends:
            readable = self.page + PAGE - ends[where]
            ctypes.memmove(ends[where], ctypes.addressof(struct), readable)
        return where, {**ADDRESSES, **ends, "good": ctypes.addressof(struct)}[where]

    def create(self):
        size = self.near(1, 64, odds=0.6)
        flags = self.rng.choice((0, 0, 0, 1, 2, 3, 4, 1 << 63, self.rng.getrandbits(64)))
        reserved = self.rng.choice((0, self.rng.getrandbits(64)))
        struct = CreateGuestMemfd(size, flags, (reserved,) * 6)
        where, address = self.placed(struct)
        say(call="create", new=self.made, size=size, flags=flags, reserved=reserved, where=where)
        fd = ioctl(self.bench.vm, "KVM_CREATE_GUEST_MEMFD", address)
        self.files[self.made] = self.bench.keep(fd), size
        self.made += 1

    def fallocate(self):
        file, (fd, size) = self.rng.choice(sorted(self.files.items()))
        random = 1 << self.rng.randrange(8), self.rng.getrandbits(8), ODD_MODE
        mode = self.rng.choice((1, 1, 1, 1, 3, 3, 3, 0, 2, *random))
        length = self.near(0, 80)
        offset = signed(self.near(0, min(size // PAGE, 80), before=length))
        length = signed(length)
        if not mode & system.PUNCH_HOLE and 0 <= offset <= size - length:
            length = min(length, GRANT_BYTES, MEMORY_BYTES - self.granted)
            self.granted += max(0, length)
        say(call="fallocate", file=file, mode=mode, offset=offset, length=length)
        system.fallocate(fd, mode, offset, length)

    def region(self):
        asked = self.asked()
        if SLOT_BYTES < asked["size"] <= LARGEST_SLOT:
            asked |= {"flags": 4, "file": "closed"}  # EBADF comes after the size; nothing is made
        file, form = asked["file"], self.rng.choice(FORMS)
        fd = self.files[file][0] if file in self.files else self.fds[file]
        numbers = (asked[name] for name in ("slot", "flags", "gpa", "size", "uaddr", "offset"))
        struct = MemoryRegion2(*numbers, fd, self.rng.getrandbits(32))
        struct.pad2[self.rng.randrange(14)] = self.rng.getrandbits(64)
        where, address = self.placed(struct)
        say(call="region", **asked, form=form, where=where)
        ioctl(self.bench.vm, form, address)
        self.taken.append(asked)

    def asked(self):
        """Return a memslot, new or much like one that KVM took."""
        rng = self.rng
        size = 0 if rng.random() < 0.12 else self.near(1, 8)
        new = {
            "slot": rng.randrange(10) if rng.random() < 0.9 else rng.choice(SLOTS),
            "flags": rng.choice((*[4] * 9, 0, 0, 1, 2, 3, 5, 6, 8, 1 << rng.randrange(32))),
            "gpa": self.near(0, 100, before=size),
            "size": size,
            "uaddr": self.near(0, 4, before=size),
            "offset": self.near(0, 24, odds=0.8, before=size),
            "file": rng.choice([*self.files] * 15 + [*KINDS]),
        }
        if not self.taken or rng.random() < 0.7:
            return new
        old = rng.choice(self.taken)
        changed = rng.choice((*new, *new, None))
        asked = {**old, **({changed: new[changed]} if changed else {})}
        known = asked["file"] in self.files or asked["file"] in self.fds
        return asked if known else {**asked, "file": "closed"}

    def close(self):
        file = self.rng.choice(sorted(self.files))
        say(call="close", file=file)
        self.bench.close(self.files.pop(file)[0])


def main():
    parent, seed, count = sys.argv[1:]
    die_with_parent(int(parent))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with Bench() as bench:
        machine = learn(bench)
    say(**machine)
    caller = Caller(seed, machine)
    for start in range(0, int(count), ROUND):
        with Bench() as bench:
            caller.start(bench)
            for _ in range(min(ROUND, int(count) - start)):
                caller.step()


if __name__ == "__main__":
    main()
