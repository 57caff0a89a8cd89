"""A kernel is found by name or image, with its modules in the order in which they load."""

import gzip
import lzma
import re
import sys
from pathlib import Path

import platformdirs
import pytest

from gmemviz.errors import MissingToolError, RecordingError, UnknownNameError
from gmemviz.facts import kernels, snapshots
from gmemviz.record.boot import kernel_images
from gmemviz.record.boot.kernel_images import (
    KernelImage,
    find_kernel,
    headers_of,
    kernels_folder,
    kernels_here,
    load_modules,
    release_of_modules,
)
from tests.record.boot.images import image


def test_kernels_are_looked_for_where_they_are_put(monkeypatch):
    monkeypatch.delenv("GMEMVIZ_KERNELS", raising=False)
    root = Path(__file__).parents[3]
    assert kernels_folder() == root / "out" / "kernels"
    monkeypatch.setattr(kernel_images, "CHECKOUT", root / "gmemviz")  # as where a wheel lies
    monkeypatch.setenv("GMEMVIZ_CACHE", "/elsewhere")
    assert kernels_folder() == Path("/elsewhere/kernels")
    monkeypatch.setenv("GMEMVIZ_CACHE", "")  # no verdict is kept, but a kernel is no verdict
    assert kernels_folder() == platformdirs.user_cache_path("gmemviz") / "kernels"
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    with pytest.raises(
        MissingToolError, match=r"pip install 'gmemviz\[kernels\]' brings it; or name a folder"
    ):
        kernels_folder()


def test_a_kernel_is_found_by_its_image_or_by_name(tmp_path, monkeypatch):
    (tmp_path / "7.3" / "modules").mkdir(parents=True)
    file = image(tmp_path / "7.3")
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path))
    assert find_kernel(file) == KernelImage(file, None, "7.3.4+deb13-amd64")
    assert find_kernel("7.3") == KernelImage(
        file, tmp_path / "7.3" / "modules", "7.3.4+deb13-amd64"
    )
    said = r"no kernel '9\.9': .* that is here \(7\.3\); `gmemviz kernels` lists them"
    with pytest.raises(UnknownNameError, match=said):
        find_kernel("9.9")
    with pytest.raises(RecordingError, match="no folder of modules"):
        find_kernel(file, modules=tmp_path / "none")


def test_an_image_needs_no_folder_of_kernels(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel_images, "kernels_folder", lambda: 1 / 0)
    assert find_kernel(image(tmp_path)).modules is None
    with pytest.raises(RecordingError, match=r"no kernel image: '.*/none' is no file; `gmemviz"):
        find_kernel(str(tmp_path / "none"))


def test_what_is_no_kernel_is_refused(tmp_path):
    (tmp_path / "text").write_text("no kernel")
    with pytest.raises(RecordingError, match="is no x86 kernel image"):
        find_kernel(tmp_path / "text")


def test_modules_come_unpacked_and_after_what_they_need(tmp_path):
    (tmp_path / "kvm-amd.ko.xz").write_bytes(lzma.compress(b"\0depends=kvm,ccp\0amd"))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "kvm.ko").write_bytes(b"\0depends=irqbypass\0kvm")
    (tmp_path / "irqbypass.ko").write_bytes(b"\0depends=\0")
    kernel = KernelImage(tmp_path / "vmlinuz", tmp_path, "7.3")
    with pytest.raises(RecordingError, match="kernel module ccp is not in"):
        load_modules(kernel, ["kvm-amd"])
    (tmp_path / "ccp.ko").write_bytes(b"\0depends=\0")
    found = load_modules(kernel, ["kvm-amd"])
    assert list(found) == ["irqbypass", "kvm", "ccp", "kvm_amd"]
    assert found["kvm_amd"] == b"\0depends=kvm,ccp\0amd"
    with pytest.raises(RecordingError, match="needs the modules kvm-amd: say --modules DIR"):
        load_modules(kernel._replace(modules=None), ["kvm-amd"])


def test_a_packed_module_that_is_damaged_is_named(tmp_path):
    (tmp_path / "kvm.ko.xz").write_bytes(b"no such thing")
    with pytest.raises(RecordingError, match=r"kvm\.ko\.xz cannot be unpacked: "):
        load_modules(KernelImage(tmp_path / "vmlinuz", tmp_path, "7.3"), ["kvm"])


