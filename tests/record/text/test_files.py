"""The shipped recordings are there and whole; files of one's own open or say why not."""

import gzip
import lzma
import re
import shutil

import pytest

from gmemviz.errors import RecordingError, UnknownNameError
from gmemviz.record import load_recording, parse, read, recordings
from gmemviz.record.text.files import DATA, _index

GMEM = ["gmem", "gmem-bound-fd-first", "gmem-bound-vm-first", "gmem-fd-first", "gmem-inotify"]
GMEM += ["gmem-opath", "gmem-private", "gmem-punched"]
BOTH = ["eventfd", "hugetlb", "kvm-unload", "memfd-policy", "pipe", "secretmem", "socket"]
BOTH += ["tmpfs-umount", "tmpfs-unlink"]
CONFIRMED = ["confirmed-clean", "confirmed-leak", "confirmed-softirq"]
BOTH += [
    "tmpfs-umount-busy",
    "tmpfs-unlink-closed",
    "bpf-umount",
    "bpf-unlink-closed",
    "proc-umount",
]
for filesystem in ("ext4", "overlay"):
    roads = ("drop-caches", "umount", "unlink", "unlink-closed")
    BOTH += [f"{filesystem}-{road}" for road in roads]
BOTH += ["ext4-umount-busy", "overlay-rmmod", "overlay-rmmod-later"]
SHIPPED = sorted(
    [f"6.12-{name}" for name in (*BOTH, *CONFIRMED)] + [f"7.3-{name}" for name in (*BOTH, *GMEM)]
)
PROBED = {"security_inode_alloc", "locks_free_lock_context"}  # by a probe alone, not in the graph
ENTRY = re.compile(r"\(.*\)(;| \{)$", re.MULTILINE)
PACKED = DATA / "7.3-hugetlb.txt.xz"


def test_the_index_names_exactly_the_files():
    files = sorted(entry.name.removesuffix(".txt.xz") for entry in DATA.iterdir())
    assert recordings() == tuple(SHIPPED)
    assert files == sorted([*SHIPPED, "index.json"])


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_recording_is_whole(name):
    trace = load_recording(name)
    text = lzma.decompress((DATA / f"{name}.txt.xz").read_bytes()).decode()
    graph = [event for event in trace.events if event.function not in PROBED]
    assert len(graph) == len(ENTRY.findall(text))
    assert trace.missing == ()
    assert not [event.function for event in trace.events if event.function.startswith("0x")]
    assert trace.kernel == _index()[name]["kernel"]
    kernel = ".".join(trace.kernel.split(".")[:2])
    assert name == f"{kernel}-{_index()[name]['scenario']}"
    marks = [mark for _, mark in trace.marks]
    assert (marks[0], marks[-1]) == (_index()[name]["scenario"], "end")
    assert trace.title == f"{name}: {_index()[name]['driver']}"


def test_all_of_them_are_small():
    assert sum(entry.stat().st_size for entry in DATA.iterdir()) < 1_000_000


def test_an_unknown_name_is_told_the_nearest():
    with pytest.raises(UnknownNameError, match=r"unknown recording: '7\.3' .*7\.3-\w+.* others"):
        load_recording("7.3")
    with pytest.raises(UnknownNameError, match=r"did you mean 7\.3-gmem\?$"):
        load_recording("7.3-gmen")


def test_plain_and_packed_files_are_read(tmp_path):
    text = lzma.decompress(PACKED.read_bytes())
    plain, packed, gzipped = (tmp_path / f"a.txt{end}" for end in ("", ".xz", ".gz"))
    plain.write_bytes(text)
    gzipped.write_bytes(gzip.compress(text))
    shutil.copy(PACKED, packed)
    assert read(plain).events == read(packed).events == read(str(gzipped)).events
    assert read(plain).title == "a.txt"
    assert read(plain, title="mine") == parse(text.decode(), title="mine")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("none.txt", None, "cannot be read: No such file or directory"),
        ("a\0b", None, "cannot be read: "),
        (".", None, "cannot be read: Is a directory"),
        ("binary", bytes(range(256)) * 9, "is not a recording: no function_graph line"),
        ("empty", b"", "is not a recording: no function_graph line"),
        ("a.xz", b"plain", "cannot be unpacked: "),
        ("a.gz", b"plain", "cannot be unpacked: "),
        ("cut.xz", PACKED.read_bytes()[:900], "cannot be unpacked: "),
        ("cut.gz", gzip.compress(b"x" * 9999)[:30], "cannot be unpacked: "),
        ("bad.gz", gzip.compress(b"xyz" * 99)[:12] + b"\xff" * 40, "cannot be unpacked: "),
    ],
)
def test_what_is_no_recording_is_refused_in_one_sentence(tmp_path, name, content, reason):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordingError, match=reason) as refused:
        read(tmp_path / name)
    assert "\n" not in str(refused.value)
