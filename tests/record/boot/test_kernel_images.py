"""A kernel is found by name or image, with its modules in the order in which they load."""

import lzma

import pytest

from gmemviz.errors import RecordingError
from gmemviz.record.boot.kernel_images import (
    KernelImage,
    find_kernel,
    headers_of,
    kernels_folder,
    load_modules,
)
from scripts import kernels
from tests.record.boot.images import image


def test_kernels_are_looked_for_where_they_are_put(monkeypatch):
    monkeypatch.delenv("GMEMVIZ_KERNELS", raising=False)
    assert kernels_folder() == kernels.OUT


def test_a_kernel_is_found_by_its_image_or_by_name(tmp_path, monkeypatch):
    (tmp_path / "7.3" / "modules").mkdir(parents=True)
    file = image(tmp_path / "7.3")
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path))
    assert find_kernel(file) == KernelImage(file, None, "7.3.4+deb13-amd64")
    assert find_kernel("7.3") == KernelImage(
        file, tmp_path / "7.3" / "modules", "7.3.4+deb13-amd64"
    )
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
    with pytest.raises(RecordingError, match=r"no headers to build a module with.*make kernels"):
        headers_of(kernel)
    folder = tmp_path / "headers/usr/src/linux-headers-6.12"
    folder.mkdir(parents=True)
    (folder / "Module.symvers").touch()
    assert headers_of(kernel) == folder
