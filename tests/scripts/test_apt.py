"""Debian's archive is asked through apt, whose two programs are played here by a script."""

import hashlib
import os

import pytest

from scripts.apt import Archive

# Says what it was asked, and answers as apt does; `download` leaves a file.
APT = """#!/bin/sh
echo "$(basename $0) $*" >> {log}
case "$*" in
  *indextargets*Debian-Security) echo http://b/security; echo http://b/security ;;
  *indextargets*) echo {site} ;;
  *madison*linux*) echo "linux | 6.2-1 | http://a"; echo "linux | 6.1-1 | http://a" ;;
  *search*) echo "two - a second"; echo "one - a first" ;;
  *download*) echo deb > "linux_1%3a6.1-1_all.deb" ;;
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
        return Archive(tmp_path / "out")

    return started


def test_the_mirrors_are_those_of_this_machine(play, tmp_path):
    play()
    signed = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    lines = (tmp_path / "out/apt/sources.list").read_text().splitlines()
    assert lines[0] == f"{signed} http://a/debian bookworm main"
    assert lines[-1] == f"{signed} http://b/security bookworm-security main"
    asked = (tmp_path / "log").read_text().splitlines()
    assert f"Dir::Etc::sourcelist={tmp_path}/out/apt/sources.list" in asked[-1]


def test_what_the_mirror_has(play):
    archive = play()
    assert archive.versions("linux") == ("6.2-1", "6.1-1")
    assert archive.versions("other") == ()
    assert archive.names("^o") == ("one", "two")


def test_a_file_is_fetched_once_and_held_against_its_checksum(play, tmp_path):
    archive = play()
    file = archive.download("linux", "1:6.1-1", sha256=DEB)
    assert file.read_text() == "deb\n"
    assert archive.download("linux", "1:6.1-1") == file
    assert (tmp_path / "log").read_text().count("download") == 1
    with pytest.raises(SystemExit, match="not the pinned 00"):
        archive.download("linux", "1:6.1-1", sha256="0" * 64)
    assert not file.exists()


def test_what_fails_ends_in_the_last_thing_that_apt_said(play):
    with pytest.raises(SystemExit, match=r"^apt-get update failed: E: no network$"):
        play(fails="yes")


def test_without_a_mirror_there_is_nothing_to_ask(play):
    with pytest.raises(SystemExit, match="knows no mirror of Debian"):
        play(site="")
