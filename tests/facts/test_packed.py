"""What is packed comes back the same, whatever records it is made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pytest

from gmemviz.facts import Deed, FunctionDeeds, OpsTable, Source, Tested, Unread
from gmemviz.facts.packed import Packer, Unpacker

Word = Literal["a", "b"]


class Small(NamedTuple):
    word: Word
    count: int = 3


@dataclass(frozen=True)
class Large:
    parts: tuple[Small, ...]
    pair: tuple[str, int]
    by_name: Mapping[Word, Small]
    maybe: Small | None = None
    is_so: bool = False


LARGE = Large(
    (Small("a"), Small("b", 4)), ("text", -7), {"b": Small("b")}, Small("a", 0), is_so=True
)
AT = Source("fs/toy/super.c", 40, "toy_free", "v6.12.5")
DEED = Deed("given back", "container.body", (AT, AT._replace(line=60)), "kfree", True,
            ((Tested("symlink", "inode", True, "fs/toy/super.c:39", "4>f"),), ()), "toy_rcu")  # fmt: skip
FUNCTION = FunctionDeeds("toy_free", AT.path, 38, (DEED,), (Unread(AT, "could", "why"),))
TABLE = OpsTable("toy_ops", "super_operations", AT.path, 9, (("free_inode", "toy_free"),), "toyfs",
                 (11,), (), ("toyfs",))  # fmt: skip


def back(kind, value, *, names=None):
    packer = Packer()
    data = json.loads(json.dumps(packer.pack(value)))
    return Unpacker(packer.words, names or packer.fields).unpack(kind, data)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Large, LARGE),
        (Large, Large((), ("", 0), {})),
        (FunctionDeeds, FUNCTION),
        (OpsTable, TABLE),
        (tuple[FunctionDeeds, ...], (FUNCTION, FUNCTION)),
        (Mapping[str, tuple[str, FunctionDeeds]], {"toy": ("get_link", FUNCTION)}),
        (FunctionDeeds | None, None),
        (FunctionDeeds | None, FUNCTION),
    ],
)
def test_what_is_packed_comes_back(kind, value):
    assert back(kind, value) == value
    assert type(back(kind, value)) is type(value)


def test_a_text_is_kept_once():
    packer = Packer()
    assert packer.pack((AT, AT)) == [[0, 40, 1, 2]] * 2
    assert packer.words == [AT.path, AT.function, AT.tag]


def test_the_types_come_back_and_not_only_what_equals_them():
    found = back(Large, LARGE)
    assert (found.is_so, type(found.parts), type(found.parts[0])) == (True, tuple, Small)


def test_a_field_that_came_later_has_its_default():
    packer = Packer()
    data = packer.pack(Small("a", 9))
    unpacker = Unpacker(packer.words, {"Small": ["word"]})
    assert unpacker.unpack(Small, data[:1]) == Small("a", 3)


@pytest.mark.parametrize("names", [["word", "count", "gone"], ["gone", "count"], ["count"]])
def test_fields_that_the_record_has_not_are_refused(names):
    with pytest.raises((KeyError, TypeError, ValueError)):
        back(Small, Small("a", 9), names={"Small": names})


@pytest.mark.parametrize("value", [object(), {1.5}, 2.5, b"bytes", (1, [2])])
def test_what_is_no_record_is_refused(value):
    with pytest.raises(TypeError, match="cannot be packed"):
        Packer().pack(value)
