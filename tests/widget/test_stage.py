"""The Stage answers a click: a verdict, what it was before, and the marks of all other choices."""

import pytest

from gmemviz import Stage, check, design_from_choices, gallery
from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.render import engine
from gmemviz.widget.stage import QUESTION


@pytest.fixture
def stage():
    made = Stage()
    yield made
    made.close()


def test_it_begins_with_the_threads_question(stage):
    assert stage.choices == QUESTION
    assert stage.value["headline"]["code"] == "late-release"
    assert stage.tints["cleanup"]["evict-after-truncate"]["mark"] == "correct"


def test_a_click_changes_the_verdict_and_says_what_it_was(stage):
    stage.choices = {**stage.choices, "cleanup": "evict-after-truncate"}
    assert stage.value["headline"]["mark"] == "correct"
    was = stage.value["was"]
    assert (was["short"], was["before"], was["after"]) == (
        "late", "free-all", "evict-after-truncate"
    )  # fmt: skip
    assert stage.tints["cleanup"]["free-all"]["short"] == "late"
    assert stage.report.verdict == "correct"


def test_calls_and_states_are_drawn_when_they_are_looked_at(stage):
    assert stage.tab == "memory"
    assert stage.pictures == []
    stage.tab = "states"
    assert [list(each) for each in stage.pictures] == [["calls", "whole", "states"]]
    before = stage.pictures
    stage.tab = "calls"
    assert stage.pictures is before  # both are of one run
    stage.choose(cleanup="evict-after-truncate")
    assert "your_evict_inode" in stage.pictures[0]["calls"]["svg"]
    stage.tab = "nowhere"
    assert stage.tab == "calls"
    stage.choose(placement="i_private-flags")
    assert stage.pictures == []


def test_without_an_engine_a_sentence_stands_in_the_place_of_a_picture(stage, monkeypatch):
    engine.svg.cache_clear()
    monkeypatch.setenv("GMEMVIZ_DOT", "no-such-program")
    stage.tab = "calls"
    assert "is not a program" in stage.pictures[0]["why"]


def test_of_two_designs_either_has_its_pictures():
    stage = Stage(against=design_from_choices(**QUESTION | {"cleanup": "evict-after-truncate"}))
    stage.tab = "calls"
    assert ["your_evict_inode" in each["calls"]["svg"] for each in stage.pictures] == [False, True]
    stage.close()


def test_choose_does_what_clicks_do(stage):
    stage.choose(cleanup="evict-after-truncate", metadata="resv_map")
    assert stage.value["was"]["before"] == "free-all, hugetlb-subpool"
    with pytest.raises(UnknownNameError, match="evict-after-truncate"):
        stage.choose(cleanup="evict-after-truncat")


def test_choices_that_make_no_design_are_said_and_left_again(stage):
    stage.choose(placement="i_private-flags")
    assert stage.value["headline"]["mark"] == "none"
    assert stage.still()["text/plain"].startswith("Not a design")
    stage.choose(metadata="flags")
    assert stage.value["headline"]["mark"] == "correct" or stage.value["steps"]


def test_it_starts_from_a_gallery_name_and_from_the_five_choices_again(stage):
    stage.choose(cleanup="evict-after-truncate")
    stage.begin("gallery guest_memfd-7.3")
    assert (stage.start, stage.words, stage.choices, stage.tints) == (
        "gallery guest_memfd-7.3", {}, {}, {}
    )  # fmt: skip
    assert stage.value["title"] == "guest_memfd-7.3"
    assert "was" not in stage.value
    assert ["kernel", ["7.3"]] in stage.says
    stage.begin("choices")
    assert stage.choices == QUESTION
    assert stage.says == []
    assert stage.tints["cleanup"]["evict-after-truncate"]["mark"] == "correct"
    assert "was" not in stage.value


