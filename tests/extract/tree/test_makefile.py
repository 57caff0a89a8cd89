import textwrap
import time

import pytest

from gmemviz.extract.tree.makefile import read_makefile

OPTIONS = {"CONFIG_MMU": "y", "CONFIG_SMP": "y", "CONFIG_TINY": ""}

SECONDS = 2.0
OTHERWISE = "else\nobj-y += c.o\nendif"


def built(text):
    """Return what a Makefile may build, and what it names and leaves out."""
    lists = read_makefile(textwrap.dedent(text), OPTIONS)
    return lists.built(), lists.named - lists.built()


@pytest.mark.parametrize(
    ("text", "in_it", "out_of_it"),
    [
        ("obj-y += a.o b.o", "a.o b.o", ""),
        ("obj-y := a.o \\\n\t b.o # c.o", "a.o b.o", ""),
        ("obj-$(CONFIG_MMU) += a.o\nobj-$(CONFIG_TINY) += b.o", "a.o", "b.o"),
        ("obj-${CONFIG_TINY} += b.o", "", "b.o"),
        # An option that is not settled may be either.
        ("obj-$(CONFIG_TOY) += a.o", "a.o", ""),
        ("toy-y := a.o\ntoy-$(CONFIG_TOY) := b.o", "a.o b.o", ""),
        ("obj-$(subst m,y,$(CONFIG_TOY)) += a.o", "a.o", ""),
        # mm/Makefile and fs/ramfs/Makefile.
        ("mmu-y := a.o\nmmu-$(CONFIG_MMU) := b.o\nobj-y := c.o $(mmu-y)", "b.o c.o", "a.o"),
        ("f-mmu-y := f-nommu.o\nf-mmu-$(CONFIG_MMU) := f-mmu.o", "f-mmu.o", "f-nommu.o"),
        ("mmu-y := a.o\nmmu-$(CONFIG_MMU) += b.o", "a.o b.o", ""),
        ("mmu-y := a.o\nmmu-y := $(mmu-y) b.o", "a.o b.o", ""),
        # Branches.
        ("ifeq ($(CONFIG_SMP),y)\nobj-y += a.o\nelse\nobj-y += b.o\nendif", "a.o", "b.o"),
        ("ifneq ($(CONFIG_SMP),y)\nobj-y += a.o\nelse\nobj-y += b.o\nendif", "b.o", "a.o"),
        ("ifdef CONFIG_TINY\nobj-y += a.o\nendif\nobj-y += b.o", "b.o", "a.o"),
        ("ifndef CONFIG_MMU\nobj-y += a.o\nendif", "", "a.o"),
        ('ifeq "$(CONFIG_TINY)" "y"\nobj-y += a.o\nendif', "", "a.o"),
        ("ifeq ($(CONFIG_MMU)$(CONFIG_SMP),yy)\nobj-y += a.o\nendif", "a.o", ""),
        ("ifeq ($(CONFIG_MMU)$(CONFIG_TOY),yy)\nobj-y += a.o\nendif", "a.o", ""),
        ("ifdef CONFIG_TOY\nobj-y += a.o\nelse\nobj-y += b.o\nendif", "a.o b.o", ""),
        (
            "ifdef CONFIG_TINY\nobj-y += a.o\nelse ifdef CONFIG_MMU\nobj-y += b.o\n" + OTHERWISE,
            "b.o",
            "a.o c.o",
        ),
        (
            "ifdef CONFIG_TINY\nifdef CONFIG_MMU\nobj-y += a.o\nendif\nendif\nobj-y += b.o",
            "b.o",
            "a.o",
        ),
        ("ifdef CONFIG_TOY\nmmu-y := a.o\nendif\nifdef CONFIG_TOY\nmmu-y := b.o\nendif", "a.o b.o", ""),
        # What makes up an object goes with it.
        ("obj-$(CONFIG_TINY) += t.o\nt-y := a.o\nt-objs += b.o", "", "t.o a.o b.o"),
        ("obj-$(CONFIG_TOY) += t.o\nt-y := a.o", "t.o a.o", ""),
        ("obj-$(CONFIG_TINY) += dir/ a/b.o", "", "dir/ a/b.o"),
        ("hostprogs := maker\nmaker-objs := parts.o\nobj-y += a.o", "a.o", "maker.o parts.o"),
        ("CFLAGS_a.o += -O2\nKASAN_SANITIZE_b.o := n", "", ""),
    ],
)  # fmt: skip
def test_lists(text, in_it, out_of_it):
    assert built(text) == (set(in_it.split()), set(out_of_it.split()))


@pytest.mark.parametrize(
    "text", ["endif", "else", "ifeq", "ifeq (", "ifdef\nobj-y += a.o", "=", ":="]
)
def test_damage_is_read_as_far_as_it_goes(text):
    assert built(text + "\nendif\nobj-y += z.o")[0] >= {"z.o"}


@pytest.mark.parametrize(
    "piece",
    [" ", "a ", "= ", "$(", "\\\n", "ifdef X\n", "else\n", "ifeq (a,", 'ifeq "', "obj-y += a.o\n"],
)
def test_repetition_takes_linear_time(piece):
    started = time.process_time()
    read_makefile("obj-y" + piece * 20_000, OPTIONS)
    read_makefile("ifeq (" + piece * 20_000, OPTIONS)
    assert time.process_time() - started < SECONDS