def test_headers_lie_beside_the_image(tmp_path):
    kernel = KernelImage(tmp_path / "vmlinuz", None, "6.12.0")
    with pytest.raises(RecordingError, match=r"no headers to build a module with.*kernels fetch"):
        headers_of(kernel)
    folder = tmp_path / "headers/usr/src/linux-headers-6.12"
    folder.mkdir(parents=True)
    (folder / "Module.symvers").touch()
    assert headers_of(kernel) == folder


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path / "kernels"))
    return tmp_path / "kernels"


@pytest.mark.parametrize("kernel", kernels())
def test_what_to_type_is_said_where_a_pinned_kernel_is_not_here(here, kernel):
    said = f"kernel {kernel} is not here: `gmemviz kernels fetch {kernel}` brings it"
    with pytest.raises(RecordingError, match=re.escape(said)):
        find_kernel(kernel)
    assert kernels_here() == ()


def test_a_kernel_that_is_only_read_is_said_to_be(here):
    (name, *_) = (name for name in snapshots() if name not in kernels())
    with pytest.raises(RecordingError, match=rf"kernel {re.escape(name)} is read and not booted:"):
        find_kernel(name)


def test_an_image_that_is_gone_is_named(here, tmp_path):
    (here / "mine").mkdir(parents=True)
    (here / "mine" / "vmlinuz").symlink_to(tmp_path / "bzImage")
    with pytest.raises(
        RecordingError, match=r"mine was added from .*bzImage, which is no file any"
    ):
        find_kernel("mine")
    assert kernels_here() == ("mine",)
    image(tmp_path).rename(tmp_path / "bzImage")
    assert find_kernel("mine").modules is None  # it may have none
    (here / "mine" / "modules").symlink_to(tmp_path / "gone")
    with pytest.raises(RecordingError, match="no folder of modules"):
        find_kernel("mine")


@pytest.mark.parametrize("name", ["", ".", "..", "apt", "x" * 5000, "a\nb", "5.0", "*"])
def test_no_name_breaks_inside(here, name):
    (here / "apt").mkdir(parents=True)
    with pytest.raises(UnknownNameError, match="no kernel"):
        find_kernel(name)


def test_a_vmlinux_is_told_from_an_image(tmp_path):
    (tmp_path / "vmlinux").write_bytes(b"\x7fELF" + bytes(1000))
    with pytest.raises(RecordingError, match=r"but a program such as vmlinux: .*boot/bzImage"):
        find_kernel(tmp_path / "vmlinux")


def test_a_build_tree_has_headers_of_its_own_release(tmp_path):
    tree = tmp_path / "headers"
    (tree / "include/config").mkdir(parents=True)
    (tree / "Module.symvers").touch()
    kernel = KernelImage(tmp_path / "vmlinuz", None, "6.12.0")
    assert headers_of(kernel) == tree  # one that does not say its release is taken at its word
    (tree / "include/config/kernel.release").write_text("6.12.0\n")
    assert headers_of(kernel) == tree
    (tree / "include/config/kernel.release").write_text("6.12.1\n")
    with pytest.raises(
        RecordingError, match=r"has the headers of 6\.12\.1, and the image is 6\.12\.0"
    ):
        headers_of(kernel)


def test_the_release_of_modules_stands_in_any_of_them(tmp_path):
    assert release_of_modules(tmp_path) == ""
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel/a.ko.gz").write_bytes(gzip.compress(b"x\0vermagic=6.12.0+ SMP preempt \0"))
    assert release_of_modules(tmp_path) == "6.12.0+"
    (tmp_path / "a.ko").write_bytes(b"no magic")
    assert release_of_modules(tmp_path) == ""


@pytest.mark.parametrize(
    ("name", "said"), [("a.ko.zst", "packed by zstd"), ("a.ko.gz", "unpacked: ")]
)
def test_a_module_that_is_not_read_is_named(tmp_path, name, said):
    (tmp_path / name).write_bytes(b"no such thing")
    with pytest.raises(RecordingError, match=rf"{name} .*{said}"):
        release_of_modules(tmp_path)
