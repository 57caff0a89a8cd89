"""What a console says, read as defect codes: words of two kernels, kept as they came."""

import pytest

from gmemviz.evidence.console import heard, trouble

DOWN = "gmemviz: taking down"
DIED = "gmemviz: an actor died on its way"
FREED = (
    "gmemviz: rcu-blob is read when its memory is freed: "
    "6b 6b 6b 6b 6b 6b 6b 6b, red zone bb bb bb bb"
)
LEFT = (
    "BUG gv-c7.1-rcu-blob (Tainted: G           OE     ): "
    "Objects remaining on __kmem_cache_shutdown()"
)
WORDS = {
    FREED: "use-after-free",
    "general protection fault, probably for non-canonical address 0x6b6b6b6b6b6b6b6b: 0000 [#1]":
        "use-after-free",
    "[Poison overwritten] 0x0000000012345678-0x0000000012345678 @offset=64. First byte 0x0 instead of 0x6b": "use-after-free",
    "gmemviz: truncation reads flags: 0, and it was set before": "wrong-branch",
    "gmemviz: truncation finds no resv_map, and there was one": "wrong-branch",
    "gmemviz: xa_insert of flags: -16, an entry of an earlier inode is there": "stale-alias",
    "gmemviz: the second file shows another flags": "per-file",
    "gmemviz: resv_map is back only after a grace period": "late-release",
    "kernel BUG at fs/inode.c:750!": "assertion",
    "BUG: scheduling while atomic: actor/190/0x00000002": "sleep-in-atomic",
    "BUG: scheduling while atomic: rcuc/0/20/0x00000201": "sleep-in-softirq",
    "BUG: scheduling while atomic: swapper/0/0/0x00000102": "sleep-in-softirq",
    "watchdog: BUG: soft lockup - CPU#0 stuck for 3s! [somebody else:133]": "deadlock",
    "BUG gv-c7.1-rcu-blob (Tainted: G    B      OE     ): Object already free": "double-free",
    "BUG gv-c7.1-x (Not tainted): Slab has 0 allocated objects but 1 are to be freed":
        "double-free",
    "cache_from_obj: Wrong slab cache. inode_cache but object is from gv-c390.1-inode":
        "wrong-cache",
    "kmem_cache_free(inode_cache, ff11000005dd4d00): object belongs to different cache "
    "gv-c390.73-inode": "wrong-cache",
    "refcount_t: addition on 0; use-after-free.": "use-after-free",
    "refcount_t: underflow; use-after-free.": "use-after-free",
    "BUG: kernel NULL pointer dereference, address: 00000000000000b8": "crash",
    "c300.c:15: 'struct address_space' has no member named 'i_private_data'": "no-such-field",
    LEFT: "leak",
    LEFT.replace("rcu-blob", "inode"): "inode-leak",
    "gmemviz: gv-c7.1-rcu-blob has 1 objects, and had 0 before": "leak",
    "gmemviz: gv-c7.1-inode has 2 objects, and had 1 before": "inode-leak",
    "gmemviz: inode_cache has 212 objects, and had 210 before": "inode-leak",
}  # fmt: skip
SAYS_NOTHING = (
    "gmemviz: inode_cache has 208 objects, and had 210 before",
    "Tainted: [B]=BAD_PAGE, [O]=OOT_MODULE, [E]=UNSIGNED_MODULE",
    "Modules linked in: designs(OE)",
    "note: actor[141] exited with preempt_count 1",
    "WARNING: CPU: 0 PID: 1 at mm/slub.c:1152 __kmem_cache_shutdown+0x246/0x320",
    "gmemviz: nothing is taken down: somebody died holding it",
    "refcount_t: saturated; leaking memory.",
)


def codes(*lines):
    return [word.code for word in heard(lines)]


@pytest.mark.parametrize("line", WORDS)
def test_a_line_says_its_code(line):
    assert [(word.code, word.line) for word in heard([line])] == [(WORDS[line], line)]


@pytest.mark.parametrize("line", SAYS_NOTHING)
def test_a_line_that_says_nothing_of_the_design(line):
    assert heard([line]) == ()


ATOMIC = "BUG: scheduling while atomic: actor/190/0x00000002"


def test_words_count_up_to_the_one_that_ends_a_run():
    assert codes(ATOMIC, FREED, DOWN, LEFT) == ["sleep-in-atomic", "use-after-free"]
    assert codes(FREED, ATOMIC, DOWN) == ["use-after-free"]


