"""An inode is followed by its address, and an address is one inode's at a time."""

import pytest

from gmemviz.record import follow
from tests.record.inode.lifetimes import A, B, at, born, dies, freed, mark, trace_of


def test_the_address_tells_the_whole_life():
    whole = trace_of(mark("x"), born(A), born(B), mark("close"), dies(A), freed(B), freed(A))
    trace = follow(whole)
    assert [f"{'  ' * e.depth}{e.function}" for e in trace.events] == [
        "new_inode", "  alloc_inode", "    shmem_alloc_inode", "    security_inode_alloc",
        "__fput", "  dput", "    iput", "      evict", "        shmem_evict_inode",
        "        destroy_inode", "          __destroy_inode", "            locks_free_lock_context",
        "          shmem_destroy_inode", "          call_rcu",
        "i_callback", "  shmem_free_in_core_inode",
    ]  # fmt: skip
    assert [e.hook for e in trace.events if e.hook] == [
        "alloc_inode", "evict_inode", "destroy_inode", "free_inode",
    ]  # fmt: skip
    assert at(trace, "new_inode") == [1]
    assert at(trace, "i_callback") == at(whole, "i_callback")[1:]
    assert "the address of its rcu_head says that it frees this inode" in trace.events[-2].sentence
    assert trace.marks == ((4, "close"),)
    assert trace.missing == ()


def test_marks_since_the_birth_are_kept_and_the_last_one_is_followed():
    parts = (mark("x"), born(A), mark("inode dev=0x1 ino=2"), mark("close-real"), mark("close"))
    trace = follow(trace_of(*parts, dies(A), freed(A)))
    assert trace.marks == ((4, "inode dev=0x1 ino=2"), (4, "close-real"), (4, "close"))


# The same address three times; the mark decides which of them is meant.
@pytest.mark.parametrize("number", range(3))
def test_inodes_that_reuse_an_address_stay_apart(number):
    def mark_of(n):
        return mark("close" if n == number else "other")

    lives = [
        part for n in range(3) for part in (born(A), mark_of(n), dies(A), mark("on"), freed(A))
    ]
    whole = trace_of(*lives)
    deaths = at(whole, "i_callback")
    trace = follow(whole)
    assert at(trace, "new_inode") == [at(whole, "new_inode")[number]]
    assert at(trace, "i_callback") == [deaths[number]]
    assert trace.missing == ()


def test_a_life_begins_after_the_one_before_where_no_birth_is_shown():
    parts = (born(A), dies(A), freed(A), mark("close"), dies(A), freed(A))
    unborn = trace_of(*parts)
    trace = follow(unborn)
    assert trace.events[0].function == "__fput"
    assert at(trace, "i_callback") == at(unborn, "i_callback")[1:]
    assert trace.missing == ("The recording does not show where this inode was made.",)


def test_funcgraph_args_serve_as_well_as_probes():
    text = (
        "  alloc_inode(sb=0x1) {\n    inode_init_once(inode=0xff00);\n"
        "    inode_init_always_gfp(sb=0x1, inode=0xff00, gfp=0xc40);\n  }\n"
        "  __fput(file=0x2) {\n    pipe_release(inode=0xff00, file=0x2);\n  }\n  /* close */\n"
        "  __fput(file=0x3) {\n    dput(dentry=0x4) {\n      iput(inode=0xff00) {\n"
        "        evict(inode=0xff00) {\n          destroy_inode(inode=0xff00) {\n"
        "            free_inode_nonrcu(inode=0xff00);\n          }\n        }\n      }\n    }\n  }\n  dput();\n"
    )
    trace = follow(trace_of([("a-1", "...1.", line) for line in text.splitlines()]))
    assert [f"{'  ' * e.depth}{e.function}" for e in trace.events] == [
        "alloc_inode", "  inode_init_always_gfp", "__fput", "  pipe_release",
        "__fput", "  dput", "    iput", "      evict", "        destroy_inode",
        "          free_inode_nonrcu",
    ]  # fmt: skip
    assert trace.marks == ((4, "close"),)
    assert trace.missing == ()  # its hook freed it: no callback is to come


def test_what_the_slab_did_long_before_is_no_part_of_a_life():
    slab = [("a-1", "...1.", "  inode_init_once(inode=0xff00);")]
    trace = follow(trace_of(slab, mark("close"), dies(A), freed(A)))
    assert trace.events[0].function == "__fput"


def test_the_rcu_head_of_the_neighbour_in_the_slab_is_the_neighbours():
    near = A - 0x2C8  # as far apart as two struct ovl_inode
    whole = trace_of(born(near), born(A), mark("close"), dies(A), dies(near), freed(A), freed(near))
    heads = [dict(event.arguments).get("head") for event in follow(whole).events]
    assert f"{A + 0x128:#x}" in heads
    assert f"{near + 0x128:#x}" not in heads


def freeing(address):
    lines = ("  kmem_cache_free() {",
             f"    /* free: (kmem_cache_free+0x5/0x9) x=0x{address:x} */", "  }")  # fmt: skip
    return [("b-2", "...1.", line) for line in lines]


# The upper one lies as near as the smallest struct inode lets it.
NEXT = 0x250


@pytest.mark.parametrize(
    ("address", "is_of"),
    [
        (A - 0x80, {A}),  # the struct around the lower one
        (A + 0x128, {A, A + NEXT}),  # in the midst of an inode, or where another's struct begins
        (A + NEXT - 0x20, {A + NEXT}),
        (A + NEXT + 0x300, {A + NEXT}),
        (A - 0x300, set()),
    ],
)
def test_what_is_freed_between_two_inodes_is_the_struct_around_the_upper_one(address, is_of):
    for inode in (A, A + NEXT):
        parts = (born(A), born(A + NEXT), mark("close"), freeing(address), dies(inode))
        shown = at(follow(trace_of(*parts, freed(inode))), "kmem_cache_free")
        assert bool(shown) == (inode in is_of)
