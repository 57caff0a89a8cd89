"""How much a Design may be: at its limit it is read, beyond it is refused, and soon."""

import time
from dataclasses import replace

import pytest

from gmemviz.errors import DesignError
from gmemviz.model import Design, check, design_from_choices
from gmemviz.model.design.design import Kept
from gmemviz.model.design.limits import (
    ACTIONS,
    C_KEYWORDS,
    DEPTH,
    KINDS,
    LISTED,
    LONGEST,
    NAME,
    SAID,
    TITLE,
    refuse_deep,
    refuse_name,
)
from gmemviz.translate.c.names import word

HEAD = 'kernel = "7.3"\nmount = "own"\n'


def kinds(count):
    return "".join(f'metadata.m{n} = {{ placement = "containing-struct" }}\n' for n in range(count))


def actions(count):
    free = ['"truncate"'] * count
    return f"hooks.evict_inode = [{', '.join(free)}]\n"


AT_THE_LIMIT = {
    "kinds": (kinds, KINDS, "at most 32"),
    "actions": (actions, ACTIONS, "at most 64"),
    "name": (lambda n: f'name = "{"x" * n}"\n', TITLE, "may have 200"),
    "says": (lambda n: f'says = "{"x" * n}"\n', SAID, "may have 2,000"),
    "source": (lambda n: f'source = "{"x" * n}"\n', SAID, "may have 2,000"),
    "creator": (lambda n: f'creator = "{"x" * n}"\n', NAME, "may have 64"),
    "function": (
        lambda n: f'hooks.evict_inode = {{ does = [], function = "{"x" * n}" }}\n', NAME,
        "may have 64",
    ),
    "metadata": (lambda n: f'metadata.{"x" * n} = {{ placement = "i_private" }}\n', NAME,
                 "may have 64"),
    "text": (lambda n: "#" * (n - len(HEAD)), LONGEST, "may have 65,536"),
}  # fmt: skip


@pytest.mark.parametrize("what", AT_THE_LIMIT)
def test_at_the_limit_it_is_read_and_beyond_it_the_limit_is_said(what):
    make, most, said = AT_THE_LIMIT[what]
    assert Design.from_text(HEAD + make(most)).kernel == "7.3"
    with pytest.raises(DesignError, match=said):
        Design.from_text(HEAD + make(most + 1))


def test_of_words_that_stand_once_each_too_many_are_counted_first():
    words = ", ".join(['"truncation"'] * (LISTED + 1))
    text = f'metadata.t = {{ placement = "i_private", read_by = [{words}] }}\n'
    with pytest.raises(DesignError, match="read_by: 65 are named, and at most 64 may be"):
        Design.from_text(HEAD + text)


HUGE = {
    "dotted key": ".".join("a" * 32_000) + " = 1",
    "dotted table": "[" + ".".join("a" * 32_000) + "]",
    "spaced key": " . ".join("a" * 16_000) + " = 1",
    "quoted key": ".".join(['"a"'] * 16_000) + " = 1",
    "literal key": ".".join(["'a'"] * 16_000) + " = 1",
    "lists": "x = " + "[" * 60_000,
    "closed lists": "x = " + "[" * 30_000 + "]" * 30_000,
    "tables": "x = " + "{a=" * 20_000,
    "in a list": "x = [" + ".".join("a" * 32_000) + "]",
    "after a string": 'x = "' + "\\" * 100 + '"\n' + ".".join("a" * 30_000) + "=1",
    "behind an open string": '"""' + "[" * 60_000,
    "quotes": '"""' * 21_000,
    "quotes and backslash": '"""' * 21_000 + "\\",
    "words": "x " * 32_000,
    "integer": "x = " + "1" * 4301,
    "long integer": "x = " + "1" * 60_000,
    "book": 'name = "' + "x" * 10_000_000 + '"',
    "keys": "".join(f"a{n} = 1\n" for n in range(7_000)),
    "key": "x" * 60_000 + " = 1",
    "hooks": "".join(f"hooks.a{n} = []\n" for n in range(3_000)),
    "many kinds": kinds(300),
}


