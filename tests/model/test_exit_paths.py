"""Every exit path of an inode runs the hooks that it should, in their contexts."""

from dataclasses import replace

import pytest

from gmemviz import Design
from gmemviz.errors import GmemvizError
from gmemviz.model import SCENARIOS, check, design_from_choices
from gmemviz.model.search.run import path_to, steps
from gmemviz.study import gallery

ALL_HOOKS = {"drop_inode": "L", "evict_inode": "P", "destroy_inode": "P", "free_inode": "B"}


def all_hooks(**changes):
    """Return a Design that sets every hook of super_operations, and frees in each as it should."""
    table = {
        "kernel": "7.3", "mount": "own", "metadata": {"shared_policy": "containing-struct"},
        "hooks": {
            "alloc_inode": ["alloc container", "init shared_policy"],
            "drop_inode": ["return 1"],
            "evict_inode": ["truncate", "clear_inode"],
            "destroy_inode": ["free shared_policy"],
            "free_inode": ["free struct"],
            **changes,
        },
    }  # fmt: skip
    return Design.from_table("all hooks", table)


def hooks_in(design, scenario):
    """Return (hook, context) as a run of `scenario` enters them, and its defects."""
    report = check(design, scenarios=[SCENARIOS[scenario]])
    exploration = report.explorations[0]
    run = [s.event for s in steps(path_to(exploration, exploration.ended), report.facts)]
    seen = list(dict.fromkeys((event.hook, event.context) for event in run if event.hook))
    return [(hook, context) for hook, context in seen if hook != "alloc_inode"], report.defects


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("last-close", "drop_inode L, evict_inode P, destroy_inode P, free_inode B"),
        ("creation-fails-early", "drop_inode L, evict_inode P, destroy_inode P, free_inode B"),
        ("init-fails", "destroy_inode P, free_inode P"),
        ("lost-insertion", "destroy_inode P, free_inode B"),
        ("root-inode", "drop_inode L, evict_inode P, destroy_inode P, free_inode B"),
    ],
)
def test_hooks_of_paths_n_c_i_x(scenario, expected):
    seen, defects = hooks_in(all_hooks(), scenario)
    assert ", ".join(f"{hook} {context}" for hook, context in seen) == expected
    assert defects == ()


def test_path_w_writes_back_between_drop_and_evict():
    design = all_hooks(drop_inode=["return 0"])
    report = check(design, scenarios=[SCENARIOS["dontcache"]])
    run = [s.event.function for s in steps(report.whole, report.facts)]
    drop, write, evict = map(run.index, ("your_drop_inode", "write_inode_now", "evict"))
    assert drop < write < evict
    assert report.defects == ()


def functions_of_all_runs(report):
    exploration = report.explorations[0]
    programs = exploration.world.programs
    return {programs[move.actor].act(move.act).place.function for _, move, _ in exploration.moves}


def test_paths_k_r_u_are_all_reached():
    design = all_hooks(drop_inode=["return 0"])
    for name, ends in (("find-inode", "evict_inodes"), ("shrinker", "inode_lru_isolate")):
        report = check(design, scenarios=[SCENARIOS[name]], keep_moves=True)
        reached = functions_of_all_runs(report)
        assert {"__inode_lru_list_add", "find_inode", ends, "clear_inode"} <= reached, name
        assert report.defects == ()
        assert all(report.witnesses[name].values())


def test_drop_is_asked_again_after_the_inode_was_found_again():
    design = all_hooks(drop_inode=["free shared_policy", "return 0"], destroy_inode=[])
    report = check(design, scenarios=[SCENARIOS["find-inode"]])
    assert set(report.defects) >= {"use-after-free"}
    untouched = check(design, scenarios=[SCENARIOS["dontcache"]])
    assert untouched.defects == ()  # asked once only


def cell(cleanup, metadata, placement="containing-struct"):
    return design_from_choices(
        kernel="6.12", mount="own", placement=placement, cleanup=cleanup, metadata=metadata
    )


@pytest.mark.parametrize(
    ("scenario", "cleanup", "metadata", "codes"),
    [
        # Found again after drop_inode has freed: whoever finds it uses freed memory.
        ("igrab", "drop-returns-0", "shared_policy", {"inode-leak", "use-after-free"}),
        ("find-inode", "drop-returns-0", "resv_map", {"double-free", "use-after-free"}),
        # A second file outlives the first one's release.
        ("linked-file", "release", "resv_map", {"double-free", "use-after-free"}),
        ("linked-file", "evict-after-truncate", "resv_map", set()),
        # A folio locked elsewhere holds truncation up, not what comes before it.
        ("memory-failure", "evict-before-truncate", "resv_map", {"use-after-free"}),
        ("memory-failure", "evict-after-truncate", "resv_map", set()),
        # Whoever uses the inode holds the file.
        ("fault", "evict-after-truncate", "resv_map", set()),
        ("memslot-fault", "evict-after-truncate", "resv_map", set()),
        ("memslot-fault", "release", "shared_policy", set()),
        # On the lost insertion only destroy_inode and free_inode run.
        ("lost-insertion", "evict-after-truncate", "alloc-time-blob", {"leak"}),
        ("lost-insertion", "destroy+free", "alloc-time-blob", set()),
    ],
)
def test_scenarios_that_have_to_be_asked_for(scenario, cleanup, metadata, codes):
    report = check(cell(cleanup, metadata), scenarios=[SCENARIOS[scenario]])
    assert set(report.defects) == codes, report.why


