"""What goes into a guest and comes out of it, without booting one."""

import lzma
import re
import zlib
from pathlib import Path

import pytest

from gmemviz.errors import MissingToolError, RecordingError, UnknownNameError
from gmemviz.facts import load
from gmemviz.record.boot import initramfs
from gmemviz.record.boot.channel import Channel, RefusedError
from gmemviz.record.boot.initramfs import archive
from gmemviz.record.boot.kernel_images import Kernel, find_kernel, load_modules
from gmemviz.record.boot.qemu import boot
from gmemviz.record.boot.scenarios import SCENARIOS
from gmemviz.record.boot.session import record
from gmemviz.record.boot.tracing import PROBED, facts_of, functions

HEAD = 110
DRIVER = Path(initramfs.__file__).parents[1] / "driver"
TRACE = b"# tracer: function_graph\n 0)   2.584 us    |  dput();\n"
SAID = b"booted 6.12\nrunning pipe\ntrace %d %08x\n%bend\n" % (len(TRACE), zlib.crc32(TRACE), TRACE)


def members(data):
    while data:
        fields = [int(data[at : at + 8], 16) for at in range(6, HEAD, 8)]
        mode, size, length = fields[1], fields[6], fields[11]
        assert data.startswith(b"070701")
        start = (HEAD + length + 3) // 4 * 4
        name = data[HEAD : HEAD + length - 1].decode()
        yield name, mode, data[start : start + size]
        data = data[start + (size + 3) // 4 * 4 :]


def test_an_archive_holds_the_files_and_their_folders_first():
    found = list(members(archive({"job/list": b"abc", "init": b"\x7fELF"})))
    assert found == [
        ("job", 0o040755, b""),
        ("init", 0o100755, b"\x7fELF"),
        ("job/list", 0o100644, b"abc"),
        ("TRAILER!!!", 0, b""),
    ]


def test_an_archive_is_the_same_every_time():
    assert archive({"a": b"1", "b": b"2"}) == archive({"b": b"2", "a": b"1"})


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_the_channel_takes_a_recording_in_pieces(size):
    said = []
    channel = Channel(said.append)
    for at in range(0, len(SAID), size):
        channel.take(SAID[at : at + size])
    assert channel.recording() == TRACE.decode()
    assert (channel.release, said) == ("6.12", ["booted 6.12", "running pipe"])


@pytest.mark.parametrize("length", range(len(SAID) - 1))
def test_the_channel_notices_what_was_cut_off(length):
    channel = Channel(print)
    channel.take(SAID[:length])
    with pytest.raises(RecordingError, match="ended before its recording was whole"):
        channel.recording()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (SAID.replace(b"dput", b"iput"), "damaged on its way"),
        (b"trace many 0\n", "announces no recording"),
        (b"trace 0 0\n", "is empty"),
        (b"x" * 5000, "not our driver"),
    ],
)
def test_the_channel_takes_nothing_else(said, reason):
    with pytest.raises(RecordingError, match=reason):
        Channel(print).take(said + b"\n")


def test_a_refusal_is_the_guests_own_reason():
    with pytest.raises(RefusedError, match=r"\Athis kernel has no such thing\Z"):
        Channel(print).take(b"booted 6.12\nrefused this kernel has no such thing\n")


def test_the_driver_knows_the_scenarios_and_three_further_ones():
    table = (DRIVER / "scenarios.c").read_text(encoding="utf-8")
    names = re.findall(r'^\t\{ "([\w-]+)", \w+ \},$', table, re.MULTILINE)
    assert set(names) == {*SCENARIOS, "judged", "test-crash", "test-hang"}


def test_no_file_of_the_driver_is_long():
    files = [*DRIVER.glob("*.[ch]")]
    assert max(len(file.read_text(encoding="utf-8").splitlines()) for file in files) <= 300
    assert all("SPDX-License-Identifier: MIT" in file.read_text() for file in files)


@pytest.mark.parametrize(("kernel", "drop"), [("6.12", "generic_delete_inode"),
                                              ("7.3", "inode_just_drop")])  # fmt: skip
