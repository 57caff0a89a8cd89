"""An inode is followed by its address, and an address is one inode's at a time."""

import pytest

from gmemviz.errors import RecordingError
from gmemviz.record import follow, parse

HEADER = "# tracer: function_graph\n# latency: 0 us, #9/9, CPU#0 | (M:x #P:1)\n"
BORN = """\
  new_inode() {{
    alloc_inode() {{
      shmem_alloc_inode();
      /* born: (security_inode_alloc+0x4/0x9) inode=0x{inode:x} dev=0x1 fs="tmpfs" */
    }}
  }}
"""
DIES = """\
  {by}() {{
    {through}() {{
      iput() {{
        /* iput: (iput+0x9/0x9) inode=0x{inode:x} */
        evict() {{
          /* evict: (evict+0x5/0x9) inode=0x{inode:x} */
          shmem_evict_inode();
          destroy_inode() {{
            /* destroy_inode: (destroy_inode+0x5/0x9) inode=0x{inode:x} */
            __destroy_inode() {{
              /* dies: (locks_free_lock_context+0x4/0x9) inode=0x{inode:x} ino={ino} dev=0x1 */
            }}
            shmem_destroy_inode();
            call_rcu() {{
              /* call_rcu: (call_rcu+0x9/0x9) head=0x{head:x} func=i_callback+0x0/0x30 */
            }}
          }}
        }}
      }}
    }}
  }}
"""
FREED = """\
  i_callback() {{
    /* i_callback: (i_callback+0x9/0x9) head=0x{head:x} */
    shmem_free_in_core_inode();
  }}
"""


def born(inode):
    return [("a-1", "...1.", line) for line in BORN.format(inode=inode).splitlines()]


def dies(inode, ino=2, by="__fput", through="dput"):
    text = DIES.format(inode=inode, head=inode + 0x128, ino=ino, by=by, through=through)
    return [("a-1", "...1.", line) for line in text.splitlines()]


def freed(inode, head=0x128):
    lines = FREED.format(head=inode + head).splitlines()
    return [("<idle>-0", "..s2.", line) for line in lines]


def mark(text):
    return [("a-1", "...1.", f"  /* {text} */")]


def trace_of(*parts, only=None):
    lines = [line for part in parts for line in part]
    return parse(
        HEADER
        + "".join(
            f" {n:3}.000000 |   0)   {actor}  |  {flags} |               |{rest}\n"
            for n, (actor, flags, rest) in enumerate(lines)
            if only is None or only(rest)
        ),
        kernel="7.3",
    )


def at(trace, function):
    return [round(e.time) for e in trace.events if e.function == function]


A, B = 0xFF00, 0xEE00


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


def test_without_its_own_callback_the_next_ones_is_not_taken():
    trace = follow(trace_of(mark("close"), dies(A), mark("on"), born(A), dies(A), freed(A)))
    assert at(trace, "i_callback") == []
    assert trace.missing == (
        "The recording does not show where this inode was made.",
        "The recording does not show an i_callback of this inode.",
    )


def test_a_life_begins_after_the_one_before_where_no_birth_is_shown():
    parts = (born(A), dies(A), freed(A), mark("close"), dies(A), freed(A))
    unborn = trace_of(*parts)
    trace = follow(unborn)
    assert trace.events[0].function == "__fput"
    assert at(trace, "i_callback") == at(unborn, "i_callback")[1:]
    assert trace.missing == ("The recording does not show where this inode was made.",)


def test_a_head_belongs_to_the_nearest_inode_below_it():
    def is_told(rest):
        return "call_rcu" not in rest

    close = mark("close")
    told = follow(trace_of(born(A), born(A + 0x300), close, dies(A), freed(A), only=is_told))
    assert len(at(told, "i_callback")) == 1
    other = follow(
        trace_of(born(A), born(A + 0x300), close, dies(A), freed(A, 0x328), only=is_told)
    )
    assert at(other, "i_callback") == []
    far = follow(trace_of(born(A), close, dies(A), freed(A, 0x2000), only=is_told))
    assert at(far, "i_callback") == []