LISTED = """
kernel = "7.3"
mount = "own"
allocator = "new_inode"
metadata.tree = { placement = "i_private" }
hooks.drop_inode = ["return 0"]
hooks.evict_inode = ["truncate", "clear_inode", "free tree"]
"""


def test_what_new_inode_lists_is_cached_and_goes_at_umount():
    listed = Design.from_text(LISTED)
    assert check(listed).defects == ()
    gone = check(listed, scenarios=[SCENARIOS["unmount"]], keep_moves=True)
    assert "evict_inodes" in functions_of_all_runs(gone)
    with pytest.raises(GmemvizError, match=r"stays cached.*the scenario unmount shows it"):
        check(listed, scenarios=[SCENARIOS["last-close"]])
    unlisted = Design.from_text(LISTED.replace('"new_inode"', '"alloc_anon_inode"'))
    assert check(unlisted).defects == ("inode-leak", "leak")


def test_a_look_up_by_the_hash_reads_an_inode_that_is_not_held_yet():
    text = 'kernel = "7.3"\nmount = "own"\nhooks.destroy_inode = ["free struct"]'
    at_once = check(Design.from_text(text), scenarios=[SCENARIOS["shrinker"]])
    assert at_once.defects == ("use-after-free",)
    assert "find_inode looks at i_count of inode" in at_once.why
    assert check(gallery("rfc-v1-hugetlb"), scenarios=[SCENARIOS["shrinker"]]).defects == ()


def test_a_memslot_is_deleted_as_each_kernel_does_it():
    for name, holds in (("guest_memfd-6.12", True), ("guest_memfd-7.3", False)):
        report = check(gallery(name), scenarios=[SCENARIOS["memslot-deletion"]], keep_moves=True)
        deleter = report.explorations[0].world.programs[2]
        acts = {one.says for one in deleter.code if hasattr(one, "operations")}
        assert ("the dying file is unbound too" in acts) == holds
        assert report.defects == ()


def test_an_o_path_file_holds_no_module():
    report = check(gallery("guest_memfd-7.3"), scenarios=[SCENARIOS["module-exit"]])
    said = [step.event.sentence for step in report.run if step.event.actor == "o-path"]
    assert report.defects == ("use-after-free",)
    assert not any("the module that f_op is of may go" in sentence for sentence in said)


def test_scenarios_of_memslots_and_pages_ask_those_who_have_them():
    for name in ("pipefs-7.3", "secretmem-7.3", "bpffs-7.3", "hugetlbfs-7.3"):
        assert not SCENARIOS["memslot-fault"].asks(gallery(name)), name
    for name in ("pipefs-7.3", "sockfs-7.3", "bpffs-7.3"):
        assert not SCENARIOS["memory-failure"].asks(gallery(name)), name


@pytest.mark.parametrize("scenario", ["busy-inode", "late-page", "module-exit"])
def test_what_no_hook_can_mend_breaks_every_design(scenario):
    for name in ("guest_memfd-7.3", "rfc-v1-hugetlb", "shmem-7.3"):
        assert check(gallery(name), scenarios=[SCENARIOS[scenario]]).defects, name


def test_an_owner_keeps_the_module_until_the_mount_is_gone():
    design = replace(gallery("guest_memfd-7.3"), owner=True)
    assert check(design, scenarios=[SCENARIOS["module-exit"]]).defects == ()


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_scenario_asks_somebody_and_finds_the_merged_design_or_breaks_it(name):
    asked = [d for d in map(gallery, ASKED) if SCENARIOS[name].asks(d)]
    if not asked:
        cells = [
            cell("none", kind, where)
            for kind, where in (
                ("rcu-blob", "i_private"), ("resv_map", "i_private"),
                ("folio-put-state", "i_private"), ("flags", "global-xarray"),
                ("flags", "file-private_data"),
            )
        ]  # fmt: skip
        asked = [d for d in cells if SCENARIOS[name].asks(d)]
    assert asked, name
    for design in asked:
        assert check(design, scenarios=[SCENARIOS[name]]).is_complete


ASKED = ("guest_memfd-7.3", "shmem-7.3", "bpffs-7.3", "mappability-v5")
