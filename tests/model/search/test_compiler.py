"""Programs: what is laid out inline, in which context, and by which name."""

from gmemviz.facts import load
from gmemviz.model import SCENARIOS, Design, check
from gmemviz.model.search.run import steps
from gmemviz.model.search.world import world_of
from gmemviz.study import gallery
from tests.model.search.cell import design


def test_contexts_follow_the_locks():
    report = check(design("drop-returns-1", "shareability-tree"))
    events = [s.event for s in steps(report.counterexample, report.facts)]
    assert {e.context for e in events if e.hook == "drop_inode"} == {"L"}
    report = check(design("free-all", "faultability-xarray"))
    events = [s.event for s in steps(report.counterexample, report.facts)]
    assert {e.context for e in events if e.hook == "free_inode"} == {"B"}
    contexts = {e.function: e.context for e in events}
    assert contexts["evict"] == contexts["iput"] == "P"
    assert contexts["iput_final"] == "L"
    assert contexts["grace period"] == "?"


def test_locks_and_interrupts_are_not_process_context():
    world = world_of(gallery("shmem-7.3"), SCENARIOS["gup-fast"], load("7.3"))
    code = [one for program in world.programs for one in program.code]
    contexts = {one.place.function: one.place.context for one in code if hasattr(one, "place")}
    assert contexts["dentry_kill"] == "A"
    assert contexts["dentry_unlink_inode"] == "L"
    assert contexts["get_user_pages_fast"] == contexts["gup_fast_folio_allowed"] == "A"


def test_what_stands_below_a_return_is_for_the_other_case():
    text = """
        kernel = "6.12"
        mount = "own"
        filled = false
        metadata.hint = { placement = "i_private" }
        hooks.drop_inode = ["if regular: return 1", "free hint", "return 1"]
        hooks.evict_inode = ["truncate", "clear_inode", "free hint"]
    """
    assert check(Design.from_text(text)).verdict == "correct"
    both = text.replace("if regular: return 1", "if directory: return 1")
    assert "double-free" in check(Design.from_text(both)).defects


def test_hugetlb_and_unmappable_inodes_have_no_gup_fast_reader():
    for name in ("hugetlbfs-7.3", "guest_memfd-6.12", "rfc-v1-hugetlb"):
        assert "gup-fast" not in check(gallery(name)).witnesses
    run = [s.event.function for s in steps(check(gallery("guest_memfd-6.12")).whole, load("6.12"))]
    assert "fallocate(2)" in run
    assert not {"page fault", "munmap(2)"} & set(run)
    assert run.index("alloc_file_pseudo") < run.index("__kvm_gmem_create")
