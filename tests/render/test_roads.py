"""Pictures of a kernel's own calls: small enough, true to the facts, honest about change."""

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.facts import callees, load
from gmemviz.render import draw_diff, draw_road
from gmemviz.render.roads import LIMIT, road_graph

FILESYSTEMS = ["guest_memfd", "shmem", "hugetlbfs"]


@pytest.mark.parametrize("kernel", ["6.12", "7.3"])
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_road_fits_a_picture(kernel, count):
    graph = road_graph(load(kernel), "iput", filesystems=FILESYSTEMS[:count])
    assert 10 < len(graph.functions) <= LIMIT


def test_every_hook_default_and_callback_is_on_it():
    graph = road_graph(load("7.3"), "iput", filesystems=FILESYSTEMS)
    edges = {(edge.caller, edge.callee, edge.kind) for edge in graph.edges}
    assert {
        ("iput_final", "inode_just_drop", "ops"),
        ("iput_final", "inode_generic_drop", "default"),
        ("evict", "shmem_evict_inode", "ops"),
        ("evict", "hugetlbfs_evict_inode", "ops"),
        ("evict", "truncate_inode_pages_final", "default"),
        ("evict", "clear_inode", "default"),
        ("destroy_inode", "kvm_gmem_destroy_inode", "ops"),
        ("destroy_inode", "i_callback", "deferred"),
        ("i_callback", "kvm_gmem_free_inode", "ops"),
        ("i_callback", "free_inode_nonrcu", "default"),
        ("kvm_gmem_destroy_inode", "mpol_free_shared_policy", "direct"),
    } <= edges


def test_no_edge_is_invented():
    facts = load("7.3")
    for edge in road_graph(facts, "iput", filesystems=FILESYSTEMS).edges:
        found = callees(facts, edge.caller, noise=True, filesystems=FILESYSTEMS)
        assert edge.callee in [other.callee for other in found]


def test_golden_roads(golden):
    golden("road.dot", draw_road(load("7.3"), "iput", filesystems=FILESYSTEMS).dot)
    golden("diff.dot", draw_diff(load("6.12"), load("7.3"), "iput", filesystems=FILESYSTEMS).dot)


def test_a_change_is_called_so_only_where_the_facts_say_it():
    drawing = draw_diff(load("6.12"), load("7.3"), "iput", filesystems=FILESYSTEMS)
    assert drawing.roles["calls__inode_just_drop"] == "renamed"
    assert drawing.roles["calls__kvm_gmem_destroy_inode"] == "added"
    assert drawing.roles["calls_e__destroy_inode__kvm_gmem_destroy_inode"] == "added"
    assert "calls_e__evict__remove_inode_hash" not in drawing.roles
    assert "calls__evict" not in drawing.roles


def test_noise_comes_on_request():
    quiet, loud = (
        road_graph(load("7.3"), "evict", noise=noise, limit=60).functions for noise in (False, True)
    )
    assert "spin_lock" not in quiet
    assert "spin_lock" in loud


def test_an_unknown_start_is_refused():
    with pytest.raises(UnknownNameError, match=r"no function 'iputt' in the facts of 7\.3"):
        draw_road(load("7.3"), "iputt")
