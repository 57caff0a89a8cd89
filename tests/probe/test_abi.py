"""The numbers that gmemviz writes out, against C programs compiled with the real headers."""

import ctypes
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gmemviz.probe import abi, system
from gmemviz.probe.questions import cases, identity
from gmemviz.processes import parent

SOURCE = Path(__file__).with_name("header.c")
INSTALLED = Path("/usr/include")
TAKEN = tuple(f"linux/{name}.h" for name in "bits const falloc kvm magic mempolicy".split())
ARCHITECTURES = {"x86_64": "x86", "aarch64": "arm64"}

STRUCTS = {
    "kvm_create_guest_memfd": abi.CreateGuestMemfd,
    "kvm_userspace_memory_region": abi.MemoryRegion,
    "kvm_userspace_memory_region2": abi.MemoryRegion2,
    "kvm_memory_attributes": abi.MemoryAttributes,
}
CALLS = {
    "FALLOC_FL_KEEP_SIZE": system.KEEP_SIZE,
    "FALLOC_FL_PUNCH_HOLE": system.PUNCH_HOLE,
    "MAP_SHARED": system.MAP_SHARED,
    "PROT_READ | PROT_WRITE": system.READ_WRITE,
    "IN_ALL_EVENTS": system.IN_ALL_EVENTS,
    "PR_SET_PDEATHSIG": parent.PR_SET_PDEATHSIG,
    "MFD_CLOEXEC": identity.MFD_CLOEXEC,
    "MFD_HUGETLB": identity.MFD_HUGETLB,
    "MPOL_F_ADDR": system.MPOL_F_ADDR,
    "statfs.f_type": system._StatFs.f_type.offset,
    "sizeof statfs.f_type": system._StatFs.f_type.size,
}
(SOFTWARE_VM,) = (case for case in cases("create") if case.name == "VM of type 1")
# What the oldest tree at hand lacks, and the first kernel whose headers have it.
SINCE = {
    "KVM_CAP_GUEST_MEMFD_FLAGS": (6, 18),
    "GUEST_MEMFD_FLAG_MMAP": (6, 18),
    "GUEST_MEMFD_FLAG_INIT_SHARED": (6, 18),
    "GUEST_MEMFD_MAGIC": (6, 19),
}

pytestmark = [
    pytest.mark.skipif(not shutil.which("gcc"), reason="needs a C compiler: apt-get install gcc"),
    pytest.mark.skipif(
        not (INSTALLED / "linux/kvm.h").is_file(), reason="needs linux/kvm.h: linux-libc-dev"
    ),
]


def layout():
    for name, struct in STRUCTS.items():
        yield f"sizeof {name}", ctypes.sizeof(struct)
        for field, *_ in struct._fields_:
            member = getattr(struct, field)
            yield f"{name}.{field}", member.offset
            yield f"sizeof {name}.{field}", member.size


def ours():
    """Return every number of gmemviz/probe that a header could say, by its name in C."""
    numbers = {f"SYS_{name}": value for name, value in system.SYSCALLS[platform.machine()].items()}
    return {
        **abi.IOCTLS,
        **abi.CAPABILITIES,
        **abi.FLAGS,
        **abi.MEM_FLAGS,
        "KVM_X86_SW_PROTECTED_VM": SOFTWARE_VM.steps[0][1],
        **{name: magic for magic, name in abi.MAGICS.items()},
        **dict(layout()),
        **CALLS,
        **numbers,
    }


def theirs(folder, *includes):
    """Return what the compiled program prints, by name."""
    program = folder / "header"
    options = [f"-I{include}" for include in includes]
    subprocess.run(["gcc", "-Wall", "-Werror", "-o", program, *options, SOURCE], check=True)
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    rows = [line.rpartition(" ") for line in printed.splitlines()]
    return {name: int(value) for name, _, value in rows}


# A name that the #ifdef hides though a header defines it would not be compared.
def overlooked(missing, *headers):
    words = set(re.findall(r"\w+", "\n".join(file.read_text() for file in headers)))
    return [name for name in missing if name in words]


def tree_headers(folder, tree):
    """Return a folder with the tree's own headers; what they include is the system's."""
    uapi = tree / "arch" / ARCHITECTURES[platform.machine()] / "include/uapi"
    for name, root in {**dict.fromkeys(TAKEN, tree / "include/uapi"), "asm/kvm.h": uapi}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(root / name, folder / name)
    # `make headers_install` strips what this one is for.
    (folder / "linux/compiler.h").write_text("#define __user\n")
    return folder


def version(tree):
    words = dict(re.findall(r"^(\w+) = (\d+)$", (tree / "Makefile").read_text(), re.MULTILINE))
    return int(words["VERSION"]), int(words["PATCHLEVEL"])


def test_the_program_and_the_package_name_the_same_things():
    text = SOURCE.read_text()
    named = set(re.findall(r"^\tNUMBER\((.+)\);$", text, re.MULTILINE))
    named |= {f"sizeof {name}" for name in re.findall(r"^\tSIZE\((\w+)\);$", text, re.MULTILINE)}
    for name, field in re.findall(r"^\tMEMBER\((\w+), (\w+)\);$", text, re.MULTILINE):
        named |= {f"{name}.{field}", f"sizeof {name}.{field}"}
    assert named == set(ours())


def test_the_installed_headers_agree(tmp_path):
    said, expected = theirs(tmp_path), ours()
    assert {name: expected[name] for name in said} == said
    assert {"KVM_SET_USER_MEMORY_REGION", "KVM_CHECK_EXTENSION", "SYS_mbind"} <= set(said)
    headers = INSTALLED / "linux/kvm.h", INSTALLED / "linux/magic.h"
    assert overlooked(expected.keys() - said.keys(), *headers) == []


@pytest.mark.kernel_tree
def test_a_tree_s_headers_agree(tmp_path, kernel_folder):
    said, expected = theirs(tmp_path, tree_headers(tmp_path, kernel_folder)), ours()
    assert {name: expected[name] for name in said} == said
    uncompared = expected.keys() - said.keys()
    assert uncompared == {name for name in SINCE if SINCE[name] > version(kernel_folder)}


def test_the_page_is_this_machine_s():
    assert os.sysconf("SC_PAGE_SIZE") == abi.PAGE
