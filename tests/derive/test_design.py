"""From deeds to Designs, and what they are called: broken and mended, as bugs had it."""

import pytest

from gmemviz.derive import derive, judge_derived
from gmemviz.facts import FunctionDeeds, Source, Unread
from tests.derive.conftest import AT, asked, deed

NEW = [deed("allocated", "container", via="alloc_inode_sb")]
END = [deed("truncates", "i_data"), deed("clears", "inode")]
FREE = deed("given back", "container", via="kmem_cache_free")
BODY = deed("given back", "i_link", (asked("symlink"),), via="kfree")
TARGET = deed("given back", "container.target", via="kfree")
SET = deed("emptied", "container.target")


def test_hooks_metadata_and_conditions(read):
    found = derive(read(alloc_inode=[*NEW, SET], evict_inode=END, free_inode=[BODY, TARGET, FREE]))
    (table,) = found.texts
    assert table["hooks"]["alloc_inode"]["does"] == [
        "alloc container via alloc_inode_sb", "init target",
    ]  # fmt: skip
    assert table["hooks"]["free_inode"]["does"] == [
        "if symlink: free i_link via kfree", "free target via kfree",
        "free struct via kmem_cache_free",
    ]  # fmt: skip
    assert table["metadata"]["i_link"] == {"placement": "i_link", "of": ["symlink"]}
    assert table["metadata"]["target"] == {"placement": "containing-struct"}
    assert table["kinds"] == ["regular", "symlink"]
    assert table["actors"]["path_walk"]["does"] == ["if symlink: read i_link"]
    assert found.places["free_inode", "free target via kfree"] == (AT,)


@pytest.mark.parametrize(
    ("hooks", "codes"),
    [
        # bpffs of 6.1 against 6.12: the body goes in destroy_inode, or after a grace period.
        ({"destroy_inode": [BODY, deed("struct given back", "inode")]}, {"use-after-free"}),
        ({"free_inode": [BODY, deed("struct given back", "inode")]}, set()),
        # jffs2's target: alloc_inode leaves what an earlier life left, and free_inode frees it.
        ({"alloc_inode": NEW, "evict_inode": END, "free_inode": [TARGET, FREE]}, {"double-free"}),
        ({"alloc_inode": [*NEW, SET], "evict_inode": END, "free_inode": [TARGET, FREE]}, set()),
        # clear_inode is missing.
        ({"evict_inode": END[:1]}, {"assertion"}),
    ],
)
def test_verdicts(read, hooks, codes):
    verdict = judge_derived(derive(read(**hooks)))
    found = {code for report in verdict.reports for code in report.defects or ()}
    assert codes <= found
    assert bool(codes) == bool(found)
    assert verdict.word == ("defects" if codes else "correct")


@pytest.mark.parametrize(("waits", "codes"), [(True, set()), (False, {"objects-remain"})])
def test_a_modules_exit(read, waits, codes):
    ends = [deed("waits for RCU", "", via="rcu_barrier")] * waits
    ends.append(deed("cache destroyed", "", via="kmem_cache_destroy"))
    made = read(alloc_inode=NEW, evict_inode=END, free_inode=[FREE], module_exit=ends)
    verdict = judge_derived(derive(made))
    assert codes <= {code for report in verdict.reports for code in report.defects or ()}
    assert verdict.word == ("defects" if codes else "correct")


def test_a_question_makes_no_leak(read):
    may = deed("given back", "container.target", (asked("if", "", key="x"),), via="kfree")
    found = derive(read(alloc_inode=[*NEW, SET], evict_inode=END, free_inode=[may, FREE]))
    assert len(found.designs) == 1
    assert "on a way that does not free target, there is none" in found.assumed
    assert judge_derived(found).word == "correct"


def test_what_is_unread_is_never_a_defect(read):
    entry = Unread(Source("fs/toy/super.c", 7, "toy", "v6.12"), "x() could free it", "unknown")
    broken = judge_derived(derive(read(evict_inode=END[:1], unread=[entry])))
    assert broken.word == "undecided"
    mended = judge_derived(derive(read(evict_inode=END, unread=[entry])))
    assert mended.sentence == "correct as far as read, 1 statements unread"


def test_too_many_questions_are_unread(read):
    many = [
        deed("given back", f"container.m{n}", (asked("if", "", key=f"x{n}"),)) for n in range(16)
    ]
    found = derive(read(alloc_inode=NEW, evict_inode=END, free_inode=[*many, FREE]))
    assert [entry.why for entry in found.unread] == ["they have too many answers"]


def test_readers_under_rcu(read):
    link = FunctionDeeds("toy_get_link", AT.path, 4, (deed("read", "container.target"),))
    beside = {"toy_get_link": ("get_link", link)}
    free_early = {"alloc_inode": [*NEW, SET], "evict_inode": [*END, TARGET], "free_inode": [FREE]}
    verdict = judge_derived(derive(read(beside=beside, **free_early)))
    assert "use-after-free" in verdict.sentence
    bails = deed("read", "container.target", (asked("set", "argument 0"),))
    safe = {"toy_get_link": ("get_link", FunctionDeeds("toy_get_link", AT.path, 4, (bails,)))}
    assert judge_derived(derive(read(beside=safe, **free_early))).word == "correct"


