"""Change the shipped recordings, an event of the followed inode at a time."""

from dataclasses import replace

from gmemviz.evidence.validate.conform import conform
from gmemviz.model import hooks_of
from gmemviz.record import load_recording, recordings
from gmemviz.study import gallery

FILESYSTEMS = {  # the scenario begins so: whose inode it follows
    "bpf": "bpffs",
    "gmem": "guest_memfd",
    "hugetlb": "hugetlbfs",
    "memfd": "shmem",
    "pipe": "pipefs",
    "secretmem": "secretmem",
    "socket": "sockfs",
    "tmpfs": "shmem",
}
OWN = {
    name: f"{filesystem}-{name.partition('-')[0]}"
    for name in recordings()
    for scenario, filesystem in FILESYSTEMS.items()
    if name.partition("-")[2].startswith(scenario)
}
SOURCES = {"ext4": "fs/ext4/", "overlay": "fs/overlayfs/", "proc": "fs/proc/"}
"""Filesystems that the gallery does not have, by what their recordings' names begin with."""
DERIVED = {
    name: name.partition("-")[2].partition("-")[0]
    for name in recordings()
    if name.partition("-")[2].partition("-")[0] in SOURCES
}
"""Recordings of those: they are held against what their source comes to."""
# Hooks that do nothing the model looks at, whether the gallery names them or not.
IDLE = {
    "guest_memfd": ("free_folio", "kvm_gmem_free_folio"),
    "pipefs": ("release", "pipe_release"),
    "secretmem": ("free_folio", "secretmem_free_folio"),
    "sockfs": ("release", "sock_close"),
}


def own(name):
    """Return the Design that the recorded kernel has."""
    design = gallery(OWN[name])
    filesystem = design.name.rpartition("-")[0]
    if filesystem not in IDLE:
        return design
    hook, function = IDLE[filesystem]
    hooks = {**dict(hooks_of({hook: ()})), **dict(design.hooks)}
    functions = {hook: function, **dict(design.functions)}
    return replace(design, hooks=tuple(hooks.items()), functions=tuple(functions.items()))


def doubled(name):
    """Return a recording that has everything twice, so that no function is in it only once.

    The second half has the marks. So what is changed there was in the tracer's filter.
    """
    trace = load_recording(name)
    half = len(trace.events)
    marks = tuple((at + half, text) for at, text in trace.marks)
    return replace(trace, events=(*trace.events, *trace.events), marks=marks), half


def named(trace, name):
    """Return the steps of the model: (number in the Trace, number among the inode's events)."""
    found = conform(trace, own(name))
    assert found.conforms, found.text
    last = {(event.time, event.function): at for at, event in enumerate(trace.events)}
    events = found.recorded.events
    return [(last[events[n].time, events[n].function], n) for n in found.named]


def below(trace, at):
    """Return where what the event at `at` calls ends."""
    top, end = trace.events[at], at + 1
    while end < len(trace.events) and (
        trace.events[end].actor != top.actor or trace.events[end].depth > top.depth
    ):
        end += 1
    return end


def spliced(trace, at, end, events):
    """Return a Trace with other events from `at` to `end`; marks keep to their events."""
    more = len(events) - (end - at)
    marks = tuple((n + more if n > at else n, text) for n, text in trace.marks)
    return replace(trace, events=(*trace.events[:at], *events, *trace.events[end:]), marks=marks)


def changed(trace, at, **fields):
    """Return a Trace with another event at `at`."""
    return spliced(trace, at, at + 1, [replace(trace.events[at], **fields)])


def without(trace, at):
    """Return a Trace as it is if the function at `at` is not in the tracer's filter."""
    end, actor = below(trace, at), trace.events[at].actor
    inner = [
        replace(event, depth=event.depth - 1) if event.actor == actor else event
        for event in trace.events[at + 1 : end]
    ]
    return spliced(trace, at, end, inner)


def inserted(trace, at, *events):
    """Return a Trace with more events before the one at `at`."""
    return spliced(trace, at, at, events)


def refused(found):
    """Return the function that was refused, and those that the model allowed there."""
    assert found.verdict == "does not conform", found.text
    event = found.recorded.events[found.difference.event]
    return event.function, {one.function for one in found.difference.allowed}