def test_behind_a_hazard_what_is_left_counts_too():
    assert codes(ATOMIC, DOWN, LEFT) == ["leak", "sleep-in-atomic"]


UNDERFLOW = "refcount_t: underflow; use-after-free."


def traced(*functions):
    frames = [f" {function}+0x2a5/0x2f0" for function in functions]
    return [UNDERFLOW, "WARNING: CPU: 0 PID: 0 at lib/refcount.c:28", "Call Trace:", " <TASK>",
            " ? refcount_warn_saturate+0xbe/0x110", *frames, "---[ end trace 0000000000000000 ]---"]  # fmt: skip


# As a kernel said it: who slept under i_lock was switched away twice while it died.
def test_the_count_of_a_task_is_none_of_the_designs():
    slept = "BUG: scheduling while atomic: actor/131/0x00000002"
    of_a_task = traced("finish_task_switch.isra.0", "__schedule", "do_idle")
    assert [w.code for w in heard([slept, *of_a_task, DOWN])] == ["sleep-in-atomic"]
    own = traced("c7_put", "rcu_do_batch", "finish_task_switch.isra.0")
    assert [w.code for w in heard([slept, *of_a_task, *own])] == [
        "sleep-in-atomic", "use-after-free"
    ]  # fmt: skip
    # A count without a trace, as a cut console has it, is not known to be a task's.
    assert [w.code for w in heard([UNDERFLOW, DOWN])] == ["use-after-free"]


def test_nothing_counts_behind_a_lockup():
    stuck = "watchdog: BUG: soft lockup - CPU#0 stuck for 3s! [somebody else:133]"
    assert codes(ATOMIC, stuck, FREED, DOWN, LEFT) == ["deadlock", "sleep-in-atomic"]


def test_who_goes_on_beside_an_actor_that_died_has_a_first_word_too():
    bug = "kernel BUG at fs/inode.c:750!"
    assert codes(bug, DIED, FREED, DOWN) == ["assertion", "use-after-free"]
    assert codes(bug, FREED, DIED, DOWN) == ["assertion"]  # the dying one said it


def test_what_is_left_counts_where_nothing_went_wrong_before():
    inode = LEFT.replace("rcu-blob", "inode")
    assert codes(DOWN, LEFT, inode) == ["inode-leak", "leak"]
    assert codes(FREED, DOWN, LEFT) == ["use-after-free"]


def test_what_is_left_before_the_root_inode_dies_is_not_hidden_by_its_death():
    count = "gmemviz: gv-c7.1-rcu-blob has 2 objects, and had 1 before"
    bug = "kernel BUG at fs/inode.c:750!"
    assert codes(count, DOWN, bug, DIED) == ["assertion", "leak"]
    assert codes(DOWN, bug, DIED) == ["assertion"]


def test_the_kernels_own_words_are_shown_before_a_count():
    count = "gmemviz: gv-c7.1-rcu-blob has 2 objects, and had 1 before"
    assert [word.line for word in heard([count, DOWN, LEFT])] == [LEFT]


@pytest.mark.parametrize(
    "line",
    [
        "gmemviz: refused 1 c1 last-close: Invalid argument",
        "gmemviz: no mount: -12",
        "gmemviz: the inode is not made: -12",
        "gmemviz: inode_init_always did not fail",
        "gmemviz: the kernel was lost",
    ],
)
def test_what_the_driver_could_not_do_is_no_word_of_the_kernel(line):
    assert heard([line]) == ()
    assert trouble([line]) == line
    assert trouble([FREED]) == ""


def test_who_is_forewarned_is_heard_by_our_words_until_the_next_that_ends_a_run():
    forewarned = "gmemviz: blob is freed while the callback is queued that lies in it"
    read = "gmemviz: the inode is read when its memory is freed: 6b 6b 6b 6b"
    fault = "Oops: general protection fault: 0000 [#1] PREEMPT SMP NOPTI"
    codes = [word.code for word in heard((forewarned, fault))]
    assert codes == ["double-free"]
    assert [word.code for word in heard((forewarned, read, fault))] == [
        "double-free", "use-after-free",
    ]  # fmt: skip
    assert [word.code for word in heard((read, forewarned))] == ["use-after-free"]
