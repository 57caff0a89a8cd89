"""Write recordings of made-up inodes, from birth to callback, with the addresses that probes show."""

from gmemviz.record import parse

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


def text_of(*parts, only=None):
    lines = [line for part in parts for line in part]
    return HEADER + "".join(
        f" {n:3}.000000 |   0)   {actor}  |  {flags} |               |{rest}\n"
        for n, (actor, flags, rest) in enumerate(lines)
        if only is None or only(rest)
    )


def trace_of(*parts, only=None):
    return parse(text_of(*parts, only=only), kernel="7.3")


def at(trace, function):
    return [round(e.time) for e in trace.events if e.function == function]


A, B = 0xFF00, 0xEE00
