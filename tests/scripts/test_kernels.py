"""The pinned kernels, and the nearest ones where a pinned one is gone."""

import re
import subprocess

import pytest

from scripts import kernels
from scripts.kernels import Pin, is_there, nearest, stamp

PIN = Pin(
    "7.3", "v7.3.4", "7.3.4-1", "7.3.4+deb13", source={},
    packages={"linux-binary-{release}-amd64": "0" * 64},
)  # fmt: skip


class Mirror:
    """Has some packages, as apt would name them."""

    def __init__(self, *releases):
        self.packages = {f"linux-binary-{release}-amd64" for release in releases}

    def names(self, pattern):
        return tuple(sorted(name for name in self.packages if re.search(pattern, name)))

    def versions(self, package):
        return (re.findall(r"[\d.]+\d", package)[0] + "-1",) if package in self.packages else ()


@pytest.mark.parametrize(
    ("has", "found"),
    [
        (["7.3.2+deb13", "7.3.10+deb13", "7.3.9+deb13", "7.30.1+deb13"], "7.3.9+deb13"),
        (["7.3.2+deb13", "7.3.3+deb13", "7.3.10+deb13-cloud", "7.3.10+deb13-rt"], "7.3.3+deb13"),
        (["7.2.9+deb13"], None),
    ],
)
def test_the_nearest_is_the_next_newer_or_else_the_newest_of_its_flavour(has, found):
    other = nearest(Mirror(*has), PIN)
    assert (other and other.release) == found
    assert other is None or set(other.packages.values()) == {""}


def test_one_that_is_gone_is_offered_but_not_taken():
    with pytest.raises(SystemExit, match=r"is gone; the nearest is linux-binary-7\.3\.9\+deb13"):
        kernels._available(Mirror("7.3.9+deb13"), PIN, take_nearest=False)
    taken = kernels._available(Mirror("7.3.9+deb13"), PIN, take_nearest=True)
    assert taken.version == "7.3.9-1"
    with pytest.raises(SystemExit, match=r"the mirror has no other 7\.3"):
        kernels._available(Mirror(), PIN, take_nearest=True)


def test_a_kernel_is_fetched_anew_when_its_pin_changes(tmp_path):
    assert not is_there(PIN, tmp_path)
    (tmp_path / "7.3").mkdir()
    (tmp_path / "7.3" / "packages").write_text(stamp(PIN))
    assert is_there(PIN, tmp_path)
    assert not is_there(PIN._replace(version="7.3.5-1"), tmp_path)


def test_an_unknown_name_ends_in_a_sentence():
    with pytest.raises(SystemExit, match=r"no kernel 5\.0 is pinned \(only 6\.12, 7\.3\)"):
        kernels.main(["5.0"])


def unpacked(tree, name="linux-headers-7.3.4-amd64"):
    """Lay out what three packages of headers unpack to."""
    files = {
        f"usr/src/{name}/Makefile": "include /usr/src/elsewhere/Makefile\n",
        f"usr/src/{name}/Module.symvers": "",
        "usr/src/linux-headers-7.3.4-common/Makefile": "",
        "usr/lib/linux-kbuild-7.3.4/scripts/mod/modpost": "for any host",
        "usr/lib/linux-kbuild-7.3.4/scripts/mod/modpost.real-lsb-64": "#!/bin/sh\necho $0 $@\n",
        "usr/lib/linux-kbuild-7.3.4/tools/objtool/objtool": "for any host",
    }
    for file, text in files.items():
        (tree / file).parent.mkdir(parents=True, exist_ok=True)
        (tree / file).write_text(text)


def test_headers_are_ready_where_they_lie(tmp_path):
    unpacked(tmp_path / "tree")
    kernels.make_headers(tmp_path / "tree", tmp_path / "headers", tmp_path / "none")
    (tmp_path / "headers").rename(tmp_path / "moved")
    folder = tmp_path / "moved/usr/src/linux-headers-7.3.4-amd64"
    said = subprocess.run(
        ["make", "-s", "-f", folder / "Makefile", "--eval", "show: ; @echo $(KBUILD_OUTPUT)", "show"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert said.stdout.strip() == str(folder)
    kbuild = tmp_path / "moved/usr/lib/linux-kbuild-7.3.4"
    assert (kbuild / "scripts/mod/modpost").read_text() == "for any host"


def test_build_tools_get_the_library_that_they_are_linked_against(tmp_path):
    unpacked(tmp_path / "tree")
    own = tmp_path / "libraries/usr/lib/x86_64-linux-gnu"
    own.mkdir(parents=True)
    (own / "libc.so.6").write_text("c")
    (own / "libelf-0.192.so").write_text("elf")
    (own / "libelf.so.1").symlink_to("libelf-0.192.so")
    (own / "libother.so.1").write_text("other")
    (own / "ld-linux-x86-64.so.2").write_text('#!/bin/sh\necho "$@"\n')
    (own / "ld-linux-x86-64.so.2").chmod(0o755)
    kernels.make_headers(tmp_path / "tree", tmp_path / "headers", tmp_path / "libraries")
    kbuild = tmp_path / "headers/usr/lib/linux-kbuild-7.3.4"
    copied = {file.name: file.is_symlink() for file in (kbuild / "libraries").iterdir()}
    assert copied == dict.fromkeys(("ld-linux-x86-64.so.2", "libc.so.6", "libelf.so.1"), False)
    said = subprocess.run(
        [kbuild / "scripts/mod/modpost", "-a", "b"], check=True, capture_output=True, text=True
    )
    libraries = kbuild / "scripts/mod/../../libraries"
    assert said.stdout.split() == [
        "--library-path", str(libraries), str(kbuild / "scripts/mod/modpost.real-lsb-64"), "-a", "b",
    ]  # fmt: skip
