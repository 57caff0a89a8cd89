"""A kernel that says nothing agrees only where it was asked; what fails on the way is told."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Event

import pytest

from gmemviz.errors import MissingToolError, OutputError, RecordingError, UnknownNameError
from gmemviz.evidence.confirm.confirm import cannot_ask, confirm, confirmation
from gmemviz.record.boot.kernel_images import KernelImage
from gmemviz.study import gallery
from tests.evidence.confirm.judged import CLEAN, LEAKS, LEAKY, LEFT, judged, said
from tests.record.boot.images import image


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: CPU: 0 PID: 1 at fs/inode.c:1 somewhere",
        "kernel BUG at mm/filemap.c:1!",
        "[Left Redzone overwritten] 0x1-0x2 @offset=0. First byte 0x0 instead of 0xbb",
        "list_del corruption, it is no list",
        "gmemviz: an actor died on its way",
        "gmemviz: nothing is taken down: somebody died holding it",
        "gmemviz: no caches",
        "gmemviz: no second inode: -12",
        "gmemviz: the memory is not reused",
    ],
)
def test_a_run_without_a_word_is_not_silent_for_that(line):
    found = judged(CLEAN, [line], {"o-path"})
    assert (found.judgement, found.evidence) == ("disagrees", "disagrees on 6.12")
    assert f"o-path tells nothing: {line}" in found.text


def test_what_the_driver_could_not_do_goes_before_what_came_of_it():
    count = "gmemviz: inode_cache has 5 objects, and had 4 before"
    found = judged(CLEAN, ["gmemviz: no file: -12", count], {"o-path"})
    assert (found.surplus, [one.trouble for one in found.trouble]) == (
        (),
        ["gmemviz: no file: -12"],
    )
    found = judged(LEAKY, [LEFT, "gmemviz: no page"], {"o-path"})
    assert found.trouble


def test_a_run_that_nobody_played_is_no_silence():
    found = confirmation(CLEAN, "6.12.0", {})
    assert (found.judgement, found.evidence) == ("disagrees", "disagrees on 6.12")
    assert "last-close tells nothing: it was not played" in found.text


def test_another_kernel_is_no_evidence_for_this_one():
    found = confirmation(CLEAN, "7.3.4", said(CLEAN))
    assert (found.judgement, found.evidence) == ("agrees", "model")


def test_a_scenario_in_which_the_kernel_was_silent_is_named():
    found = judged(LEAKY, [LEFT], LEAKS - {"o-path"})
    assert found.judgement == "agrees in part"
    assert found.silent == ("o-path",)
    assert "has a code too: o-path" in found.text


def test_a_judgement_stays_where_the_recording_fails(monkeypatch):
    place = import_module("gmemviz.evidence.confirm.confirm")
    asked = []

    def judge(guest, runs, **_):
        asked.append(guest.stop)
        return dict.fromkeys(runs, ())

    def record(*_, **__):
        raise MissingToolError("no such tool")

    fakes = {"judge": judge, "record_judged": record, "build_guest": lambda: b""}
    fakes["build_module"] = lambda *_, **__: b""
    fakes["need_qemu"] = lambda _: None
    fakes["find_kernel"] = lambda _: KernelImage(Path(), None, "6.12.0")
    for name, fake in fakes.items():
        monkeypatch.setattr(place, name, fake)
    stop = Event()
    found = confirm(CLEAN, record=True, stop=stop)
    assert (found.judgement, found.recording) == ("agrees", None)
    assert found.unrecorded == "last-close: no such tool"
    assert asked == [stop]


def test_bad_input_is_told_first_and_what_is_missing_before_anything_is_compiled(
    monkeypatch, tmp_path
):
    place = import_module("gmemviz.evidence.confirm.confirm")
    monkeypatch.setattr(place, "find_kernel", lambda _: KernelImage(Path(), None, "6.12.0"))
    monkeypatch.setattr(place, "build_module", None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(OutputError, match=r"cannot write .*/nowhere/x.txt: there is no folder"):
        confirm(CLEAN, out=tmp_path / "nowhere" / "x.txt")
    with pytest.raises(MissingToolError, match=r"^confirming needs qemu-system-x86_64: apt-get"):
        confirm(CLEAN)


def test_a_design_that_no_module_can_be_has_nothing_missing():
    found = confirmation(gallery("rfc-v2"), "6.12.0", {})
    assert (found.judgement, found.missing, found.silent) == ("not confirmable", (), ())


def test_a_compiler_error_that_is_no_missing_field_is_an_error(monkeypatch):
    from gmemviz.record.boot.module_build import CompileError

    place = import_module("gmemviz.evidence.confirm.confirm")  # the package has its function there

    def refuse(*_, **__):
        raise CompileError("the compiler refuses it: your.c:7: unknown type", ("your.c:7: x",))

    monkeypatch.setattr(place, "build_module", refuse)
    monkeypatch.setattr(place, "need_qemu", lambda _: None)  # the compiler is asked before it
    monkeypatch.setattr(place, "find_kernel", lambda _: type("K", (), {"release": "6.12.0"}))
    with pytest.raises(RecordingError, match=r"^the compiler refuses it: your\.c:7: unknown type$"):
        place.confirm(CLEAN)


def test_a_kernel_that_is_only_read_boots_nothing():
    with pytest.raises(UnknownNameError, match=r"kernel to boot: '6\.1' .*6\.12, 7\.3"):
        confirm(replace(gallery("aio-6.12"), kernel="6.1"))


def test_what_is_missing_is_known_before_anything_begins(tmp_path, monkeypatch):
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path))
    assert cannot_ask("6.12").startswith("kernel 6.12 is not here: `gmemviz kernels fetch 6.12`")
    (tmp_path / "6.12").mkdir()
    image(tmp_path / "6.12", b"6.12.0 ")
    assert cannot_ask("6.12").startswith("no headers to build a module with")
    (tmp_path / "6.12/headers").mkdir()
    (tmp_path / "6.12/headers/Module.symvers").touch()
    tools = tmp_path / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    for tool in ("qemu-system-x86_64", "make", "gcc"):
        assert f" needs {tool}" in cannot_ask("6.12")
        (tools / tool).touch(0o755)
    assert cannot_ask("6.12") == ""
