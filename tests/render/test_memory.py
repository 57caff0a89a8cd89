"""Who holds what memory: one picture a World, and what is there in each state."""

import pytest

from gmemviz.model import PLACEMENTS, Design, check, design_from_choices
from gmemviz.model.machine import FREED, HELD
from gmemviz.render import film_of_report
from gmemviz.render.memory import _pointers, memory, memory_roles, without_absent
from gmemviz.study import gallery


def world_of(placement="i_private", metadata="resv_map", cleanup="free-all"):
    design = design_from_choices(
        kernel="7.3", mount="own", placement=placement, cleanup=cleanup, metadata=metadata
    )
    return check(design).whole.world


HELD_BY = {
    "i_private": ("head of resv_map", ".i_private"),
    "i_private_data": ("head of resv_map", ".i_private_data"),
    "containing-struct": ("head of resv_map", ".resv_map"),
    "file-private_data": ("file", ".private_data"),
    "global-xarray": ("global xarray", "[inode]"),
}


@pytest.mark.parametrize("placement", HELD_BY)
def test_an_arrow_leads_from_whoever_holds_the_pointer(placement):
    tail, label = HELD_BY[placement]
    assert f"{tail} -> resv_map ({label})" in memory(world_of(placement)).alt.splitlines()


def test_each_placement_of_a_pointer_is_tried():
    assert HELD_BY.keys() == PLACEMENTS.keys() - {"i_private-flags"}


def test_only_a_struct_of_its_own_stands_around_the_inode():
    (around,) = memory(world_of("containing-struct")).clusters
    assert (around.id, [inner.id for inner in around.clusters]) == (
        "mem__container", ["mem__inode"],
    )  # fmt: skip
    (alone,) = memory(world_of("i_private")).clusters
    assert alone.id == "mem__inode"
    assert [node.label for node in alone.nodes] == [
        "i_count > 0", "I_FREEING", "I_CLEAR", "i_private: resv_map",
    ]  # fmt: skip


def test_what_points_to_freed_memory_dangles_and_goes_with_the_inode():
    world = world_of("i_private")
    start = dict(world.cells(world.start))
    alive = start | {"inode": HELD, "inode.i_private": "resv_map", "resv_map": FREED}
    arrow, head = "mem_e__head_of_resv_map__resv_map", "mem__head_of_resv_map"
    slot = world.programs[0].target.slot(world.design.keeps[0])
    alive[slot] = "resv_map"
    roles = memory_roles(world, alive)
    assert (roles[arrow], roles["mem__resv_map"], roles[head]) == ("dangling", "freed", "held")
    dead = memory_roles(world, alive | {"inode": FREED})
    assert (dead[arrow], dead["mem__inode"], dead[head]) == ("absent", "freed", "freed")


def test_a_pointer_outside_stays_when_the_inode_is_gone():
    world = world_of("file-private_data")
    slot = world.programs[0].target.slot(world.design.keeps[0])
    cells = dict(world.cells(world.start)) | {"inode": FREED, slot: "resv_map", "resv_map": HELD}
    assert "mem_e__file__resv_map" not in memory_roles(world, cells)


def test_parts_of_a_freed_struct_are_freed_and_no_false_alarm_rings(merged):
    last = merged.frames[-1]["roles"]
    assert last["mem__head_of_shared_policy"] == last["mem__head_of_flags"] == "freed"
    assert "dangling" not in last.values()
    assert "defect" not in last.values()


def test_a_leak_is_shown_as_one():
    leaky = film_of(
        kernel="7.3", mount="own", placement="i_private", cleanup="none", metadata="rcu-blob"
    )
    assert leaky.frames[-1]["roles"]["mem__rcu_blob"] == "leaked"
    assert leaky.frames[-1]["defect"] == "leak"


def film_of(**choices):
    return film_of_report(check(design_from_choices(**choices), keep_moves=True))


def test_a_word_that_two_share_leads_to_one_of_them():
    table = {
        "kernel": "6.12", "mount": "own", "filled": False, "kinds": ["symlink", "special"],
        "metadata": {"body": {"placement": "i_link", "of": ["symlink"]},
                     "device": {"placement": "i_cdev", "of": ["special"]}},
    }  # fmt: skip
    world = check(Design.from_table("shares", table)).whole.world
    leads = {arrow.head: arrow.holds for arrow in _pointers(world)}
    cells = {"inode.body": "device"}
    assert (leads["body"](cells), leads["device"](cells)) == (False, True)


def test_without_what_is_not_there_every_word_stays_that_is():
    report = check(gallery("rfc-v1-hugetlb"), keep_moves=True)
    film = film_of_report(report)
    whole = film.still("memory", 17)
    there = without_absent(whole)
    gone = {name for name, role in whole.roles.items() if role == "absent"}
    assert gone
    assert {node.id for node in every_node(there)} == {n.id for n in every_node(whole)} - gone
    assert not {end for edge in there.edges for end in (edge.id, edge.tail, edge.head)} & gone
    assert {dict(edge.extra)["fontsize"] for edge in there.edges} == {"11"}


def every_node(drawing):
    yield from drawing.nodes
    for cluster in drawing.clusters:
        yield from every_node(cluster)
