"""The choices: what follows from who reads a kind of metadata."""

import pytest

from gmemviz.model.design.choices import (
    GALLERY_PLACEMENTS,
    METADATA,
    MOUNTS,
    PLACEMENTS,
    READERS,
    Metadata,
)

ALL = ("truncation", "reference", "last put", "empty")
FOLLOWS = {
    "truncation": {"truncation"},
    "empty truncation": {"empty"},
    "lockless reader": {"reference"},
    "last folio_put": {"last put"},
    "last folio_put by folio->mapping": {"last put"},
    "last folio_put by folio->mapping, untested": {"last put"},
}


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_reads_in_one_place(reader):
    kind = Metadata("tree", "", (reader,))
    answers = (
        kind.read_by_truncation, kind.read_without_reference, kind.read_by_last_put,
        kind.read_when_empty,
    )  # fmt: skip
    assert {name for name, is_so in zip(ALL, answers, strict=True) if is_so} == FOLLOWS[reader]


def test_only_a_word_owns_nothing():
    assert [name for name, kind in METADATA.items() if not kind.owns_object] == ["flags"]
    assert [name for name, place in PLACEMENTS.items() if place.word_only] == ["i_private-flags"]


def test_a_row_says_what_it_is():
    assert repr(MOUNTS["own"]).startswith("<Mount own: a pseudo filesystem")
    assert repr(PLACEMENTS["i_private"]) == "<Placement i_private: a pointer in inode->i_private>"
    assert repr(METADATA["rcu-blob"]).startswith("<Metadata rcu-blob: an object that a lockless")
    assert list(GALLERY_PLACEMENTS)[: len(PLACEMENTS)] == list(PLACEMENTS)