def test_of_several_inodes_the_mark_says_which_is_meant():
    parts = (born(A), born(B), mark("inode dev=0x1 ino=8"), mark("close"), dies(B, 7), dies(A, 8))
    trace = follow(trace_of(*parts, freed(B), freed(A)))
    assert dict(trace.events[3].arguments)["inode"] == f"0x{A:x}"
    anyone = follow(trace_of(*parts[:2], *parts[3:], freed(B), freed(A)))
    assert dict(anyone.events[3].arguments)["inode"] == f"0x{B:x}"
    with pytest.raises(RecordingError, match="no inode dies after the mark 'close'"):
        follow(trace_of(mark("inode dev=0x1 ino=9"), *parts[3:]))


def test_cached_inodes_that_an_unmount_evicts_are_followed_too():
    cached = [
        (actor, flags, rest.replace("iput()", "dispose_list()"))
        for actor, flags, rest in dies(A, by="generic_shutdown_super", through="evict_inodes")
        if "/* iput" not in rest
    ]
    trace = follow(trace_of(mark("umount"), cached, freed(A)))
    assert [e.function for e in trace.events][1:4] == ["evict_inodes", "dispose_list", "evict"]
    both = follow(trace_of(mark("umount"), cached, dies(B, by="cleanup_mnt"), freed(B)))
    assert both.events[0].function == "cleanup_mnt"


def test_of_a_module_the_inode_of_its_own_mount_is_followed():
    foreign = dies(B, by="devtmpfsd", through="dput")
    own = dies(A, by="kern_unmount", through="dput.part.0")
    trace = follow(trace_of(mark("rmmod"), foreign, own, freed(B), freed(A)))
    assert trace.events[0].function == "kern_unmount"
    with pytest.raises(RecordingError, match="no inode dies after the mark 'rmmod' in the way"):
        follow(trace_of(mark("rmmod"), foreign))


def test_a_shared_inode_does_not_die_and_the_error_says_so():
    kept = [*dies(A)[:4], *dies(A)[-4:]]
    with pytest.raises(RecordingError, match="'close': its iput let go of an inode that others"):
        follow(trace_of(mark("close"), kept))
    with pytest.raises(RecordingError, match="'close' in the way that it asks for"):
        follow(trace_of(mark("close"), kept[:2], kept[-2:]))


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


def test_the_rcu_head_that_was_queued_outweighs_the_names_of_hooks():
    def other(rest):
        return rest.replace("shmem_free", "ext4_free")

    close, renamed = mark("close"), [(a, f, other(rest)) for a, f, rest in freed(A)]
    assert len(at(follow(trace_of(born(A), close, dies(A), renamed)), "i_callback")) == 1
    unqueued = trace_of(born(A), close, dies(A), renamed, only=lambda rest: "call_rcu" not in rest)
    trace = follow(unqueued)
    assert at(trace, "i_callback") == []
    assert trace.missing[-1].startswith("Which i_callback frees this inode")


def test_a_truncation_that_evict_reaches_by_a_jump_is_no_hook():
    def jumped(rest):
        return rest.replace("shmem_evict_inode", "truncate_inode_pages_range")

    death = [(actor, flags, jumped(rest)) for actor, flags, rest in dies(A)]
    trace = follow(trace_of(born(A), mark("close"), death, freed(A)))
    assert [e.hook for e in trace.events if e.hook] == [
        "alloc_inode", "destroy_inode", "free_inode",
    ]  # fmt: skip


def test_what_the_slab_did_long_before_is_no_part_of_a_life():
    slab = [("a-1", "...1.", "  inode_init_once(inode=0xff00);")]
    trace = follow(trace_of(slab, mark("close"), dies(A), freed(A)))
    assert trace.events[0].function == "__fput"


def test_freed_memory_is_no_free_inode_hook():
    plain = [
        (a, f, rest.replace("shmem_free_in_core_inode", "kmem_cache_free"))
        for a, f, rest in freed(A)
    ]
    trace = follow(trace_of(mark("close"), dies(A), plain))
    assert [e.hook for e in trace.events if e.hook] == ["evict_inode", "destroy_inode"]
    assert trace.events[-1].function == "kmem_cache_free"
