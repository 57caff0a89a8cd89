"""What is wrong has a place in memory, and what a step touches an arrow there."""

from gmemviz.model.design import DEFECTS
from gmemviz.model.machine import Defect
from gmemviz.model.search import steps
from gmemviz.stage.drawn import Drawn
from gmemviz.stage.marks import (
    MARKS,
    WHO,
    MemoryPlace,
    arrows,
    plain_arrows,
    spot_of,
    verb_of,
    with_spot,
)
from gmemviz.stage.memory import scene
from tests.model.test_mutants import WITNESS, asked


def drawn(code):
    report = asked(code)
    path = report.path(code)
    run = tuple(steps(path, report.facts))
    return path, run, scene(path.world, run, report.facts)


def test_a_hook_that_nobody_reaches_is_marked_in_the_table_that_nobody_reaches():
    path, _, shown = drawn("unreachable-hook")
    assert spot_of(path.defect, shown, path) == ("s_op of the Design", "free_inode")


def test_a_field_that_is_not_there_is_drawn_as_not_there():
    path, _, shown = drawn("no-such-field")
    spot = spot_of(path.defect, shown, path)
    assert spot == ("address_space", "i_private_data")
    frame = with_spot(spot, {}, path.world)
    assert frame["address_space"].members[0].value == "no such member"


def test_a_word_is_marked_where_it_is_kept():
    path, _, shown = drawn("wrong-branch")
    assert spot_of(path.defect, shown, path) == ("inode", "i_private")


def test_who_waits_for_ever_is_marked_himself():
    path, _, shown = drawn("leak")
    assert spot_of(Defect("hang", "task", "waits"), shown, path) == (WHO, "")


def test_an_object_of_the_heap_is_not_drawn_twice():
    path, _, _ = drawn("leak")
    frame = {"inode": Drawn("struct inode", "allocated")}
    assert with_spot(MemoryPlace("inode"), frame, path.world) == frame


def test_what_is_wrong_is_drawn_last_and_once():
    path, run, _ = drawn("use-after-free")
    wrong = MemoryPlace("resv_map")
    found = plain_arrows(tuple(arrows(run[-1], wrong, verb_of(path, run[-1]))))
    assert [(arrow["object"], arrow["verb"], arrow["wrong"]) for arrow in found] == [
        ("inode", "reads", False),
        ("resv_map", "reads", True),
    ]


def test_every_code_has_a_mark_and_no_word_is_a_sentence():
    assert list(MARKS) == list(DEFECTS)
    for mark in MARKS.values():
        assert len(mark.verb) <= len("nobody frees")


def test_a_touchs_verb_is_a_value_of_its_own_and_fits_an_arrow():
    """What is "at the last folio_put reads" is a sentence's; the arrow says reads, and a load on the way none."""
    seen = set()
    for code in WITNESS:
        _, run, _ = drawn(code)
        seen |= {(touch.verb, touch.doing) for step in run for touch in step.touches}
    assert ("", "lets iput_final read s_op through") in seen
    assert ("reads", "reads s_op through") in seen
    assert all(verb in doing for verb, doing in seen)
    assert max(len(verb.split()) for verb, _ in seen) <= 2


def test_a_use_after_free_says_what_the_step_itself_does():
    path, run, _ = drawn("use-after-free")
    assert verb_of(path, run[-1]) == run[-1].touches[-1].verb == "reads"
    path, run, _ = drawn("leak")
    assert verb_of(path, run[-1]) == "nobody frees"
