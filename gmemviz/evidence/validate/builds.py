"""Ask the other recordings of one build what its compiler left as calls.

clear_inode stands in the same file as evict, so the compiler may have put it there
(fs/inode.c:evict@v6.12). A recording in which evict does not call it leaves open whether it was
inlined or never ran. But a build is one binary: what evict calls in one recording, it calls in all.
"""

from functools import cache

from gmemviz.record import load_recording, recordings
from gmemviz.record.inode import NOBODY, Calls


def called_in_build(release: str, caller: str, callee: str) -> bool:
    """Return whether a shipped recording of this very release shows that very call."""
    return any((caller, callee) in pairs for pairs in _pairs(release))


# A set a recording. A release such as 7.3.4+deb13-amd64 is one build's own name.
@cache
def _pairs(release: str) -> tuple[frozenset[tuple[str, str]], ...]:
    traces = filter(lambda trace: trace.kernel == release, map(load_recording, recordings()))
    return tuple(_pairs_in(Calls(trace.events)) for trace in traces)


# Direct ones alone: what a hook calls is no call of the function that called the hook.
def _pairs_in(calls: Calls) -> frozenset[tuple[str, str]]:
    called = [(above, index) for index, above in enumerate(calls.caller) if above != NOBODY]
    return frozenset((calls.names[above], calls.names[index]) for above, index in called)
