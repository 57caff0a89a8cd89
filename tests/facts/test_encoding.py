"""The shipped snapshots say what they should, and what is written is read back the same."""

import gzip
import json
from pathlib import Path

import pytest

from gmemviz import facts
from gmemviz.errors import FactsError, UnknownNameError
from gmemviz.facts import (
    Call,
    Facts,
    Field,
    Function,
    OpsTable,
    by_name,
    encoding,
)

KERNELS = facts.snapshots()
SMALL = Facts(
    "9.8",
    "9.8.7",
    by_name([
        Function("end", "fs/a.c", 9, static=False, inline=False),
        Function("end", "include/b.h", 3, static=True, inline=True),
        Function("start", "fs/a.c", 40, True, False, (
            Call("end", "direct", 41, "if"), Call("free_inode", "ops", 42, "hook-set", "super_ops"),
            Call("end", "default", 44, "hook-unset", "", "free_inode"),
            Call("late", "deferred", 39), Call("small", "inline", 45, "early-exit"),
        )),
    ]),
    lambda: (
        OpsTable(
            "a_ops", "super_ops", "fs/a.c", 60, (("drop", "d"), ("free_inode", "f")), "afs",
            (61, 63), (("drop", "CONFIG_A && B"),), ("afs", "bfs"),
        ),
        OpsTable("none", "xattr_ops", "fs/a.c", 70, ()),
    ),
    lambda: {("inode", "i_ino"): Field("inode", "i_ino", "include/b.h", 5, "CONFIG_C")},
    "linux 9.8.7-1", "00ff", (("fs/c.c", "too large"),),
)  # fmt: skip
"""Made by hand, with one of all that an entry can have."""


def parts(found):
    named = (found.kernel, found.release, found.package, found.sha256, found.skipped)
    return named, dict(found.functions), found.tables, found.fields


def test_what_is_written_is_read_back(tmp_path):
    encoding.write(SMALL, tmp_path / "x.json.gz")
    assert parts(encoding.read(tmp_path / "x.json.gz")) == parts(SMALL)


def test_an_entry_is_as_short_as_the_format_says(tmp_path):
    encoding.write(SMALL, tmp_path / "x.json.gz")
    data = json.loads(gzip.decompress((tmp_path / "x.json.gz").read_bytes()))
    assert data["files"] == ["fs/a.c", "include/b.h"]
    assert data["functions"] == {
        "end": "0 9 |\n1 3 si|",
        "start": "0 40 s|end di1;free_inode os2 super_ops;end nu4 free_inode;late l--1;small ix5",
    }
    assert data["tables"] == {
        "super_ops": ["a_ops|0|60|afs,afs,bfs|drop=d@1 free_inode=f@3|drop CONFIG_A && B"],
        "xattr_ops": ["none|0|70|||"],
    }
    assert data["fields"] == [["inode", "i_ino", 1, 5, "CONFIG_C"]]


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_shipped_snapshot_is_written_again_byte_by_byte(kernel, tmp_path):
    encoding.write(facts.load(kernel), tmp_path / "x.json.gz")
    shipped = Path(facts.__file__).parent / "data" / f"{kernel}.json.gz"
    assert (tmp_path / "x.json.gz").read_bytes() == shipped.read_bytes()


@pytest.mark.parametrize(
    ("key", "value", "ask", "what"),
    [
        ("functions", {"evict": "0 1"}, lambda f: f.function("evict"), "function 'evict'"),
        ("functions", {"evict": 7}, lambda f: f.function("evict"), "function 'evict'"),
        ("functions", {"evict": "0 1 |a zz1"}, lambda f: f.function("evict"), "function 'evict'"),
        ("tables", {"ops": ["a|9|1|||"]}, lambda f: f.tables, "its tables"),
        ("fields", [["inode", "i_ino", 0, 5]], lambda f: f.fields, "its fields"),
    ],
)
def test_a_damaged_entry_is_one_sentence_when_it_is_asked_for(tmp_path, key, value, ask, what):
    path = tmp_path / "x.json.gz"
    encoding.write(SMALL, path)
    data = json.loads(gzip.decompress(path.read_bytes()))
    path.write_bytes(gzip.compress(json.dumps({**data, key: value}).encode()))
    found = encoding.read(path)
    with pytest.raises(FactsError, match=f"is damaged: {what} cannot be read"):
        ask(found)


