"""Which steps a recording shows, and which of its events are steps."""

from dataclasses import replace

from gmemviz.evidence.validate.alphabet import Seen, fits
from gmemviz.evidence.validate.conform import alignment, conform, edges_seen
from gmemviz.evidence.validate.entries import ProgramEntry
from gmemviz.facts import Watched, load
from gmemviz.facts.records import Event, Trace
from gmemviz.record import load_recording
from tests.evidence.recorded_edits import inserted, spliced
from tests.evidence.validate.model_runs import runs


def test_the_edges_are_those_of_the_recording():
    trace = load_recording("7.3-gmem")
    edges = edges_seen(trace)
    assert ("evict", "destroy_inode") in edges
    assert ("destroy_inode", "kvm_gmem_destroy_inode") in edges
    assert ("destroy_inode", "i_callback") not in edges
    found = conform(trace)
    assert found.edges < edges
    assert alignment(trace) == found.pairs


def test_a_call_that_the_compiler_inlined_is_silent_though_another_is_shown():
    (design, _, trace), *_ = runs("secretmem-7.3", "last-close", 1)
    at = next(n for n, event in enumerate(trace.events) if event.function == "clear_inode")
    inlined = spliced(trace, at, at + 1, [])
    assert conform(inlined, design).conforms
    # Elsewhere it is shown, called from another file: evict and clear_inode are in one.
    others = [Event("shmem_evict_inode", "other", "P", 0), Event("clear_inode", "other", "P", 1)]
    found = conform(inserted(inlined, 0, *others), design)
    assert found.conforms, found.text
    assert ("clear_inode", "not shown as called from there") in found.unseen
    # Where evict itself is seen to call it, it must.
    shown = [Event("evict", "other", "P", 0), Event("clear_inode", "other", "P", 1)]
    assert not conform(inserted(inlined, 0, *shown), design).conforms


def test_a_recording_that_shows_a_function_nowhere_says_why_not():
    facts = load("7.3")
    trace = Trace("t", "7.3.4", "recorded", (Event("iput", "a", "P", 0),))
    seen = Seen(trace, facts, frozenset({"iput", "evict"}))
    assert seen.why_not(ProgramEntry("close(2)", "P", -1)) == "no function of 7.3"
    assert seen.why_not(ProgramEntry("mapping_empty", "P", -1)) in ("inline", "no function of 7.3")
    assert seen.why_not(ProgramEntry("evict", "P", -1)) == "the recording shows it nowhere"
    assert seen.why_not(ProgramEntry("iput", "P", -1)) == "not shown as called from there"


def test_within_one_file_the_call_itself_must_be_shown():
    facts = load("7.3")
    events = (
        Event("evict", "a", "P", 0),
        Event("iput", "b", "P", 0),
        Event("evict", "b", "P", 1),
        Event("dput", "c", "P", 0),
    )
    seen = Seen(Trace("t", "7.3.4", "recorded", events), facts, frozenset({"iput", "evict"}))
    assert seen.edges == {("iput", "evict")}
    evict, iput = ProgramEntry("evict", "P", 0), ProgramEntry("iput", "P", 0)
    assert seen.shows(evict, iput)
    assert not seen.shows(iput, evict)  # both are of fs/inode.c
    assert seen.shows(iput, ProgramEntry("dput", "P", 0))  # of fs/dcache.c, so nothing inlines it


def test_a_hook_that_the_kernel_does_not_have_may_be_any_function():
    mine = ProgramEntry("your_evict_inode", "P", 0, hook="evict_inode")
    ran = Event("shmem_evict_inode", "a", "P", 0, hook="evict_inode")
    seen = Seen(Trace("t", "7.3.4", "recorded", (ran,)), load("7.3"), frozenset())
    assert fits(mine, ran, "shmem_evict_inode", seen)
    assert not fits(mine, replace(ran, hook="free_inode"), "shmem_evict_inode", seen)
    assert not fits(mine._replace(hook=""), ran, "shmem_evict_inode", seen)
    # But a recording that has it, or whose head does, is of a module of this very Design.
    own = replace(ran, function="your_evict_inode")
    for trace in (
        replace(seen.trace, events=(ran, own)),
        replace(seen.trace, watched=Watched(frozenset({"your_evict_inode"}))),
    ):
        assert not fits(mine, ran, "shmem_evict_inode", replace(seen, trace=trace))
        assert fits(mine, own, "your_evict_inode", replace(seen, trace=trace))
