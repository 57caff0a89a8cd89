"""Choose what the kernel is to record: functions, probes, options."""

from collections.abc import Iterable, Iterator
from typing import Final

from gmemviz.facts import Facts, callees, callers, kernel_of_release, kernels, load, road
from gmemviz.record.boot.scenarios import Scenario

HOOKS: Final = (
    "alloc_inode", "destroy_inode", "drop_inode", "evict_inode", "free_inode", "free_folio",
    "release", "kill_sb",
)  # fmt: skip
ROADS: Final = (("__fput", "evict"), ("evict", "i_callback"))
FURTHER: Final = (
    "new_inode", "new_inode_pseudo", "alloc_inode", "anon_inode_make_secure_inode",
    "inode_init_always", "inode_init_always_gfp", "ihold", "rcu_barrier", "call_rcu",
    "truncate_inode_pages_range", "fsnotify_destroy_marks", "alloc_file_pseudo", "alloc_anon_inode",
)  # fmt: skip
# What more functions than these call is a helper, and would fill the recording.
MANY: Final = 8

# A probe at the entry of a function that is in the graph too would add a preemption
# level to what the graph shows of it. So these two functions are not in the graph, and the
# other probes (with @, see driver/tracing.c) stand behind the tracer's call.
PROBED: Final = ("security_inode_alloc", "locks_free_lock_context")
DETAILS: Final = "dev=inode->i_sb->s_dev:x32 fs=inode->i_sb->s_type->name:string"
PROBES: Final = (
    f"p:gmemviz/born security_inode_alloc inode=inode:x64 {DETAILS}",
    "p:gmemviz/iput iput@ inode=%di:x64",
    "p:gmemviz/evict evict@ inode=%di:x64",
    f"p:gmemviz/dies locks_free_lock_context inode=inode:x64 ino=inode->i_ino:u64 {DETAILS}",
    "p:gmemviz/destroy_inode destroy_inode@ inode=%di:x64",
    "p:gmemviz/call_rcu call_rcu@ head=%di:x64 func=%si:symbol\tfunc.function == i_callback",
    "p:gmemviz/i_callback i_callback@ head=%di:x64",
)
"""Definitions of kprobe events that tell one inode from another."""

OPTIONS: Final = (
    "latency-format", "funcgraph-abstime", "funcgraph-proc", "funcgraph-tail", "nofuncgraph-irqs",
)  # fmt: skip
"""Trace options, set in this order."""


def facts_of(release: str) -> tuple[Facts, ...]:
    """Return the shipped facts of a kernel release such as 7.3.4+deb13-amd64, or else all."""
    own = kernel_of_release(release)
    return (load(own),) if own else tuple(map(load, kernels()))


def functions(facts: Facts, scenario: Scenario) -> tuple[str, ...]:
    """Return the functions to record, sorted: the road of an inode, its hooks, what these call.

    Which of them the kernel at hand can trace, only it can say.
    """
    ways = {name for start, goal in ROADS for name in _way(facts, start, goal)}
    hooks = {*scenario.further, *_hooks(facts, scenario)}
    chosen = {*FURTHER, *ways, *hooks, *_called(facts, ways)}
    chosen |= {name for name in _called(facts, chosen - set(FURTHER)) if _has_few(facts, name)}
    return tuple(sorted(chosen - set(PROBED)))


def _way(facts: Facts, start: str, goal: str) -> Iterator[str]:
    yield start
    yield from (edge.callee for edge in road(facts, start, goal, filesystems=()))


def _called(facts: Facts, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if facts.has_function(name):
            yield from (edge.callee for edge in callees(facts, name, filesystems=()))


def _has_few(facts: Facts, name: str) -> bool:
    return len({edge.caller for edge in callers(facts, name)}) <= MANY


def _hooks(facts: Facts, scenario: Scenario) -> Iterator[str]:
    for table in facts.tables:
        if table.path in scenario.sources:
            yield from (function for hook, function in table.slots if hook in HOOKS)