def test_it_starts_from_toml_and_says_what_is_wrong_with_it(stage):
    before = stage.value
    stage._asked(stage, {"start": "toml", "text": 'kernel = "7.3"\nmount = "owm"'}, [])
    assert "did you mean own?" in stage.told
    assert (stage.value, stage.start, stage.answered) == (before, "choices", 1)
    text = """
        name = "tree-in-evict"
        kernel = "7.3"
        mount = "own"
        metadata.tree = { placement = "i_private", release = "sleeping lock" }
        hooks.evict_inode = ["truncate", "clear_inode", "free tree"]
        """
    stage._asked(stage, {"start": "toml", "text": text}, [])
    assert (stage.told, stage.start, stage.answered) == ("", "toml", 2)
    assert stage.design.name == "tree-in-evict"


@pytest.mark.parametrize(
    "hostile", [None, {}, {"start": 7}, {"start": "gallery ../x"}, {"start": "toml", "text": []}]
)
def test_what_is_no_start_changes_nothing(stage, hostile):
    before = dict(stage.value)
    stage._asked(stage, hostile, [])
    assert stage.start == "choices"
    assert stage.value == before


def test_what_was_started_from_is_held_against_the_other():
    stage = Stage(against="guest_memfd-7.3")
    stage.begin("gallery rfc-v1-free_inode")
    assert [side["title"] for side in stage.value["sides"]] == [
        "rfc-v1-free_inode", "guest_memfd-7.3"
    ]  # fmt: skip
    stage.close()


@pytest.mark.parametrize("hostile", [{}, {"cleanup": "none"}, {**QUESTION, "kernel": "<b>"}])
def test_what_is_no_choice_changes_nothing(stage, hostile):
    before = dict(stage.value)
    stage.choices = hostile
    assert stage.choices == QUESTION
    assert stage.value == before


def test_a_design_or_a_report_has_no_choices():
    for shown in (gallery("guest_memfd-7.3"), check(gallery("guest_memfd-7.3"))):
        stage = Stage(shown)
        assert stage.choices == stage.words == stage.tints == {}
        with pytest.raises(GmemvizError, match="no choices"):
            stage.choose(kernel="7.3")
        stage.close()


def test_a_defect_can_be_named():
    stage = Stage(**QUESTION, code="sleep-in-softirq")
    assert stage.value["headline"]["code"] == "sleep-in-softirq"
    stage.close()


def test_wrong_words_are_refused_before_a_widget_is_made():
    with pytest.raises(UnknownNameError, match=r"6\.12"):
        Stage(kernel="6.13")
    with pytest.raises(GmemvizError, match="a Design has all of them"):
        Stage(gallery("guest_memfd-7.3"), kernel="7.3")


def test_without_a_widget_a_picture_and_the_run_stand_for_it(stage):
    still = stage.still()
    assert still["text/plain"].startswith("Late release: a second creation is refused")
    assert "<img" in still["text/html"]


def test_two_designs_stand_in_one_value_and_a_choice_changes_the_first():
    evict = design_from_choices(**QUESTION | {"cleanup": "evict-after-truncate"})
    stage = Stage(against=evict)
    letters = [(side["letter"], side["headline"]["mark"]) for side in stage.value["sides"]]
    assert letters == [("A", "wrong"), ("B", "correct")]
    stage.choose(mount="anon-inode")
    assert stage.value["sides"][0]["label"].startswith("anon-inode")
    stage.choose(placement="i_private-flags")  # no Design, so there is nothing to hold against it
    assert "sides" not in stage.value
    assert stage.value["headline"]["mark"] == "none"
    stage.close()


def test_a_code_and_another_design_are_not_both_taken():
    with pytest.raises(GmemvizError, match="both decide the run"):
        Stage(gallery("rfc-v1-hugetlb"), code="leak", against=gallery("guest_memfd-7.3"))


@pytest.mark.parametrize(
    ("other", "plays"),
    [("rfc-v1-free_inode", "rfc-v1-free_inode"), ("rfc-v1-hugetlb", "guest_memfd-7.3")],
)
def test_the_still_of_two_plays_the_one_whose_defect_decides(other, plays):
    stage = Stage("guest_memfd-7.3", against=other)
    text = stage.still()["text/plain"]
    assert text.startswith(stage.value["headline"]["sentence"])
    assert f"\n{plays} [simulated]" in text
    assert other in repr(stage)
