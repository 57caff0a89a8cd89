"""A World: programs, cells and first state of one scenario for one Design."""

from gmemviz.facts import load
from gmemviz.model import SCENARIOS
from gmemviz.model.road import cells
from gmemviz.model.search.world import world_of
from gmemviz.study import gallery
from tests.model.search.cell import design

FACTS = load("7.3")


def world(scenario, cleanup="free-all", metadata="resv_map", **choices):
    return world_of(design(cleanup, metadata, **choices), SCENARIOS[scenario], FACTS)


def test_the_first_state_has_every_cell_and_nothing_done():
    made = world("second-creation")
    assert made.start[: 2 * len(made.programs)] == (0,) * 8
    at_first = made.cells(made.start)
    assert tuple(at_first) == made.names
    assert list(at_first)[: len(cells.SHARED)] == [name for name, _ in cells.SHARED]
    assert at_first["inode"] == at_first["second"] == "absent"


def test_it_knows_its_objects_and_inodes():
    made = world("second-creation")
    assert made.objects == ("resv_map", "resv_map of second")
    assert made.inodes == ("inode", "second")
    assert world("last-close", metadata="flags", placement="i_private-flags").objects == ()


def test_only_some_inodes_are_listed():
    assert world("last-close").listed == ()
    assert world("root-inode").listed == ("inode",)
    assert world("stale-root").listed == ("second",)


def test_cells_of_a_scenario_are_there_in_it_alone():
    assert "inode.i_lock" in world("igrab").names
    assert "inode.i_lock" not in world("last-close").names


def test_actors_are_compiled_once_for_several_scenarios():
    compiled = {}
    made = [
        world_of(gallery("shmem-7.3"), SCENARIOS[name], FACTS, compiled=compiled)
        for name in ("last-close", "gup-fast")
    ]
    assert made[0].programs[:2] == made[1].programs[:2]
    assert made[0].programs[0] is made[1].programs[0]


def test_a_name_is_no_part_of_the_meaning():
    one, other = world("last-close"), world("last-close", kernel="6.12", metadata="resv_map")
    assert one.design != other.design
    assert one.meaning == other.meaning
    assert one.meaning != world("last-close", cleanup="none").meaning
