"""A filesystem by its name: which one is meant, and what else the word could mean."""

from argparse import Namespace

import pytest

from gmemviz.cli.line import filesystem, named_filesystem, shipped
from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.facts import load, snapshots, super_names
from gmemviz.study import designs


def typed(name=None, kernel=None, fs=None):
    return Namespace(name=name, kernel=kernel, fs=fs)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (typed("ext4"), "ext4"),
        (typed("ext4_sops", "6.1"), "ext4_sops"),
        (typed(fs="ext4"), "ext4"),
        (typed("shmem-7.3"), ""),
        (typed(), ""),
    ],
)
def test_which_filesystem_is_meant(words, found):
    assert named_filesystem(words) == found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (typed("aoi-7.3"), "aio-7.3"),
        (typed("ext5"), "ext4"),
        (typed("ext4", "7.4"), "must be one of"),
        (typed("ext4", fs="ext4"), "not both"),
    ],
)
def test_a_wrong_word_is_refused(words, said):
    with pytest.raises(GmemvizError, match=said):
        named_filesystem(words)


def test_no_design_of_the_gallery_is_called_as_a_filesystem():
    """So that a name is looked for in the gallery alone, and no facts are read for it."""
    for kernel in snapshots():
        assert set(super_names(load(kernel))).isdisjoint(designs())


def test_a_name_of_the_gallery_needs_no_facts(monkeypatch):
    monkeypatch.setattr(filesystem, "load", None)
    assert [named_filesystem(typed(name)) for name in designs()] == [""] * len(designs())


def test_several_tables_of_a_name_are_said(capsys):
    assert len(shipped(typed("9p"))) == 2
    assert "9p has 2 tables: v9fs_super_ops (fs/9p/vfs_super.c:" in capsys.readouterr().err
    assert len(shipped(typed(fs="ext4"))) == 1
    assert capsys.readouterr().err == ""


def test_no_name_at_all_is_refused():
    with pytest.raises(GmemvizError, match="name a filesystem"):
        shipped(typed())
    with pytest.raises(UnknownNameError):
        shipped(typed(fs="ext5"))
