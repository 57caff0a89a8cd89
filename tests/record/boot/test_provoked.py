"""A filesystem of the kernel's own is played till its inodes die, each play in the console."""

import re
from pathlib import Path

import pytest

from gmemviz.errors import RecordingError, UnknownNameError
from gmemviz.model import SCENARIOS
from gmemviz.record.boot import find_kernel, provoke
from gmemviz.record.boot.images import IMAGES
from gmemviz.record.boot.judge import LOST
from gmemviz.record.boot.kernel_images import KernelImage
from gmemviz.record.boot.module_build import PROVOKING, RECORDING, build_provoker
from gmemviz.record.boot.provoked import FILESYSTEMS, PLAYS, UNLOADS

KERNEL = KernelImage(Path("vmlinuz"), Path("modules"), "7.3.0")


def names_in(text, table):
    """Return the first words of the rows of a table in C."""
    rows = text.partition(table)[2].partition("};")[0]
    return re.findall(r'^\t\{ "([\w-]+)"', rows, re.MULTILINE)


def test_the_guest_knows_each_play_and_each_filesystem():
    guest = (PROVOKING / "provoke.c").read_text(encoding="utf-8")
    named = (RECORDING / "named.c").read_text(encoding="utf-8")
    assert names_in(guest, "PLAYS[] = {") == list(PLAYS)
    known = names_in(named, "static const struct filesystem FILESYSTEMS[] = {")
    assert sorted(known) == sorted(FILESYSTEMS)


def test_each_row_names_what_there_is():
    assert {name for play in PLAYS.values() for name in play.asks} <= set(SCENARIOS)
    for name, row in FILESYSTEMS.items():
        assert set(row.plays) <= set(PLAYS), name
        assert row.image in ("", *IMAGES)
        # The last play takes the module away, so none comes behind it.
        assert UNLOADS not in row.plays[:-1]


@pytest.fixture
def guest(monkeypatch):
    """Let boots answer one after the other; return what each was asked to play."""
    asked, answers = [], []

    def boot(kernel, contents, channel, **more):
        asked.append(contents["job/plays"].decode().split())
        return answers.pop(0)

    module = "gmemviz.record.boot.provoked"
    for name, instead in {
        "boot": boot, "need_qemu": lambda what: None, "build_provoker": lambda: b"",
        "image": lambda name: b"", "load_modules": lambda kernel, names: {"overlay": b""},
    }.items():  # fmt: skip
        monkeypatch.setattr(f"{module}.{name}", instead)
    return asked, answers


def test_a_kernel_that_is_lost_is_booted_anew_for_the_plays_that_are_left(guest):
    asked, answers = guest
    every = list(FILESYSTEMS["overlay"].plays)
    answers += [{every[0]: (), every[1]: ("BUG", LOST)}, dict.fromkeys(every[2:], ())]
    found = provoke(KERNEL, "overlay", accel="tcg")
    assert asked == [every, every[2:]]
    assert list(found.said) == every
    assert found.said[every[1]] == ("BUG", LOST)
    assert found.unplayed == {}


def test_what_is_built_in_is_not_unloaded_and_that_is_said(guest):
    asked, answers = guest
    every = [play for play in FILESYSTEMS["ext4"].plays if play != UNLOADS]
    answers.append(dict.fromkeys(every, ()))
    found = provoke(KERNEL, "ext4", accel="tcg")
    assert asked == [every]
    assert found.unplayed == {UNLOADS: "ext4 is built into 7.3.0"}


def test_a_filesystem_without_plays_is_refused_before_anything_is_made():
    with pytest.raises(UnknownNameError, match="overlay"):
        provoke(KERNEL, "overlaay")


@pytest.mark.qemu  # who has no QEMU has no use for it, and may have no compiler
def test_the_guests_program_compiles():
    assert build_provoker().startswith(b"\x7fELF")


@pytest.mark.qemu
@pytest.mark.kernels
def test_a_kernel_plays_all_of_tmpfs_and_says_nothing():
    found = provoke(find_kernel("6.12"), "tmpfs", accel="tcg")
    assert list(found.said) == list(FILESYSTEMS["tmpfs"].plays)
    said = [line for lines in found.said.values() for line in lines]
    assert [line for line in said if not re.match("gmemviz: comes to|reboot: ", line)] == []


@pytest.mark.qemu
@pytest.mark.kernels
def test_a_guest_without_plays_is_an_error_with_its_console(monkeypatch):
    monkeypatch.setitem(FILESYSTEMS, "tmpfs", FILESYSTEMS["tmpfs"]._replace(plays=("nonsense",)))
    found = provoke(find_kernel("6.12"), "tmpfs", accel="tcg")
    assert found.said["nonsense"][0] == "gmemviz: refused nonsense: there is no such play"
    monkeypatch.setattr("gmemviz.record.boot.provoked.build_provoker", lambda: b"#!/nowhere\n")
    with pytest.raises(RecordingError, match="the console ends with"):
        provoke(find_kernel("6.12"), "tmpfs", accel="tcg")
