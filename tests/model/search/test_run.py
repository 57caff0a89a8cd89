"""A run: the way to a defect, step by step."""

from gmemviz.model import Design, check
from gmemviz.model.search.run import steps
from tests.model.search.cell import design


def test_a_run_replays_to_its_defect():
    path = check(design("evict-before-truncate", "resv_map")).counterexample
    run = list(steps(path, check(design("none", "flags")).facts))
    assert run[-1].event.effects[0].change == "use-after-free"
    freed = [s.event.hook for s in run if ("resv_map", "freed") in s.event.effects]
    assert freed == ["evict_inode"]
    assert run[-1].event.function == "truncate_inode_pages_final"


def test_a_run_goes_on_behind_a_hazard_and_tells_it_on_the_way():
    report = check(design("drop-returns-1", "shareability-tree"))
    assert report.defects == ("sleep-in-atomic", "use-after-free")
    assert report.counterexample.defect.code == "sleep-in-atomic"
    path = report.path("use-after-free")
    *before, last = steps(path, report.facts)
    assert last.effects == (("shareability-tree", "use-after-free"),)
    (told,) = (step for step in before if ("shareability-tree", "sleep-in-atomic") in step.effects)
    assert told.freed == ("shareability-tree",)
    assert told.event.sentence.endswith(
        "shareability-tree is freed, and sleeps to release shareability-tree with i_lock held."
    )


TELLS = """
kernel = "6.12"
mount = "own"
filled = false
metadata.blob = { placement = "containing-struct" }
hooks.alloc_inode = ["alloc container", "init blob"]
hooks.release = ["get blob", "queue sync", "queue sync", "if nlink 0: put blob"]
hooks.drop_inode = ["if nlink 0: return 1"]
hooks.destroy_inode = ["put blob", "free blob"]
hooks.free_inode = ["free struct"]
callbacks.sync = { runs = "worker", does = ["read blob", "put blob"] }
actors.lister = { holds = "rcu", until = "umount", does = ["igrab", "rcu_read_unlock", "iput"] }
"""


def test_a_step_tells_the_outcome_that_it_had_and_no_other():
    report = check(Design.from_text(TELLS))
    said = [step.event.sentence for path in paths_of(report) for step in steps(path, report.facts)]
    for words in (
        "a reference to blob is taken.", "sync is queued already, and stays where it is.",
        "asks: nlink 0? no.", "your_drop_inode: the answer is no, the inode may stay.",
        "a reference to blob is dropped, 1 left.",
    ):  # fmt: skip
        assert any(sentence.endswith(words) for sentence in said), words
    for both in ("or the body ends", "and the last one frees", "or there is none", "unless it is"):
        assert not any(both in sentence for sentence in said), both


def paths_of(report):
    """Return the runs of all that was found, and one that ends."""
    return [report.whole, *(report.path(code) for code in report.found)]
