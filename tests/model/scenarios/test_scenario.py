"""The short forms of scenarios, and what a Design is asked for."""

from gmemviz.model.road import Call, files
from gmemviz.model.scenarios import SCENARIOS
from gmemviz.model.scenarios.scenario import (
    TASK,
    Actor,
    actor,
    atomic,
    entry,
    keeps_in,
    on_request,
    owns_last_put,
    scenario,
    table_of,
    unmounts,
)
from gmemviz.model.scenarios.witnesses import DEAD, ENDS
from tests.model.machine.made import cell_target, design_of

DESIGN = design_of()


def test_every_scenario_sees_its_inode_end_first():
    made = scenario("name", "says", TASK, also=(DEAD,))
    assert (made.name, made.path, made.says, made.actors) == ("name", "N", "says", (TASK,))
    assert made.sometimes == (ENDS, DEAD)
    assert made.asks(DESIGN)
    assert made.unasked(DESIGN)
    assert all(each.sometimes[0] == ENDS for each in SCENARIOS.values())


def test_what_is_on_request_is_asked_by_name_only():
    made = on_request("name", "says", TASK, path="R")
    assert (made.path, made.asks(DESIGN), made.unasked(DESIGN)) == ("R", True, False)


def test_a_table_is_in_the_order_of_its_rows():
    rows = (scenario("b", "", TASK), scenario("a", "", TASK))
    assert list(table_of(*rows).values()) == list(rows)
    assert all(name == each.name for name, each in SCENARIOS.items())


def test_an_actor_enters_the_kernel():
    assert entry("close(2)") == Call(("close(2)",), is_entry=True)
    assert atomic("igrab") == Call(("igrab",), "A", is_entry=True)
    made = actor("task", entry("close(2)"), file="file 2")
    assert made == Actor("task", (entry("close(2)"),), file="file 2")


def test_who_keeps_what_where():
    assert keeps_in("inode")(DESIGN)
    assert not keeps_in("xarray")(DESIGN)
    assert unmounts(DESIGN)
    assert not unmounts(cell_target(mount="anon-inode").design)
    assert owns_last_put(cell_target(metadata="folio-put-state").design)
    assert not owns_last_put(DESIGN)


def test_a_task_runs_nothing_that_only_waits():
    assert files.has_file not in [getattr(line, "guard", None) for line in TASK.lines]
