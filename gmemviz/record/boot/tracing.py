"""Choose what the kernel is to record: functions, probes, options."""

from collections.abc import Iterable, Iterator
from typing import Final

from gmemviz.facts import Facts, callees, callers, kernel_name, kernels, load, road, snapshots
from gmemviz.record.boot.scenarios import TABLES, RecordedScenario

HOOKS: Final = frozenset(TABLES["tracing"]["hooks"])
FURTHER: Final = frozenset(TABLES["tracing"]["further"])
PROBED: Final = frozenset(TABLES["tracing"]["probed"])
"""Functions that are probed at their entry, and so not in the graph."""
OPTIONS: Final = tuple(TABLES["tracing"]["options"])
"""Trace options, set in this order."""

I_CALLBACK: Final = "i_callback"
# What more functions than these call is a helper, and would fill the recording.
MANY: Final = 8


def facts_of(release: str) -> tuple[Facts, ...]:
    """Return the shipped facts of a kernel release such as 7.3.4+deb13-amd64, or else all.

    A kernel of one's own may be of a release that gmemviz reads and does not boot (6.1).
    """
    own = kernel_name(release)
    return (load(own),) if own in snapshots() else tuple(map(load, kernels()))


def functions(facts: Facts, scenario: RecordedScenario) -> tuple[str, ...]:
    """Return the functions to record, sorted: the road of an inode, its hooks, what these call.

    Which of them the kernel at hand can trace, only it can say.
    """
    ways: set[str] = set()
    for start, goal in TABLES["tracing"]["roads"]:
        ways |= {start, *(edge.callee for edge in road(facts, start, goal, filesystems=()))}
    called = _called(facts, ways)
    chosen = {*scenario.further, *_hooks(facts, scenario), *ways, *called}
    helpers = _called(facts, chosen - FURTHER)
    chosen |= {name for name in helpers if _has_few_callers(facts, name)}
    return tuple(sorted((chosen | FURTHER) - PROBED))


def _called(facts: Facts, names: Iterable[str]) -> set[str]:
    called: set[str] = set()
    for name in filter(facts.has_function, names):
        called.update(edge.callee for edge in callees(facts, name, filesystems=()))
    return called


def _has_few_callers(facts: Facts, name: str) -> bool:
    return len({edge.caller for edge in callers(facts, name)}) <= MANY


def _hooks(facts: Facts, scenario: RecordedScenario) -> Iterator[str]:
    for table in facts.tables:
        if table.path in scenario.sources:
            yield from (function for hook, function in table.slots if hook in HOOKS)


def probes(own_callbacks: Iterable[str] = ()) -> Iterator[str]:
    """Give the definitions of kprobe events that tell one inode from another.

    A callback of a Design's own frees the inode that its rcu_head lies in, as
    fs/inode.c:i_callback@v7.3 does, and is probed alike.
    """
    callbacks = (I_CALLBACK, *own_callbacks)
    is_callback = " || ".join(f"func.function == {name}" for name in callbacks)
    for definition in TABLES["tracing"]["probes"]:
        yield definition.replace("{is_callback}", is_callback)
    for name in callbacks:
        yield f"p:gmemviz/{name} {name}@ head=%di:x64"


def probed(definition: str) -> str:
    """Return the function whose entry a probe watches.

    >>> probed("p:gmemviz/evict evict@ inode=%di:x64")
    'evict'
    """
    return definition.split()[1].removesuffix("@")
