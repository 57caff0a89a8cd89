"""Hooks, actors and callbacks of a Design's own words, and the tables by which they are played."""

from gmemviz.evidence.confirm.confirm import units_of
from gmemviz.translate.c.played import HEADS, table_of_plays
from gmemviz.translate.c.plays import Play
from gmemviz.translate.c.source import module_source
from tests.model.test_language import design_of
from tests.translate.c.texts import cell, functions

QUEUES = 'hooks.put_super = ["queue work"]'


def test_a_hook_calls_its_body_with_what_the_kernel_gave_it():
    found = functions(module_source(design_of(QUEUES)))
    assert (
        "your_does_put_super(&(struct place){ NULL, NULL, NULL, sb });" in (found["your_put_super"])
    )
    assert "sb" in HEADS["kill_sb"][1]


def test_a_callback_may_queue_one_that_stands_below():
    text = module_source(design_of(QUEUES))
    assert text.index("your_work_later[2]") < text.index("your_does_put_super(")


def test_one_name_of_a_play_serves_every_design_of_a_module():
    play = Play("reader@1", "actor reader", "{ }")
    text = table_of_plays({"a": [play], "b": [play]})
    assert text.count('"reader@1"') == 1
    assert "a_play(run, 0)" in text
    assert "b_play(run, 0)" in text


def test_a_cell_of_the_matrix_is_written_as_it_was():
    plain = cell("i_private", "none", "resv_map")
    assert "plays" not in units_of({"c": plain})
    beside = units_of({"c": plain, "d": design_of(QUEUES)})
    assert "c_play(run, 0)" in beside["plays"]
    assert "come_to" not in module_source(plain)
