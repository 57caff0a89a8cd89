"""Debian's archive is asked through apt, whose two programs are played here by a script."""

import hashlib
import os

import pytest

from gmemviz.errors import FetchError, MissingToolError
from gmemviz.record.kernels import Archive, archive

# Says what it was asked, and answers as apt does; `download` leaves a file.
APT = """#!/bin/sh
echo "$(basename $0) $*" >> {log}
case "$*" in
  *indextargets*Debian-Security) echo http://b/security; echo http://b/security ;;
  *indextargets*) echo {site} ;;
  *madison*linux*) echo "linux | 6.2-1 | http://a"; echo "linux | 6.1-1 | http://a" ;;
  *search*) echo "two - a second"; echo "one - a first" ;;
  *download*) [ -z "{fails}" ] && echo deb > "linux_1%3a6.1-1_all.deb" ;;
  *update*) [ -z "{fails}" ] || {{ echo "W: slow" >&2; echo "E: no network" >&2; exit 100; }} ;;
esac
"""
DEB = hashlib.sha256(b"deb\n").hexdigest()


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Return what puts the two programs first on the PATH and makes an Archive, with its log."""

    def started(*, site="http://a/debian", fails=""):
        programs = tmp_path / "bin"
        programs.mkdir()
        for name in ("apt-get", "apt-cache"):
            log = tmp_path / "log"
            (programs / name).write_text(APT.format(log=log, site=site, fails=fails))
            (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        (tmp_path / "out").mkdir()
        return Archive(tmp_path / "out", progress=said.append)

    said = []
    started.said = said

    return started


def test_the_mirrors_are_those_of_this_machine(play, tmp_path):
    play()
    signed = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    lines = (tmp_path / "out/apt/sources.list").read_text().splitlines()
    assert lines[0] == f"{signed} http://a/debian bookworm main"
    assert lines[-1] == f"{signed} http://b/security bookworm-security main"
    asked = (tmp_path / "log").read_text().splitlines()
    assert f"Dir::Etc::sourcelist={tmp_path}/out/apt/sources.list" in asked[-1]
    assert "APT::Get::AllowUnauthenticated=false" in asked[-1]


def test_what_the_mirror_has(play):
    archive = play()
    assert archive.versions("linux") == ("6.2-1", "6.1-1")
    assert archive.versions("other") == ()
    assert archive.names("^o") == ("one", "two")


def test_a_file_comes_of_the_archive_each_time_and_is_held_against_its_checksum(play, tmp_path):
    asked = play()
    file = asked.download("linux", "1:6.1-1", tmp_path / "a", sha256=DEB)
    assert file.read_text() == "deb\n"
    assert file.parent == tmp_path / "a"
    asked.download("linux", "1:6.1-1", tmp_path / "b")
    assert (tmp_path / "log").read_text().count("download") == 2
    with pytest.raises(FetchError, match="not the pinned 00"):
        asked.download("linux", "1:6.1-1", tmp_path / "c", sha256="0" * 64)
    assert list((tmp_path / "c").iterdir()) == []
    assert play.said == ["asking Debian's archive what it has", *3 * ["fetching linux 1:6.1-1"]]


def test_what_fails_ends_in_the_last_thing_that_apt_said(play):
    with pytest.raises(FetchError, match=r"^apt-get update failed: E: no network$"):
        play(fails="yes")


def test_without_a_mirror_there_is_nothing_to_ask(play):
    with pytest.raises(MissingToolError, match=r"no mirror of Debian: `gmemviz kernels add IMAGE`"):
        play(site="")


def test_without_apt_a_kernel_of_ones_own_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match=r"needs apt-get of a Debian: .* takes a kernel"):
        archive.need_apt()


def test_a_tool_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(archive, "LIMIT", 0.1)
    with pytest.raises(FetchError, match=r"^sleep 20 was not done in 0\.1 s$"):
        archive.run_tool("sleep", "20")