def test_unknown_kernel_names_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"'5\.4' \(must be one of 6\.1, 6\.12, 7\.3\)"):
        facts.load("5.4")


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_entry_of_a_snapshot_decodes(kernel):
    found = facts.load(kernel)
    assert all(group[0].name == name for name, group in found.functions.items())
    assert len(found.tables) > 2000
    assert found.package.startswith(f"linux-source-{kernel} {found.release}-")
    assert len(found.sha256) == 64


def test_i_private_data_left_struct_address_space():
    assert facts.load("6.12").has_field("address_space", "i_private_data")
    assert not facts.load("7.3").has_field("address_space", "i_private_data")
    assert facts.load("7.3").has_field("inode", "i_private")


@pytest.mark.parametrize("kernel", KERNELS)
def test_nothing_is_of_a_file_that_no_kernel_of_interest_builds(kernel):
    found = facts.load(kernel)
    paths = {function.path for group in found.functions.values() for function in group}
    paths |= {table.path for table in found.tables}
    # What mm/Makefile, fs/ramfs/Makefile, ... leave out with CONFIG_MMU=y and CONFIG_SMP=y.
    assert not paths & {
        "mm/nommu.c",
        "fs/proc/nommu.c",
        "fs/proc/task_nommu.c",
        "fs/ramfs/file-nommu.c",
        "fs/romfs/mmap-nommu.c",
        "fs/binfmt_flat.c",
        "fs/binfmt_elf_fdpic.c",
        "kernel/up.c",
        "kernel/rcu/tiny.c",
        "kernel/rcu/srcutiny.c",
        "lib/atomic64.c",
    }


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("do_mmap", "mm/mmap.c"),
        ("vm_munmap", "mm/mmap.c"),
        ("ramfs_nommu_expand_for_mapping", "include/linux/ramfs.h"),
        ("call_rcu", "kernel/rcu/tree.c"),
    ],
)
@pytest.mark.parametrize("kernel", KERNELS)
def test_of_two_definitions_the_one_that_is_built_counts(kernel, name, path):
    (function,) = facts.load(kernel).functions[name]
    assert function.path == path


@pytest.mark.parametrize("kernel", KERNELS)
def test_nothing_of_a_debian_tree_was_left_unread(kernel):
    assert facts.load(kernel).skipped == ()


@pytest.mark.parametrize("kernel", KERNELS)
def test_defaults_of_a_null_hook(kernel):
    evict = facts.load(kernel).function("evict")
    calls = [(c.callee, c.kind, c.guard) for c in evict.calls if c.guard.startswith("hook")]
    assert calls == [
        ("evict_inode", "ops", "hook-set"),
        ("truncate_inode_pages_final", "default", "hook-unset"),
        ("clear_inode", "default", "hook-unset"),
    ]


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_struct_inode_is_freed_after_a_grace_period(kernel):
    destroy = facts.load(kernel).function("destroy_inode")
    assert "i_callback" in {call.callee for call in destroy.calls if call.kind == "deferred"}
    callback = facts.load(kernel).function("i_callback")
    assert [(c.callee, c.kind) for c in callback.calls if c.guard] == [
        ("free_inode", "ops"),
        ("free_inode_nonrcu", "default"),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"nonsense", "not a facts snapshot"),
        (gzip.compress(b"{"), "not a facts snapshot"),
        (gzip.compress(b"[]"), "no schema number"),
        (gzip.compress(b'{"schema": 99}'), "schema 99, and this gmemviz reads schema"),
        (gzip.compress(json.dumps({"schema": encoding.SCHEMA}).encode()), "'kernel' is missing"),
    ],
)
def test_damage_is_one_sentence(tmp_path, data, message):
    path = tmp_path / "x.json.gz"
    path.write_bytes(data)
    with pytest.raises(FactsError, match=message):
        encoding.read(path)
