"""Which definition counts is the build's to say: the right one is never the longest here."""

import pytest

from gmemviz.extract import extract
from gmemviz.extract.tree.build import Build, is_second_choice, may_hold

LONG = "\nvoid toy_get(struct inode *inode)\n{\n" + "\tlonger(inode);\n" * 9 + "}\n"
SHORT = "\nvoid toy_get(struct inode *inode)\n{\n\tshorter(inode);\n}\n"


def callees(folder):
    """Return what toy_get calls, and the file that it is of."""
    function = extract(folder, roots=["toy_get"]).function("toy_get")
    return function.path, {call.callee for call in function.calls}


@pytest.fixture
def two_files(write_tree):
    """Return a function that writes toy_get twice, the long one as `path`, with a Makefile."""

    def write(path, makefile, at="fs/toyfs"):
        folder = write_tree(fs__toyfs__super=SHORT)
        header = folder / "include/linux/fs.h"
        text = header.read_text().splitlines(keepends=True)
        header.write_text("".join(line for line in text if "toy_get" not in line))
        for name, content in ((path, LONG), (f"{at}/Makefile", makefile)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        return folder

    return write


@pytest.mark.parametrize(
    ("path", "makefile"),
    [
        ("fs/toyfs/nommu.c", "obj-y += super.o\nobj-$(CONFIG_TINY_RCU) += nommu.o\n"),
        ("fs/toyfs/nommu.c", "mmu-y := nommu.o\nmmu-$(CONFIG_MMU) := super.o\nobj-y := $(mmu-y)\n"),
        ("fs/toyfs/up.c", "obj-y += super.o\nifneq ($(CONFIG_SMP),y)\nobj-y += up.o\nendif\n"),
        ("fs/toyfs/um/one.c", "obj-y += super.o\nobj-$(CONFIG_UML) += um/\n"),
        ("fs/toyfs/um/one.c", "obj-y += super.o\nobj-$(CONFIG_UML) += um/one.o\n"),
        ("fs/toyfs/maker.c", "obj-y += super.o\nhostprogs := maker\n"),
    ],
)
def test_a_file_that_is_left_out_loses(two_files, path, makefile):
    assert callees(two_files(path, makefile)) == ("fs/toyfs/super.c", {"shorter"})


@pytest.mark.parametrize(
    "makefile",
    ["obj-y += super.o\n", "obj-$(CONFIG_TOY) += other.o\n", "ifdef CONFIG_SMP\nobj-y += other.o\nendif\n"],
)  # fmt: skip
def test_of_files_that_may_be_built_the_longest_body_counts(two_files, makefile):
    assert callees(two_files("fs/toyfs/other.c", makefile)) == ("fs/toyfs/other.c", {"longer"})


def test_kbuild_comes_before_makefile(two_files):
    folder = two_files("fs/toyfs/nommu.c", "obj-$(CONFIG_MMU) += nommu.o\n")
    (folder / "fs/toyfs/Kbuild").write_text("obj-$(CONFIG_TINY_RCU) += nommu.o\n")
    assert callees(folder) == ("fs/toyfs/super.c", {"shorter"})


def test_left_out_by_one_and_built_by_another_is_built():
    build = Build()
    build.add("fs", "obj-$(CONFIG_TINY_RCU) += toyfs/a.o")
    assert not build.is_built("fs/toyfs/a.c")
    build.add("fs/toyfs", "obj-$(CONFIG_MMU) += a.o")
    assert build.is_built("fs/toyfs/a.c")
    assert build.is_built("fs/toyfs/a.h")


@pytest.mark.parametrize("path", ["mm/toy_test.c", "lib/kunit/toy.c", "arch/toy/mm/toy.c"])
def test_tests_and_other_architectures_come_last(two_files, path):
    folder = two_files(path, "")
    (folder / path).write_text(LONG + "\nstatic const struct super_operations t = { .x = toy };\n")
    assert callees(folder) == ("fs/toyfs/super.c", {"shorter"})


@pytest.mark.parametrize(
    ("path", "is_second"),
    [
        ("fs/ext4/mballoc-test.c", True),
        ("lib/test_hmm.c", True),
        ("lib/kunit/debugfs.c", True),
        ("drivers/char/misc_minor_kunit.c", True),
        ("tools/testing/selftests/x.c", True),
        ("arch/arm64/kvm/mmu.c", True),
        ("arch/x86/kvm/mmu.c", False),
        ("fs/latest.c", False),
        ("fs/attest.c", False),
        ("mm/gup.c", False),
    ],
)
def test_second_choice(path, is_second):
    assert is_second_choice(path) == is_second


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"#ifdef CONFIG_MMU{SHORT}#else{LONG}#endif\n", {"shorter"}),
        (f"#ifndef CONFIG_SMP{LONG}#else{SHORT}#endif\n", {"shorter"}),
        (f"#if defined(CONFIG_TOY) && !defined(CONFIG_MMU){LONG}#endif{SHORT}", {"shorter"}),
        (f"#if defined(CONFIG_TOY) || !defined(CONFIG_MMU){LONG}#endif{SHORT}", {"longer"}),
        (f"#ifdef CONFIG_TOY{LONG}#else{SHORT}#endif\n", {"longer"}),
    ],
)
def test_of_two_in_one_file_the_one_that_is_compiled_counts(two_files, text, expected):
    folder = two_files("fs/toyfs/other.c", "")
    (folder / "fs/toyfs/super.c").write_text("\n" + text)
    (folder / "fs/toyfs/other.c").unlink()
    assert callees(folder)[1] == expected


@pytest.mark.parametrize(
    ("label", "holds"),
    [
        ("", True),
        ("CONFIG_MMU && CONFIG_TOY", True),
        ("CONFIG_TOY && !CONFIG_MMU", False),
        ("CONFIG_X86_32", False),
        ("!CONFIG_MMU && CONFIG_TOY || CONFIG_OTHER", True),
        ("!(CONFIG_MMU && CONFIG_TOY)", True),
    ],
)
def test_labels(label, holds):
    assert may_hold(label) == holds