@pytest.mark.parametrize("what", HUGE)
def test_what_is_huge_is_refused_soon_and_in_brief(what):
    began = time.process_time()
    with pytest.raises(ValueError, match=r".") as caught:
        Design.from_text(HEAD + HUGE[what])
    assert time.process_time() - began < 2
    assert type(caught.value) is not ValueError  # but one of ours
    assert len(str(caught.value)) < 500


VALUES = [
    "0x" + "f" * 5000,
    "[1, [2]]",
    "1e400",
    "1979-05-27",
    "{ a = 1 }",
    '["' + "x" * 1900 + '"]',
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "key", ["kernel", "name", "creator", "metadata", "metadata.t.read_by", "hooks", "hooks.evict_inode",
            "mappable", "unwinds", "metadata.t.says", "metadata.t.scarce", "allocator"],
)  # fmt: skip
def test_a_value_of_a_wrong_kind_is_told_in_brief(key, value):
    with pytest.raises((DesignError, ValueError)) as caught:
        Design.from_text(f'mount = "own"\n{key} = {value}\n')
    assert type(caught.value) is not ValueError
    assert len(str(caught.value)) < 2500


def test_depth_is_counted_outside_strings_and_comments():
    for text in (
        'says = "a.b.c.d.e.f.g.h.i.j [[[[[[[[[[ {{{{{{{{{{"',
        "says = 'a.b.c.d.e.f.g.h.i.j [[[[[[[[[['",
        'says = """\na.b.c.d.e.f.g.h.i.j [[[[[[[[[[\n"""',
        "says = '''\na.b.c.d.e.f.g.h.i.j [[[[[[[[[[\n'''",
        "# a.b.c.d.e.f.g.h.i.j [[[[[[[[[[[[[[[[[",
        "x = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]",
    ):
        refuse_deep(text)
    deepest = ".".join("a" * DEPTH)
    refuse_deep(f"{deepest} = 1")
    with pytest.raises(DesignError, match=r"^line 3 has more than 8 "):
        refuse_deep(f'x = 1\ny = """"""\n{deepest}.a = 1')


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_byte_order_mark_and_lines_of_another_system_are_read(start, end):
    text = start + (HEAD + actions(1)).replace("\n", end)
    assert Design.from_text(text).body("evict_inode")


@pytest.mark.parametrize("name", ["", "-a", "a b", "é", "a.b", "a\n", "a\x1b", "\uff41", "٣"])
def test_a_kind_has_a_name_of_ascii(name):
    with pytest.raises(DesignError, match=r"must be made of letters of ASCII"):
        refuse_name(name)


@pytest.mark.parametrize(
    "name", sorted(C_KEYWORDS | {"NULL", "PAGE_SIZE", "9", "current", "linux"})
)
def test_a_kind_may_be_called_like_a_word_of_c(name):
    refuse_name(name)
    assert word(name) == f"m_{name}"


def test_a_design_made_in_python_has_the_same_limits():
    design = design_from_choices(
        kernel="7.3", mount="own", placement="i_private", cleanup="none", metadata="resv_map"
    )
    kept = design.keeps[0]
    for change in (
        {"creator": "a\x1b"}, {"creator": "while"}, {"functions": (("evict_inode", "a b"),)},
        {"says": "x" * (SAID + 1)}, {"keeps": (kept,) * (KINDS + 1)},
        {"keeps": (Kept(replace(kept.kind, name="a b"), kept.placement),)},
        {"hooks": (("evict_inode", (None,) * (ACTIONS + 1)),)},
    ):  # fmt: skip
        with pytest.raises(DesignError):
            replace(design, **change)


def test_a_design_at_its_limit_is_checked_soon():
    free = ", ".join(f'"free m{n}"' for n in range(KINDS))
    text = (
        f'{HEAD}{kinds(KINDS)}hooks.alloc_inode = ["alloc container"]\nhooks.free_inode = [{free}]'
    )
    began = time.process_time()
    assert check(Design.from_text(text)).defects
    assert time.process_time() - began < 20
