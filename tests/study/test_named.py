"""A Design by its name or its file, wherever a public function takes a Design."""

from pathlib import Path

import pytest

import gmemviz
from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.study.named import check, design_in, named, read_design, scenario_of

NAME = "guest_memfd-7.3"
DESIGN = gmemviz.gallery(NAME)
TREE = """
kernel = "6.12"
mount = "own"
metadata.tree = { placement = "i_private", release = "sleeping lock" }
hooks.evict_inode = ["truncate", "clear_inode", "free tree"]
actors.reader = { holds = "rcu", does = ["if tree set: read tree untested"] }
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tree.toml"
    path.write_text(TREE)
    return path


def test_a_name_a_file_and_a_design_are_one_design(file):
    assert named(NAME) == named(DESIGN) == DESIGN
    assert named(file) == named(str(file)) == read_design(file)
    assert named(file).title == "tree"
    assert design_in(file.open("rb"), Path("piped")).title == "piped"
    assert named(None) is None


@pytest.mark.parametrize("given", [NAME, DESIGN, "file"])
def test_every_function_that_takes_a_design_takes_them(given, file):
    given = file if given == "file" else given
    design = named(given)
    assert gmemviz.check(given).design == design
    assert gmemviz.compare(given, NAME).a.design == design
    assert gmemviz.judge(given) == gmemviz.judge(design)


def test_a_recording_is_held_against_a_name():
    found = gmemviz.conform(gmemviz.load_recording("7.3-pipe"), "pipefs-7.3")
    assert found.design.name == "pipefs-7.3"


def test_a_scenario_may_be_named_and_be_the_designs_own(file):
    (search,) = check(file, scenarios=["actor reader"]).explorations[:1]
    assert search.world.scenario is not None
    assert scenario_of(read_design(file), "actor reader").name == "actor reader"
    by_name, by_itself = (check(NAME, scenarios=[each]) for each in
                          ("last-close", scenario_of(DESIGN, "last-close")))  # fmt: skip
    assert by_name == by_itself


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ("guest-memfd-7.3", UnknownNameError, "did you mean guest_memfd-7.3"),
        ("nowhere.toml", GmemvizError, "cannot read nowhere.toml"),
        (Path("/"), GmemvizError, "cannot read /"),
        ("\0.toml", GmemvizError, "cannot read"),
        (3, TypeError, "design must be a Design, not 3"),
        (None, TypeError, "design must be a Design"),
        ([NAME], TypeError, "design must be a Design"),
    ],
)
def test_what_is_none_of_them_is_refused(given, error, said):
    with pytest.raises(error, match=said):
        gmemviz.check(given)


def test_a_wrong_scenario_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean last-close"):
        check(NAME, scenarios=["last-clsoe"])
    with pytest.raises(TypeError):
        check(NAME, scenarios=[3])


@pytest.mark.parametrize(
    ("text", "said"), [(b"\xff", "UTF-8"), (b"#" * 70_000, "may have 65,536"), (b"a = [", "TOML")]
)
def test_a_file_that_is_no_design_is_refused(tmp_path, text, said):
    path = tmp_path / "x.toml"
    path.write_bytes(text)
    with pytest.raises(GmemvizError, match=said):
        gmemviz.check(path)
