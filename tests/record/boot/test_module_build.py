"""What a guest runs is compiled, or one sentence says what is missing or wrong."""

import re

import pytest

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.record.boot import module_build
from gmemviz.record.boot.kernel_images import KernelImage, find_kernel
from gmemviz.record.boot.module_build import (
    CompileError,
    build_guest,
    build_module,
    driver,
    driver_texts,
)

KERNEL = "6.12"
NONE = """
#include "judge.h"
const struct design *const designs[] = { NULL };
"""


def kernel_with_headers(folder):
    (folder / "headers/usr/src/linux-headers-6.12").mkdir(parents=True)
    (folder / "headers/usr/src/linux-headers-6.12/Module.symvers").touch()
    return KernelImage(folder / "vmlinuz", None, "6.12.0")


def test_a_missing_tool_is_named(monkeypatch, tmp_path):
    kernel = kernel_with_headers(tmp_path)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(MissingToolError, match=r"a module needs make: apt-get install make gcc$"):
        build_module(kernel, {"none": NONE})
    with pytest.raises(MissingToolError, match=r"the guest's init needs.* apt-get install gcc"):
        build_guest()
    with pytest.raises(MissingToolError, match=r"the driver needs.* apt-get install gcc"):
        driver()


def test_the_drivers_text_is_all_that_goes_into_a_module_and_its_guest():
    texts = driver_texts()
    assert len(texts) == 8
    assert sum("int main(void)" in text for text in texts) == 1


def test_a_module_has_the_driver_first_and_the_designs_by_number(tmp_path):
    module_build._write_sources(tmp_path, {"unit_0": "int a;\n", "unit_1": "int b;\n"})
    assert (tmp_path / "unit_1.c").read_text() == "int b;\n"
    assert (tmp_path / "Kbuild").read_text() == (
        "obj-m := designs.o\n"
        "designs-y := look.o readers.o run.o scenarios.o steps.o unit_0.o unit_1.o\n"
    )
    assert not (tmp_path / "init.c").exists()


def test_a_module_with_plays_has_their_driver_too(tmp_path):
    """A play names a scenario of the driver's own, whose table and creator are called otherwise."""
    module_build._write_sources(tmp_path, {"unit_0": "int a;\n"}, has_plays=True)
    _, objects, *renamed = (tmp_path / "Kbuild").read_text().splitlines()
    assert "played.o" in objects
    assert (tmp_path / "played.h").exists()
    texts = {name: (tmp_path / f"{name}.c").read_text() for name in ("scenarios", "readers")}
    for line in renamed:
        file, _, name, other = re.fullmatch(r"CFLAGS_(\w+)\.o (:=) -D(\w+)=(\w+)", line).groups()
        assert re.search(rf"\b{name}\b", texts[file])
        assert re.search(rf"\b{other}\b", (tmp_path / "played.c").read_text())


def test_the_compilers_words_have_the_names_of_the_designs():
    said = "unit_1.c:5:2: error: unknown type\nmake: *** stop\nunit_0.c:6:1: error: no\n"
    error = module_build._refused(said, {"unit_0": "mine", "unit_1": "yours"})
    assert str(error) == "the compiler refuses it: yours:5: unknown type"
    assert error.lines == ("yours:5: unknown type", "mine:6: no")
    other = module_build._refused("make: *** stop\nld: 1\nld: 2\nld: 3\nld: 4\n", {})
    assert str(other) == "the module is not built: ld: 2 | ld: 3 | ld: 4"
    assert not isinstance(other, CompileError)


@pytest.mark.kernels
def test_a_compiler_error_names_the_line_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = f'#line 1 "mine.c"\n{NONE}\nint broken(void) {{ return nothing; }}\n'
    with pytest.raises(
        CompileError, match=r"^the compiler refuses it: mine\.c:5: .nothing."
    ) as said:
        build_module(find_kernel(KERNEL), {"mine": text})
    assert said.value.lines[0].startswith("mine.c:5: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.kernels
def test_what_does_not_link_or_ends_too_late_is_told(monkeypatch):
    with pytest.raises(RecordingError, match=r"the module is not built: .*designs\b.* undefined"):
        build_module(find_kernel(KERNEL), {"empty": "int one;\n"})
    with pytest.raises(RecordingError, match=r"the module was not built in 0\.1 s"):
        build_module(find_kernel(KERNEL), {"none": NONE}, limit=0.1)
    assert module_build.LIMIT > 0.1
