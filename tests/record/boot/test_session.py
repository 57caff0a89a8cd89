"""A recording is refused before anything boots, or asked of a guest and written whole."""

import lzma
from importlib import import_module

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.record.boot.kernel_images import KernelImage
from gmemviz.record.boot.scenarios import SCENARIOS
from gmemviz.record.boot.session import headed, job, record, run, write_text
from gmemviz.record.text import parse

place = import_module("gmemviz.record.boot.session")
KERNEL = KernelImage(None, None, "7.3.4")


@pytest.fixture(autouse=True)
def no_compiler(monkeypatch):
    monkeypatch.setattr(place, "driver", lambda: b"program")


def test_unknown_words_are_refused_before_anything_boots():
    with pytest.raises(UnknownNameError, match="unknown scenario: 'sleep'"):
        record("sleep", kernel="6.12")
    with pytest.raises(UnknownNameError, match="unknown accelerator: 'xen'"):
        record("pipe", kernel="6.12", accel="xen")


def test_the_guest_is_told_what_to_load_to_trace_and_to_do():
    contents = job("pipe", SCENARIOS["pipe"], KERNEL, {"one": b"1", "two": b"2"}, ["my_callback"])
    assert (contents["init"], contents["job/scenario"]) == (b"program", b"pipe")
    assert contents["job/modules"] == b"one\ntwo\n"
    assert (contents["job/one.ko"], contents["job/two.ko"]) == (b"1", b"2")
    assert b"\npipe_release\n" in contents["job/functions"]
    assert contents["job/options"].startswith(b"latency-format\n")
    assert contents["job/probes"].endswith(b"p:gmemviz/my_callback my_callback@ head=%di:x64\n")


def test_functions_of_an_unknown_kernel_are_those_of_all():
    functions = job(
        "memfd-policy", SCENARIOS["memfd-policy"], KERNEL._replace(release="5.15.0"), {}
    )["job/functions"]
    assert {b"generic_delete_inode", b"inode_just_drop"} <= set(functions.splitlines())


def test_a_run_is_a_boot_that_ends_in_time(monkeypatch):
    asked = []

    def boot(kernel, contents, channel, *, accel):
        asked.extend((kernel, contents["job/scenario"], accel))
        return "text"

    monkeypatch.setattr(place, "boot", boot)
    said = []
    text = run("pipe", SCENARIOS["pipe"], KERNEL, accel="kvm", progress=said.append)
    assert text.endswith("\ntext")
    assert asked == [KERNEL, b"pipe", "kvm"]
    assert said == ["compiling the driver", "booting 7.3.4 with kvm"]


def test_the_head_says_what_was_watched_and_what_the_kernel_lacks():
    contents = {"job/functions": b"evict\niput_final\n", "job/probes": b"p:g/born born inode=0\n"}
    noted = "# gmemviz watched: evict\n# symbol 0xffffffff81000000 evict\n"
    text = headed(f"{noted}# tracer: function_graph\n 0)   2.584 us    |  evict();\n", contents)
    watched = parse(text).watched
    assert (watched.functions, watched.lacking) == ({"evict", "born"}, {"iput_final"})
    assert "# symbol 0xffffffff81000000 evict\n" in text


def test_a_text_is_packed_where_its_name_says_so(tmp_path):
    write_text("a\n", tmp_path / "a.txt")
    write_text("a\n", tmp_path / "a.txt.xz")
    assert (tmp_path / "a.txt").read_bytes() == b"a\n"
    assert lzma.decompress((tmp_path / "a.txt.xz").read_bytes()) == b"a\n"
