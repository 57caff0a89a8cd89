"""Memory is the run's own heap: each object of it, its members by the kernel's names, its pointers."""

from gmemviz import Design, check, design_from_choices, gallery
from gmemviz.derive import derive, shipped_tables
from gmemviz.model import SCENARIOS
from gmemviz.model.search import path_to, steps
from gmemviz.stage.memory import order, pool_of, scene

CELL = {
    "kernel": "7.3", "mount": "own", "placement": "containing-struct",
    "cleanup": "evict-before-truncate", "metadata": "resv_map",
}  # fmt: skip


def drawn(report, code=None):
    path = report.path(code) if code else report.whole
    run = tuple(steps(path, report.facts))
    return scene(path.world, run, report.facts), run


def rows(each):
    return {row.name: (row.value, row.to) for row in each.members}


def test_an_inode_leads_to_its_superblock_and_that_to_the_table():
    shown, _ = drawn(check(design_from_choices(**CELL)), "use-after-free")
    last = shown.frames[-1]
    assert rows(last["inode"])["i_sb"] == ("", "superblock")
    assert rows(last["superblock"])["s_op"] == ("", "s_op")
    assert rows(last["s_op"])["evict_inode"] == ("your_evict_inode", "")
    assert last["superblock"].note == "own mount"


def test_a_pointer_to_freed_memory_stays_and_says_who_freed_it():
    shown, run = drawn(check(design_from_choices(**CELL)), "use-after-free")
    last = shown.frames[-1]
    assert rows(last["inode"])["resv_map"] == ("", "resv_map")
    assert last["resv_map"].status == "freed"
    assert last["resv_map"].note == "freed at step 27 by your_evict_inode"
    assert "resv_map" in run[26].freed


def test_flags_and_counts_are_members():
    shown, _ = drawn(check(design_from_choices(**CELL)), "use-after-free")
    inode = rows(shown.frames[-1]["inode"])
    assert inode["i_state"] == ("I_FREEING", "")
    assert inode["i_count"] == ("0", "")
    assert inode["i_data"] == ("1 folio", "folio")
    assert [*inode][:2] == ["i_count", "i_state"]


def test_a_second_inode_and_the_pool_are_there_where_the_run_has_them():
    cell = CELL | {"cleanup": "free-all"}
    shown, _ = drawn(check(design_from_choices(**cell)), "late-release")
    pool = pool_of("resv_map")
    assert {"inode", "second", pool} <= set(order(shown.frames))
    assert rows(shown.frames[-1][pool])["left"] == ("0 of 1", "")
    alone, _ = drawn(check(design_from_choices(**CELL)), "use-after-free")
    assert pool not in set(order(alone.frames))


def test_every_object_with_a_status_is_drawn_in_every_scenario():
    """No list of objects: what a scenario brings is there, but what stays as it was from first to last."""
    report = check(gallery("guest_memfd-7.3"), scenarios=[SCENARIOS["memslot-deletion"]])
    search = report.explorations[0]
    path = path_to(search, search.ended)
    run = tuple(steps(path, report.facts))
    shown = scene(path.world, run, report.facts)
    changing = {name for step in run for name in [effect.object for effect in step.effects]}
    objects = {name for name in changing if name in path.world.names and "." not in name}
    backdrop = {"mount", "mapped", "closed", "bindings", "f_ref", "pinned", "published"}
    assert objects - backdrop <= set(order(shown.frames))
    assert "memslot" in set(order(shown.frames))


def test_a_null_that_somebody_else_fills_says_so():
    cell = CELL | {"mount": "anon-inode", "placement": "i_private", "cleanup": "free-all"}
    shown, _ = drawn(check(design_from_choices(**cell)), "leak")
    last = shown.frames[-1]
    assert last["s_op"].title == "simple_super_operations"
    assert rows(last["s_op"])["evict_inode"] == ("NULL: truncate, clear", "")
    assert last["s_op of the Design"].note == "no i_sb leads here"


CARRIED = """
kernel = "6.12"
mount = "own"
filled = false
allocator = "new_inode"
metadata.ei = { placement = "containing-struct" }
hooks.alloc_inode = ["alloc container", "init ei"]
hooks.evict_inode = ["truncate", "clear_inode", "call_rcu free_ei", "clear ei"]
hooks.free_inode = ["free struct"]
callbacks.free_ei = { does = ["free ei"] }
"""


def titles(report, code=None):
    shown, _ = drawn(report, code)
    return {each.title for frame in shown.frames for each in frame.values()}


def test_what_a_callback_was_queued_with_is_its_argument():
    found = titles(check(Design.from_text(CARRIED)))
    assert "argument of free_ei" in found
    assert "struct your_inode" in found
    assert not any("carries" in title or ":" in title for title in found)


def test_no_struct_of_a_kernel_is_called_yours():
    found = titles(check(gallery("shmem-7.3")))
    assert "struct inode in its container" in found
    assert not any("your_" in title for title in found)


def test_a_searchs_own_notes_are_no_members():
    tables = {read.table.name: read for read in shipped_tables("7.3", "proc")}
    shown, _ = drawn(check(derive(tables["proc_sops"]).designs[0]))
    names = {row.name for frame in shown.frames for each in frame.values() for row in each.members}
    assert not any("waits_for" in name for name in names)
