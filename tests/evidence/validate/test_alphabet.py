"""Which steps a recording shows, and which of its events are steps."""

from gmemviz.evidence.validate.conform import alignment, conform, edges_seen
from gmemviz.facts.records import Event
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
