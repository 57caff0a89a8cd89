"""Every exit path of an inode runs the hooks that it should, in their contexts."""

import pytest

from gmemviz import Design
from gmemviz.errors import GmemvizError
from gmemviz.model import SCENARIOS, check
from gmemviz.model.search.run import steps
from gmemviz.study import gallery
from tests.model.scenarios.hooked import all_hooks, cell, functions_of_all_runs


def test_path_w_writes_back_between_drop_and_evict():
    design = all_hooks(drop_inode=["return 0"])
    report = check(design, scenarios=[SCENARIOS["dontcache"]])
    run = [s.event.function for s in steps(report.whole, report.facts)]
    drop, write, evict = map(run.index, ("your_drop_inode", "write_inode_now", "evict"))
    assert drop < write < evict
    assert report.defects == ()


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


BUILT = """
kernel = "6.12"
mount = "own"
allocator = "new_inode"
filled = false
kinds = ["symlink", "regular"]
constructor = ["init body"]
metadata.body = { placement = "containing-struct", of = ["symlink"] }
hooks.alloc_inode = ["alloc container"]
hooks.free_inode = ["free body", "free struct"]
"""


def test_an_inode_in_used_memory_finds_what_only_a_constructor_sets():
    """It is given up before it gets a body, or is of a kind that has none."""
    late = BUILT + "fails_early = false"
    for text in (BUILT, late):
        report = check(Design.from_text(text), scenarios=[SCENARIOS["stale-creation"]])
        assert report.defects == ("double-free",)
        assert report.why.startswith(
            "body is freed in free_inode, in softirq; then your_free_inode, in softirq, frees body"
        )
    cleared = Design.from_text(BUILT.replace('body", "free s', 'body", "clear body", "free s'))
    assert check(cleared).verdict == "correct"
    alike = late.replace('"symlink", "regular"', '"symlink"')
    assert check(Design.from_text(alike), scenarios=[SCENARIOS["stale-creation"]]).defects == ()


def test_a_second_life_is_asked_about_where_something_is_set_once():
    asked = check(Design.from_text(BUILT)).witnesses
    assert {"stale-init", "stale-root", "stale-creation"} <= set(asked)
    set_in_each = BUILT.replace('container"]', 'container", "init body"]')
    assert "stale-creation" not in check(Design.from_text(set_in_each)).witnesses


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


def test_scenarios_of_memslots_and_pages_ask_those_who_have_them():
    for name in ("pipefs-7.3", "secretmem-7.3", "bpffs-7.3", "hugetlbfs-7.3"):
        assert not SCENARIOS["memslot-fault"].asks(gallery(name)), name
    for name in ("pipefs-7.3", "sockfs-7.3", "bpffs-7.3"):
        assert not SCENARIOS["memory-failure"].asks(gallery(name)), name


@pytest.mark.parametrize("scenario", ["busy-inode", "late-page", "module-exit"])
def test_what_no_hook_can_mend_breaks_every_design(scenario):
    for name in ("guest_memfd-7.3", "rfc-v1-hugetlb", "shmem-7.3"):
        assert check(gallery(name), scenarios=[SCENARIOS[scenario]]).defects, name
