"""What a command works on: a Design, never two; a scenario; a kernel's facts or a tree's."""

import re
from argparse import Namespace
from pathlib import Path

import pytest

from gmemviz.cli import main
from gmemviz.cli.line.sources import (
    design_files,
    facts_of,
    is_there,
    kernel_or_tree,
    named_design,
    read_design,
    read_file,
    read_scenario,
    say_skipped,
    tell_names,
)
from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.facts import kernels, load
from gmemviz.study import gallery

CELL = {"kernel": "7.3", "mount": "own", "placement": "i_private", "cleanup": "none",
        "metadata": "resv_map"}  # fmt: skip
NOTHING = {"name": None, "design": None, **dict.fromkeys(CELL)}
OWN = 'kernel = "7.3"\nmount = "own"\n'


def typed(**words):
    return Namespace(**{**NOTHING, **words})


@pytest.fixture
def own(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(OWN, encoding="utf-8-sig")  # as some editors write it
    return file


def test_each_way_names_a_design(own):
    assert read_design(typed(name="shmem-7.3")) == gallery("shmem-7.3")
    assert read_design(typed(design=own)).title == "mine"
    assert read_design(typed(**CELL)).title == "7.3, own mount, resv_map in i_private, none"
    assert read_design(typed(state="shmem-7.3/o-path/3")) == gallery("shmem-7.3")
    assert named_design("shmem-7.3") == gallery("shmem-7.3")
    assert named_design(str(own)) == read_file(own)


def test_a_file_is_what_the_design_is_read_from(own):
    assert design_files(typed(design=own)) == [own]
    assert design_files(typed(name="shmem-7.3")) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "missing: --kernel, --mount, --placement, --cleanup, --metadata"),
        ({**CELL, "mount": None}, "missing: --mount"),
        ({"name": "shmem-7.3", **CELL}, "or the five choices"),
        ({"name": "shmem-7.3", "design": Path("x.toml")}, "give one of a gallery name"),
        ({"name": "shmem-7.3", "state": "shmem-7.3"}, "or --state STRING"),
        ({"design": Path("no\0name.toml")}, "cannot read no"),
    ],
)
def test_none_or_two_is_refused(words, said):
    with pytest.raises(GmemvizError, match=re.escape(said)):
        read_design(typed(**words))


def test_a_scenario_that_does_not_ask_is_no_verdict():
    design = gallery("guest_memfd-7.3")
    assert read_scenario(typed(scenario=None), design) is None
    (scenario,) = read_scenario(typed(scenario="o-path"), design)
    assert scenario.name == "o-path"
    with pytest.raises(GmemvizError, match="second-creation does not ask about"):
        read_scenario(typed(scenario="second-creation"), design)
    with pytest.raises(GmemvizError, match="did you mean o-path"):
        read_scenario(typed(scenario="o-paht"), design)


@pytest.mark.parametrize("more", [b"#" * 70_000, "é".encode() * 70_000, "\u20ac".encode() * 90_000])
def test_a_long_file_is_refused_for_its_length_wherever_it_is_cut(tmp_path, capsys, more):
    file = tmp_path / "long.toml"
    for before in (b"#", b"##", b"###"):
        file.write_bytes(before + more)
        assert main(["check", "--design", str(file)]) == 2
        assert "a Design may have 65,536 characters" in capsys.readouterr().err


def test_characters_are_counted_and_not_bytes(tmp_path, capsys):
    file = tmp_path / "greek.toml"
    file.write_text('kernel = "7.3"\nmount = "own"\n#' + "\u20ac" * 60_000, encoding="utf-8")
    assert main(["check", "--design", str(file)]) == 0
    assert capsys.readouterr().err == ""


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "fs").mkdir()
    (tmp_path / "Makefile").write_text("VERSION = 9\nPATCHLEVEL = 8\nSUBLEVEL = 7\n")
    (tmp_path / "fs" / "inode.c").write_text("void iput(void)\n{\n\tevict();\n}\n")
    (tmp_path / "fs" / "off.c").write_text("void off_the_road(void)\n{\n\tleaf();\n}\n")
    return tmp_path


def test_the_newest_kernel_is_meant_where_none_is_said():
    assert facts_of(Namespace(kernel=None, tree=None)) is load(kernels()[-1])
    assert facts_of(Namespace(kernel="6.12", tree=None)).kernel == "6.12"


def test_a_tree_is_read_from_a_function_that_is_off_the_road_too(tree):
    arguments = Namespace(kernel=None, tree=tree)
    assert not facts_of(arguments).has_function("off_the_road")
    assert facts_of(arguments, roots=["off_the_road"]).has_function("off_the_road")


def test_one_word_is_a_kernel_or_a_folder(tree, tmp_path):
    assert kernel_or_tree("7.3") is load("7.3")
    assert kernel_or_tree(str(tree)).kernel.startswith("9.8")
    with pytest.raises(GmemvizError, match="is neither a shipped kernel"):
        kernel_or_tree(str(tmp_path / "Makefile"))


@pytest.mark.parametrize(("word", "is_one"), [("fs", True), ("x" * 5000, False), ("a\0", False)])
def test_a_word_that_can_be_no_name_is_not_there(tree, monkeypatch, word, is_one):
    monkeypatch.chdir(tree)
    assert is_there(word) is is_one


@pytest.mark.parametrize(("count", "end"), [(0, ""), (5, ")\n"), (7, ", and 2 more\n")])
def test_a_few_of_what_is_left_unread_are_named(capsys, tree, count, end):
    for number in range(count):
        (tree / f"fs/{number}.c").symlink_to("nowhere")
    facts = kernel_or_tree(str(tree))
    capsys.readouterr()  # it was said already
    say_skipped(facts)
    err = capsys.readouterr().err
    assert err.startswith(f"{count} left unread: fs/0.c (" if count else "")
    assert err.endswith(end)


def test_a_usual_name_is_said_once_for_both_kernels(capsys):
    old, new = load("6.12"), load("7.3")
    tell_names(["smb"], old, new)
    assert capsys.readouterr().err == "smb is a usual name of cifs, whose tables are meant\n"
    with pytest.raises(UnknownNameError, match="unknown filesystem: 'ext5'"):
        tell_names(["ext5"], old, new)
