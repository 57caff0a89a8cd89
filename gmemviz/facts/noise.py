"""Tell the names that drown a call graph: locks, tracing, debug, atomics, lists."""

import re

NOISE = re.compile(
    r"""_*(?:
    # Macros by convention: BUG_ON, READ_ONCE, S_ISREG, SHMEM_I.
    [A-Z0-9_]+\Z
    # Locks.
  | (?:raw_)?(?:spin|read|write|local)_(?:try)?(?:un)?lock
  | (?:bit_spin|hlist_bl|bl|xa|xas)_(?:try)?(?:un)?lock
  | (?:raw_)?(?:seq|write_seq|read_seq)(?:lock|count|begin|retry|end|unlock)
  | (?:mutex|down|up|lock|unlock)(?:_(?:read|write|lock|unlock|trylock))?
    (?:_(?:nested|killable|interruptible|non_owner|bh|irq\w*))*\Z
  | mutex_ | rwsem_ | sema_init | percpu_(?:down|up|rwsem) | lockdep_ | lock_(?:acquire|release|map)
  | (?:inode|folio|filemap_invalidate)_(?:un)?lock\Z
  | (?:un)?lock_(?:buffer|page|mount_hash)\Z
  | lockref_ | init_rwsem | raw_(?:write|read)_seq
    # RCU's read side and memory order.
  | s?rcu_(?:read_|dereference|access|assign|is_|head_|gp_|lock|note|sleep|preempt)
  | smp_(?:mb|rmb|wmb|load|store|processor|acquire) | barrier\Z | data_race\Z
    # Waiting, waking, scheduling.
  | wait_event | wait_var_event | prepare_to_wait | finish_wait | wake_up(?:_|\Z) | init_wait
  | complete(?:_all)?\Z | init_completion | init_waitqueue | (?:io_)?schedule(?:_timeout\w*)?\Z
  | set_current_state | cond_resched | cant_sleep | might_(?:sleep|fault|alloc|lock)
  | preempt_ | migrate_(?:en|dis)able | local_(?:irq|bh) | irqs_disabled
  | in_(?:interrupt|task|irq|softirq|atomic|nmi|hardirq)\Z
    # Tracing, debug, printing.
  | trace_ | tracepoint | tracing_ | perf_ | kasan_ | kmsan_ | kcsan_ | kcov_ | kunit_ | kmemleak_
  | debug_ | instrument_ | dump_(?:stack|page) | panic\Z | printk | (?:v?s?[cn]?n?)printf
  | (?:pr|dev|netdev)_(?:emerg|alert|crit|err|warn|notice|info|cont|debug|dbg|once)
    # Atomics, counters, bits, per-CPU data.
  | (?:raw_|arch_)*atomic(?:64|_long)?_ | refcount_(?:set|read|inc|dec|add|sub|warn)
  | (?:this|raw|per|get|put)_cpu | percpu_counter_ | percpu_ref_(?:get|put|tryget)
  | count_(?:vm_|memcg_)?events? | (?:inc|dec|mod|add|sub)_(?:zone|node|lruvec|memcg|mm)_\w*state
  | (?:test|set|clear|change|assign)_(?:and_(?:set|clear|change)_)?bit | find_(?:first|next|last)_
  | inode_state_ | (?:fls|ffs|ffz|hweight)(?:8|16|32|64|l|_long)?\Z
    # Lists and trees.
  | (?:list|hlist|llist|plist|hlist_bl|hlist_nulls|rb)_
    (?:add|del|empty|move|splice|entry|for|first|next|last|is|node|head|replace|link|erase|insert
    |prev|unhashed|cut|rotate|swap|on)
  | hlist_(?:add|del)\Z | init_(?:list|hlist|llist) | INIT_(?:LIST|HLIST)
    # Arithmetic, strings, user memory, the compiler.
  | container_of | offsetof | builtin_ | (?:min|max)(?:_t|3)?\Z | clamp | swap\Z | abs\Z
  | round_ | roundup | rounddown | ilog2 | order_base_2 | div(?:64|_u64|_s64)
  | mem(?:set|cpy|cmp|move|chr|zero)\w* | str(?:len|n?cmp|n?cpy|s?lcpy|scpy|r?chr|nlen|cat|str|sep)
  | (?:cpu|le|be)\d*_to_\w+ | (?:le|be)(?:16|32|64)_\w+ | cpu_relax\Z
  | copy_(?:from|to)_user | (?:get|put)_user\Z
  | static_branch_ | static_key | static_call | likely | unlikely | is_err
  | ktime_ | jiffies | msecs_to_ | usecs_to_ | current_(?:time|cred|uid|gid|user|fs)
  | alloc_hooks\Z | va_(?:start|end|arg|copy)\Z | no_free_ptr\Z | return_ptr\Z | must_
  | context_unsafe
    )""",
    re.VERBOSE,
)


def is_noise(name: str) -> bool:
    """Tell whether a name is left out of pictures unless a reader asks for it.

    For functions only: a hook may go by such a name, and is never noise.

    >>> [name for name in ("spin_lock", "BUG_ON", "evict", "call_rcu") if is_noise(name)]
    ['spin_lock', 'BUG_ON']
    """
    return NOISE.match(name) is not None