def test_the_functions_come_from_the_facts(kernel, drop):
    chosen = set(functions(load(kernel), SCENARIOS["memfd-policy"]))
    assert {drop, "shmem_evict_inode", "shmem_destroy_inode", "shmem_free_in_core_inode"} <= chosen
    assert {"__fput", "dput", "iput", "evict", "destroy_inode", "i_callback", "call_rcu"} <= chosen
    assert "hugetlbfs_evict_inode" not in chosen
    assert not chosen & {*PROBED, "kfree", "kmem_cache_free"}


@pytest.mark.parametrize(
    ("release", "found"),
    [("6.12.117+deb12-cloud-amd64", ["6.12"]), ("7.3.4", ["7.3"]), ("6.1.0", ["6.12", "7.3"])],
)
def test_the_facts_are_those_of_the_release_or_all(release, found):
    assert [facts.kernel for facts in facts_of(release)] == found


def image(folder, version=b"7.3.4+deb13-amd64 (someone) #1"):
    head = bytearray(0x400)
    head[0x202:0x206] = b"HdrS"
    head[0x20E:0x210] = (0x100).to_bytes(2, "little")
    head[0x300 : 0x300 + len(version)] = version
    file = folder / "vmlinuz"
    file.write_bytes(head)
    return file


def test_a_kernel_is_found_by_its_image_or_by_name(tmp_path, monkeypatch):
    (tmp_path / "7.3" / "modules").mkdir(parents=True)
    file = image(tmp_path / "7.3")
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path))
    assert find_kernel(file) == Kernel(file, None, "7.3.4+deb13-amd64")
    assert find_kernel("7.3") == Kernel(file, tmp_path / "7.3" / "modules", "7.3.4+deb13-amd64")
    with pytest.raises(RecordingError, match=r"no kernel '9\.9'.* one of 7\.3 in .*make kernels"):
        find_kernel("9.9")
    with pytest.raises(RecordingError, match="no folder of modules"):
        find_kernel(file, modules=tmp_path / "none")


def test_what_is_no_kernel_is_refused(tmp_path):
    (tmp_path / "text").write_text("no kernel")
    with pytest.raises(RecordingError, match="is no x86 kernel image"):
        find_kernel(tmp_path / "text")


def test_modules_come_unpacked_and_after_what_they_need(tmp_path):
    (tmp_path / "kvm-amd.ko.xz").write_bytes(lzma.compress(b"\0depends=kvm,ccp\0amd"))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "kvm.ko").write_bytes(b"\0depends=irqbypass\0kvm")
    (tmp_path / "irqbypass.ko").write_bytes(b"\0depends=\0")
    kernel = Kernel(tmp_path / "vmlinuz", tmp_path, "7.3")
    with pytest.raises(RecordingError, match="kernel module ccp is not in"):
        load_modules(kernel, ["kvm-amd"])
    (tmp_path / "ccp.ko").write_bytes(b"\0depends=\0")
    found = load_modules(kernel, ["kvm-amd"])
    assert list(found) == ["irqbypass", "kvm", "ccp", "kvm_amd"]
    assert found["kvm_amd"] == b"\0depends=kvm,ccp\0amd"
    with pytest.raises(RecordingError, match="needs the modules kvm-amd: say --modules DIR"):
        load_modules(kernel._replace(modules=None), ["kvm-amd"])


def test_a_missing_tool_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match="apt-get install gcc"):
        initramfs.driver()
    with pytest.raises(MissingToolError, match="apt-get install qemu-system-x86"):
        boot(tmp_path, b"", Channel(print), accel="tcg", limit=1)


def test_unknown_words_are_refused_before_anything_boots():
    with pytest.raises(UnknownNameError, match="unknown scenario: 'sleep'"):
        record("sleep", kernel="6.12")
    with pytest.raises(UnknownNameError, match="unknown accelerator: 'xen'"):
        record("pipe", kernel="6.12", accel="xen")
