import gzip
import json

import pytest

from gmemviz import facts
from gmemviz.errors import FactsError, UnknownNameError
from gmemviz.facts import encoding

KERNELS = ("6.12", "7.3")


def test_kernels_run_from_old_to_new():
    assert facts.kernels() == KERNELS


def test_unknown_kernel_names_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"'5\.4' \(must be one of 6\.12, 7\.3\)"):
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
