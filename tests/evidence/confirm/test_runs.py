"""Which runs of the driver ask what a Design's scenarios ask."""

from gmemviz.evidence.confirm.runs import Run, runs_of_design, unplayed
from gmemviz.model import Design, check
from gmemviz.model.design.choices import METADATA
from tests.evidence.confirm.judged import CLEAN, LEAKS, cell, judged

SLEPT = "BUG: scheduling while atomic: rcuc/0/20/0x00000201"


def test_runs_follow_from_what_the_metadata_needs():
    names = [str(run) for run in runs_of_design(cell("global-xarray", "none", "hugetlb-subpool"))]
    assert "last-close corner" in names
    assert "second-creation corner" in names
    assert names[-1] == "last-close busy"
    assert [run for run in runs_of_design(CLEAN) if run.how] == []
    lockless = {str(run) for run in runs_of_design(cell("i_private", "none", "rcu-blob"))}
    assert {"rcu-reader", "rcu-reader-late"} <= lockless
    assert METADATA["rcu-blob"].read_without_reference


def test_only_a_busy_run_wants_its_callbacks_in_softirq():
    assert Run("last-close", "last-close", "busy").in_softirq
    assert not Run("last-close", "last-close", "corner").in_softirq


def test_a_design_of_ones_own_has_its_runs():
    design = Design.from_text("""
        kernel = "6.12"
        mount = "own"
        metadata.tree = { placement = "i_private", release = "sleeping lock" }
        hooks.free_inode = ["free tree", "free struct"]
    """)
    assert check(design).defects == ("sleep-in-softirq",)
    assert judged(design, [SLEPT], LEAKS).judgement == "agrees"


def test_a_reader_without_a_reference_comes_behind_who_attaches():
    design = Design.from_text("""
        kernel = "6.12"
        mount = "own"
        metadata.blob = { placement = "i_private", read_by = ["lockless reader"] }
        hooks.evict_inode = ["truncate", "clear_inode", "free blob"]
        actors.opener = { holds = "inode", until = "umount", does = ["attach blob unless set"] }
    """)
    behind = [run for run in runs_of_design(design) if run.scenario == "actor opener, reader"]
    assert [run.play for run in behind] == [
        "rcu-reader-after-opener",
        "rcu-reader-late-after-opener",
    ]
    assert "actor opener, reader" not in unplayed(design)
