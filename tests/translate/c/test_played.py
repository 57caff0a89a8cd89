"""Hooks, actors and callbacks of a Design's own words, and the tables by which they are played."""

import re

from gmemviz.evidence.confirm.confirm import units_of
from gmemviz.model import Design
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


def test_each_callback_has_what_it_is_queued_by_and_nothing_else():
    text = module_source(design_of(QUEUES))
    assert "__WORK_INITIALIZER(your_work_later[1].work, your_work_work)" in text
    assert "rcu_head" not in text
    text = module_source(design_of('hooks.destroy_inode = ["call_rcu free_it"]'))
    assert "your_free_it_rcu(struct rcu_head *head)" in text
    assert "work_struct" not in text


def test_the_driver_knows_every_timer():
    line = (
        'callbacks.tick = { runs = "timer", does = ["read blob"] }\n'
        'callbacks.tock = { runs = "timer", does = ["read blob"] }\n'
        'hooks.release = ["queue tick", "queue tock"]'
    )
    text = module_source(design_of(line))
    (timers,) = re.findall(r"your_timers\[\] = \{\n(.*?)\};", text, re.DOTALL)
    assert timers.split() == ["your_tick_later,", "your_tock_later,", "NULL"]


def test_a_body_has_a_variable_for_each_kind_to_which_it_gets_a_reference():
    line = 'actors.user = { holds = "inode", does = ["get blob", "put blob"] }'
    found = functions(module_source(design_of(line)))
    assert "struct your_blob *got_blob = NULL;" in found["your_does_user"]
    assert "got_blob" not in found["your_does_free_inode"]


UNDER_SRCU = """
    kernel = "6.12"
    mount = "own"
    metadata.blob = { placement = "i_private" }
    hooks.evict_inode = ["truncate", "clear_inode", "synchronize_srcu", "free blob"]
    hooks.destroy_inode = ["call_srcu late", "drain late", "srcu_barrier"]
    callbacks.late = { runs = "srcu", does = ["read blob"] }
    actors.reader = { holds = "srcu", does = ["read blob", "srcu_read_unlock", "sleep"] }
"""


def test_srcu_is_the_kernels_own_and_its_callbacks_have_an_rcu_head():
    design = Design.from_text(UNDER_SRCU)
    found = functions(module_source(design))
    assert "synchronize_srcu(&own_srcu);" in found["your_does_evict_inode"]
    destroyed = found["your_does_destroy_inode"]
    assert "call_srcu(&own_srcu, &later_of(your_late_later, at)->rcu, your_late_rcu);" in destroyed
    assert destroyed.count("srcu_barrier(&own_srcu);") == 2  # one is what `drain` means
    assert "leave_srcu(at);" in found["your_does_reader"]
    text = module_source(design)
    assert "HOLDS_SRCU" in text
    assert "your_late_rcu(struct rcu_head *head)" in text


def test_a_callback_that_lies_in_what_it_frees_finds_that_by_its_own_address():
    head = UNDER_SRCU.replace('"read blob"] }\n    actors', '"free blob"] }\n    actors')
    found = functions(module_source(Design.from_text(head)))
    handed = "call_srcu(&own_srcu, &carried_by(blob, &blob->later, at)->rcu, your_late_rcu);"
    assert handed in found["your_does_destroy_inode"]
    assert "struct your_blob *blob = at->carried;" in found["your_late"]
    # Whoever frees it meanwhile frees what is yet to be called.
    assert 'freed_with("blob", &blob->later);' in found["your_blob_free"]
    assert "your_late_later[2]" not in module_source(Design.from_text(head))
    plain = functions(module_source(Design.from_text(UNDER_SRCU)))
    assert "freed_with" not in plain["your_blob_free"]