def test_a_callback_of_its_own(read):
    later = [deed("deferred", "i_rcu", via="call_rcu", later="toy_later", member=True),
             deed("given back", "i_link", via="kfree", later="toy_later"),
             deed("given back", "container", via="kmem_cache_free", later="toy_later")]  # fmt: skip
    found = derive(read(alloc_inode=NEW, evict_inode=END, destroy_inode=later))
    (table,) = found.texts
    assert table["hooks"]["destroy_inode"]["does"] == ["call_rcu toy_later"]
    assert table["callbacks"]["toy_later"]["does"] == [
        "free i_link via kfree", "free struct via kmem_cache_free",
    ]  # fmt: skip
    assert not judge_derived(found).broken


def test_a_callback_of_somebody_else_is_none(read):
    """A work of the superblock, that an error of the inode's queues, sleeps where it may."""
    work = [deed("queued", "", via="queue_work", later="toy_super"),
            deed("sleeps", "", via="mutex_lock", later="toy_super")]  # fmt: skip
    found = derive(read(alloc_inode=NEW, evict_inode=[*END, *work], free_inode=[FREE]))
    assert "callbacks" not in found.texts[0]
    lost = [deed("given back", "container.target", via="kfree", later="toy_super")]
    found = derive(read(alloc_inode=NEW, evict_inode=[*END, *lost], free_inode=[FREE]))
    assert "callbacks" not in found.texts[0]


def test_what_alloc_inode_allocates_is_not_made_twice(read):
    born = [*NEW, deed("attached", "container.target")]
    found = derive(read(alloc_inode=born, evict_inode=END, free_inode=[TARGET, FREE]))
    assert found.texts[0]["metadata"]["target"]["born_in_alloc"]
    assert judge_derived(found).word == "correct"


def test_inodes_that_are_allocated_elsewhere_go_back_there(read):
    # fs/xfs/xfs_super.c: alloc_inode allocates nothing, and destroy_inode hands over to a worker.
    found = derive(read(alloc_inode=[], destroy_inode=[], evict_inode=END))
    assert found.texts[0]["hooks"]["destroy_inode"]["does"] == ["call_rcu free struct"]
    assert "toy_destroy_inode keeps the inode: it is given back later" in found.assumed
    own = derive(read(alloc_inode=NEW, destroy_inode=[], evict_inode=END))
    assert "inode-leak" in judge_derived(own).sentence


def test_a_reading_where_a_pointer_is_null_is_come_to(read):
    # overlayfs: a path that has no upper dentry is looked for in the layers below.
    below = deed("read", "container.target", (asked("set", "i_private", negated=True),))
    beside = {"toy_permission": ("permission", FunctionDeeds("toy_permission", "f", 1, (below,)))}
    upper = deed("given back later", "i_private", via="dput")
    made = read(beside=beside, alloc_inode=[*NEW, SET], evict_inode=[*END, upper],
                free_inode=[TARGET, FREE])  # fmt: skip
    verdict = judge_derived(derive(made))
    assert verdict.word == "correct"
    assert len(verdict.reports) == 2
    broken = read(beside=beside, alloc_inode=[*NEW, SET], evict_inode=[*END, upper, TARGET],
                  free_inode=[FREE])  # fmt: skip
    assert "use-after-free" in judge_derived(derive(broken)).sentence


def test_drop_inode_is_called_under_i_lock(read):
    """It sleeps there, or lets go of i_lock first; where that depends, nothing of it is written."""
    sleeps, drops = deed("sleeps", "", via="toy_wait"), deed("unlocked", "i_lock")
    takes = deed("locked", "i_lock")
    made = {"alloc_inode": NEW, "evict_inode": END, "free_inode": [FREE]}
    found = judge_derived(derive(read(**made, drop_inode=[sleeps])))
    assert {code for report in found.reports for code in report.defects} == {"sleep-in-atomic"}
    assert judge_derived(derive(read(**made, drop_inode=[drops, sleeps, takes]))).word == "correct"

    depends = deed("unlocked", "i_lock", (asked("nlink 0"),))
    for deeds in ([takes], [depends, sleeps, takes]):
        found = derive(read(**made, drop_inode=deeds))
        assert "drop_inode" not in found.texts[0]["hooks"]
        assert len(found.unread) == 1


def test_a_work_that_a_hook_queues_frees_in_a_worker(read):
    queued = deed("queued", "container.work", via="queue_work", later="toy_drop")
    freed = deed("given back", "container", via="kmem_cache_free", later="toy_drop")
    found = derive(read(alloc_inode=NEW, evict_inode=END, destroy_inode=[queued, freed]))
    assert found.texts[0]["hooks"]["destroy_inode"]["does"] == ["queue toy_drop"]
    callback = found.texts[0]["callbacks"]["toy_drop"]
    assert (callback["runs"], callback["does"]) == ("worker", ["free struct via kmem_cache_free"])
