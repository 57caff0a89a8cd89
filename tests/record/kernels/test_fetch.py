"""The pinned kernels, and the nearest ones where a pinned one is gone."""

import re
import shutil
import subprocess

import pytest

from gmemviz.errors import FetchError
from gmemviz.facts import Pin
from gmemviz.record.kernels.fetch import (
    available,
    fetch,
    is_there,
    make_headers,
    nearest,
    packages_of,
    put,
    stamp,
    stamped,
)

PIN = Pin(
    "7.3", "v7.3.4", "7.3.4-1", "7.3.4+deb13", source={},
    packages={"linux-binary-{release}-amd64": "0" * 64}, libraries={"libc6=2.41-1": "1" * 64},
)  # fmt: skip


class Mirror:
    """Has some packages, as apt would name them."""

    def __init__(self, *releases, libc="2.41-1"):
        self.packages = {f"linux-binary-{release}-amd64" for release in releases}
        self.libc = libc

    def names(self, pattern):
        return tuple(sorted(name for name in self.packages if re.search(pattern, name)))

    def versions(self, package):
        if package == "libc6":
            return (self.libc,) if self.libc else ()
        return (re.findall(r"[\d.]+\d", package)[0] + "-1",) if package in self.packages else ()


@pytest.mark.parametrize(
    ("has", "found"),
    [
        (["7.3.2+deb13", "7.3.10+deb13", "7.3.9+deb13", "7.30.1+deb13"], "7.3.9+deb13"),
        (["7.3.2+deb13", "7.3.3+deb13", "7.3.10+deb13-cloud", "7.3.10+deb13-rt"], "7.3.3+deb13"),
        (["7.3.5+deb12", "7.3.9+deb13", "7.3.9+deb14"], "7.3.9+deb13"),
        (["7.3.2+deb13", "7.3.9+deb14"], "7.3.2+deb13"),
        (["7.3.5+deb12", "7.3.9+deb14"], "7.3.5+deb12"),
        (["7.2.9+deb13"], None),
    ],
)
def test_the_nearest_is_the_next_newer_or_else_the_newest_of_its_flavour(has, found):
    other = nearest(Mirror(*has), PIN)
    assert (other and other.release) == found
    assert other is None or set(other.packages.values()) == {""}


def test_one_that_is_gone_is_offered_but_not_taken():
    offer = r"linux-binary-7\.3\.4\+deb13-amd64 7\.3\.4-1 is gone .* nearest is linux-binary-7\.3\.9\+deb13"
    with pytest.raises(FetchError, match=offer) as refused:
        available(Mirror("7.3.9+deb13"), PIN, take_nearest=False)
    assert "`gmemviz kernels fetch 7.3 --nearest` takes it" in str(refused.value)
    assert "by apt's signature alone, with no checksum pinned" in str(refused.value)
    taken = available(Mirror("7.3.9+deb13"), PIN, take_nearest=True)
    assert taken.version == "7.3.9-1"
    with pytest.raises(FetchError, match=r"the archive has nothing else for 7\.3"):
        available(Mirror(), PIN, take_nearest=True)


def test_a_library_that_is_gone_is_offered_alone():
    mirror = Mirror("7.3.4+deb13", libc="2.41-2")
    with pytest.raises(FetchError, match=r"libc6 2\.41-1 is gone .* the nearest is libc6 2\.41-2:"):
        available(mirror, PIN, take_nearest=False)
    taken = available(mirror, PIN, take_nearest=True)
    assert taken == PIN._replace(libraries={"libc6=2.41-2": ""})
    with pytest.raises(FetchError, match="nothing else"):
        available(Mirror("7.3.4+deb13", libc=""), PIN, take_nearest=True)


def test_what_is_there_is_taken_as_it_is_pinned():
    assert available(Mirror("7.3.4+deb13"), PIN, take_nearest=True) is PIN


def test_what_only_apt_warrants_is_marked_so():
    assert stamp(PIN) == "linux-binary-7.3.4+deb13-amd64 7.3.4-1\nlibc6 2.41-1 for its tools\n"
    unpinned = stamp(PIN._replace(libraries={"libc6=2.41-2": ""}))
    assert unpinned.endswith("libc6 2.41-2 for its tools (by apt's signature alone)\n")


def test_a_kernel_is_fetched_anew_when_its_pin_changes(tmp_path):
    assert not is_there(PIN, tmp_path)
    (tmp_path / "7.3").mkdir()
    (tmp_path / "7.3" / "packages").write_text(stamp(PIN))
    assert is_there(PIN, tmp_path)
    assert not is_there(PIN._replace(version="7.3.5-1"), tmp_path)
    assert not is_there(PIN._replace(libraries={"libc6=2.41-2": ""}), tmp_path)


def test_one_that_was_there_is_replaced_whole(tmp_path):
    for name in ("old", "new", "work"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    put(tmp_path / "new", tmp_path / "old", tmp_path / "work")
    assert [file.name for file in (tmp_path / "old").iterdir()] == ["new"]
    assert (tmp_path / "work/replaced/old").is_file()


class Shop(Mirror):
    """Has packages that dpkg can unpack, each made of the files of `unpacked` that it owns."""

    def download(self, package, version, folder, *, sha256, scratch):
        assert scratch in folder.parents
        folder.mkdir()
        tree = folder / "tree"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN/control").write_text(
            f"Package: {package}\nVersion: {version}\nArchitecture: all\n"
            "Maintainer: nobody <nobody@localhost>\nDescription: played\n"
        )
        if package != "libc6":
            unpacked(tree)
            for file in ("boot/vmlinuz-7.3.4", "lib/modules/7.3.4/kernel/kvm.ko"):
                (tree / file).parent.mkdir(parents=True, exist_ok=True)
                (tree / file).write_text(file)
            (tree / "lib/modules/7.3.4/build").symlink_to("/usr/src/elsewhere")
        file = folder / "played.deb"
        subprocess.run(["dpkg-deb", "-b", tree, file], check=True, capture_output=True)
        return file


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg: a Debian has it")
def test_a_kernel_lies_there_whole_or_not_at_all(tmp_path):
    said = []
    fetch(Shop("7.3.4+deb13"), PIN, tmp_path, progress=said.append)
    own = tmp_path / "7.3"
    assert (own / "vmlinuz").read_text() == "boot/vmlinuz-7.3.4"
    assert [file.name for file in (own / "modules").iterdir()] == ["kernel"]
    assert stamped(own) == tuple(stamp(PIN).splitlines())
    assert is_there(PIN, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["7.3"]
    broken = PIN._replace(packages={"linux-binary-{release}-amd64": "", "libc6": ""}, name="7.4")
    with pytest.raises(FetchError, match="dpkg"):
        fetch(Torn(), broken, tmp_path, progress=said.append)
    assert [file.name for file in tmp_path.iterdir()] == ["7.3"]


class Torn(Shop):
    """Has a package that ends half way."""

    def download(self, package, version, folder, **more):
        file = super().download(package, version, folder, **more)
        file.write_bytes(file.read_bytes()[:200])
        return file


def test_every_pinned_package_has_its_name_and_checksum():
    (package,) = packages_of(PIN)
    assert package == ("linux-binary-7.3.4+deb13-amd64", "7.3.4-1", "0" * 64)


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
    make_headers(tmp_path / "tree", tmp_path / "headers", tmp_path / "none")
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
    make_headers(tmp_path / "tree", tmp_path / "headers", tmp_path / "libraries")
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
