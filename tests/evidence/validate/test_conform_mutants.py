"""A recording that is changed in one place is refused there, or goes as far as it goes."""

from dataclasses import replace

import pytest

from gmemviz.errors import RecordingError
from gmemviz.evidence.validate.conform import conform
from gmemviz.facts.records import Event
from gmemviz.record import load_recording
from gmemviz.record.text.reader import LOST
from gmemviz.study import gallery
from tests.evidence.recorded_edits import (
    OWN,
    below,
    changed,
    doubled,
    inserted,
    named,
    own,
    refused,
    without,
)


def said(found):
    return " ".join(found.difference.sentence.split())


FOLLOWED = ("__fput", "dput", "iput", "evict")  # without these there is no inode
HEADS = ("cleanup_mnt",)  # without it the road begins one function further down
POLICY = ["6.12-memfd-policy", "7.3-memfd-policy"]
WITH_CALLBACK = [name for name in OWN if not OWN[name].startswith("pipefs")]


def at(trace, name, function):
    """Return where the followed inode's event of a function is."""
    return next(n for n, _ in named(trace, name) if trace.events[n].function == function)


@pytest.mark.parametrize("name", OWN)
def test_everything_twice_conforms_as_well(name):
    trace, half = doubled(name)
    found = conform(trace, own(name))
    assert found.verdict == "conforms"
    assert min(number for number, _ in named(trace, name)) >= half


@pytest.mark.parametrize("name", OWN)
def test_a_step_left_out_is_refused_if_the_filter_has_it(name):
    trace, _ = doubled(name)
    tried, cut = 0, []
    for number, _ in named(trace, name):
        event = trace.events[number]
        function = event.function.partition(".")[0]
        if function in (*FOLLOWED, *HEADS) or event.function.endswith("_free_folio"):
            continue
        found = conform(without(trace, number), own(name))
        if found.conforms:  # the end of the road is cut off, so no callback is told
            assert found.verdict == "conforms as far as it goes"
            assert len(found.recorded.missing) == 1
            cut.append(function)
        else:
            assert function in {one.function for one in found.difference.allowed}
            tried += 1
    assert set(cut) <= {"destroy_inode", "call_rcu", "i_callback", "free_inode_nonrcu"}
    assert tried >= 4


@pytest.mark.parametrize("name", OWN)
def test_a_step_done_twice_is_refused_there(name):
    trace, _ = doubled(name)
    for number, followed in named(trace, name):
        event = trace.events[number]
        is_leaf = below(trace, number) == number + 1 and event.function != "i_callback"
        if not is_leaf or event.function.endswith("_free_folio"):
            continue
        found = conform(inserted(trace, number, event), own(name))
        assert refused(found)[0] == event.function
        assert found.difference.event == followed + 1


@pytest.mark.parametrize("name", OWN)
def test_folios_may_be_none_or_many(name):
    trace, _ = doubled(name)
    folios = [n for n, _ in named(trace, name) if trace.events[n].function.endswith("_free_folio")]
    for number in folios[:1]:
        event = trace.events[number]
        assert conform(inserted(trace, number, event, event), own(name)).conforms
        for one in reversed(folios):
            trace = without(trace, one)
        assert conform(trace, own(name)).conforms


@pytest.mark.parametrize("name", OWN)
def test_every_context_counts(name):
    trace, _ = doubled(name)
    for number, followed in named(trace, name):
        event = trace.events[number]
        if event.context != "P" and event.function != "i_callback":
            found = conform(changed(trace, number, context="P"), own(name))
            function, allowed = refused(found)
            assert function == event.function
            assert event.function in allowed
            assert found.difference.event == followed
            assert "in process context, and the model has it in" in found.difference.sentence
        if event.context == "P":
            found = conform(changed(trace, number, context="L"), own(name))
            assert refused(found)[0] == event.function
            assert found.difference.event == followed
        if event.context != "B":  # else it is not told who called whom
            found = conform(changed(trace, number, context="?"), own(name))
            assert found.conforms
            assert found.untold == 1


def test_a_hook_in_softirq_that_nobody_in_softirq_calls():
    trace, _ = doubled("7.3-hugetlb")
    number = at(trace, "7.3-hugetlb", "hugetlbfs_evict_inode")
    found = conform(changed(trace, number, context="B"), own("7.3-hugetlb"))
    assert refused(found) == ("hugetlbfs_evict_inode", {"hugetlbfs_evict_inode"})
    assert "in softirq context, and the model has it in process context" in said(found)


@pytest.mark.parametrize("name", WITH_CALLBACK)
def test_a_free_inode_in_process_context_is_refused(name):
    function = dict(gallery(OWN[name]).functions).get("free_inode")
    if not function:
        return  # secretmem has no super_operations
    trace = load_recording(name)
    found = conform(changed(trace, at(trace, name, function), context="P"), own(name))
    assert refused(found) == (function, {function})
    assert "and the model has it in softirq context" in found.difference.sentence


@pytest.mark.parametrize("name", POLICY)
def test_swapped_hooks_are_refused(name):
    trace = load_recording(name)
    evict, destroy = (at(trace, name, f"shmem_{hook}_inode") for hook in ("evict", "destroy"))
    swapped = changed(trace, evict, function="shmem_destroy_inode")
    swapped = changed(swapped, destroy, function="shmem_evict_inode")
    found = conform(swapped, own(name))
    assert refused(found) == ("shmem_destroy_inode", {"shmem_evict_inode"})


@pytest.mark.parametrize(
    ("after", "function", "deeper"),
    [
        ("evict", "shmem_destroy_inode", 1),  # the right hook too soon
        ("__destroy_inode", "hugetlbfs_destroy_inode", 0),  # another filesystem's
        ("mpol_free_shared_policy", "shmem_free_in_core_inode", 0),  # freed within a hook
        ("destroy_inode", "call_rcu", 1),  # queued too soon
        ("i_callback", "free_inode_nonrcu", 1),  # freed by the VFS as well
    ],
)
@pytest.mark.parametrize("name", POLICY)
def test_an_event_too_many_is_refused(name, after, function, deeper):
    trace = load_recording(name)
    number = at(trace, name, after)
    event = trace.events[number]
    extra = Event(function, event.actor, event.context, event.depth + deeper, time=event.time)
    place = number + 1 if deeper else below(trace, number)
    found = conform(inserted(trace, place, extra), own(name))
    assert refused(found)[0] == function


@pytest.mark.parametrize("name", [name for name in OWN if OWN[name].startswith("pipefs")])
def test_the_caller_counts(name):
    trace = load_recording(name)
    number = at(trace, name, "free_inode_nonrcu")
    event = trace.events[number]
    found = conform(changed(trace, number, depth=event.depth - 1), own(name))
    assert refused(found) == (event.function, {event.function})
    assert found.difference.caller == "evict"
    assert found.difference.allowed[0].caller == "destroy_inode"


@pytest.mark.parametrize("name", POLICY)
def test_a_road_that_the_model_does_not_have_is_refused_where_it_leaves(name):
    trace = load_recording(name)
    number = at(trace, name, "dentry_unlink_inode")
    found = conform(changed(trace, number, function="__destroy_inode"), own(name))
    assert refused(found)[0] == "__destroy_inode"
    assert found.difference.event == found.matched[-1] + 1


@pytest.mark.parametrize("name", POLICY)
def test_another_inode_that_dies_within_a_hook_is_none_of_it(name):
    trace = load_recording(name)
    number = at(trace, name, "shmem_evict_inode")
    event = trace.events[number]
    drop = dict(own(name).functions)["drop_inode"]
    inner = [
        Event(function, event.actor, context, event.depth + deeper, time=event.time)
        for deeper, context, function in (
            (1, "P", "iput"), (2, "L", drop), (2, "P", "evict"), (3, "P", "destroy_inode"),
            (4, "P", "call_rcu"),
        )
    ]  # fmt: skip
    found = conform(inserted(trace, number + 1, *inner), own(name))
    assert found.conforms, found.text
    assert len(found.matched) == len(conform(trace, own(name)).matched)


@pytest.mark.parametrize("name", POLICY)
def test_what_a_function_calls_that_the_model_does_not_name_is_none_of_it(name):
    trace = load_recording(name)
    number = at(trace, name, "destroy_inode")
    event = trace.events[number]
    inner = [
        Event("security_something", event.actor, "P", event.depth + 1, time=event.time),
        Event("call_rcu", event.actor, "P", event.depth + 2, time=event.time),
    ]
    assert conform(inserted(trace, number + 1, *inner), own(name)).conforms
    direct = replace(inner[1], depth=event.depth + 1)
    assert not conform(inserted(trace, number + 1, direct), own(name)).conforms


# --- how far it goes ------------------------------------------------------------------------


@pytest.mark.parametrize("name", WITH_CALLBACK)
def test_a_recording_that_ends_before_the_callback_conforms_as_far_as_it_goes(name):
    trace, _ = doubled(name)
    cut = at(trace, name, "i_callback")
    marks = tuple(mark for mark in trace.marks if mark[0] < cut)
    found = conform(replace(trace, events=trace.events[:cut], marks=marks), own(name))
    assert found.verdict == "conforms as far as it goes"
    assert found.conforms
    assert found.recorded.missing
    assert found.rest == ("B i_callback",)
    assert "the model goes on with B i_callback" in found.text


@pytest.mark.parametrize("name", POLICY)
def test_an_end_that_is_too_soon_is_a_difference(name):
    trace, _ = doubled(name)
    found = conform(without(trace, at(trace, name, "shmem_free_in_core_inode")), own(name))
    assert found.verdict == "does not conform"
    assert found.difference.event is None
    assert [one.function for one in found.difference.allowed] == ["shmem_free_in_core_inode"]
    assert "The recording ends, and the model goes on" in found.text


@pytest.mark.parametrize("name", POLICY)
def test_a_step_that_nobody_watched_is_silent_and_one_that_was_watched_is_not(name):
    trace = load_recording(name)
    less = without(trace, at(trace, name, "mpol_free_shared_policy"))
    found = conform(less, own(name))
    assert found.verdict == "does not conform"
    assert "mpol_free_shared_policy has to run before it, and did not" in said(found)
    found = conform(replace(less, watched=None), own(name))
    assert found.verdict == "conforms as far as it goes"
    assert ("mpol_free_shared_policy", "the recording shows it nowhere") in found.unseen


@pytest.mark.parametrize("name", POLICY)
def test_a_hook_that_nobody_watched_leaves_open_whether_it_ran(name):
    trace = load_recording(name)
    less = without(trace, at(trace, name, "shmem_destroy_inode"))
    watched = trace.watched._replace(functions=trace.watched.functions - {"shmem_destroy_inode"})
    found = conform(replace(less, watched=watched), own(name))
    assert found.verdict == "conforms as far as it goes"
    assert found.unwatched == ("shmem_destroy_inode",)
    assert "shmem_destroy_inode: did it happen?" in found.text


@pytest.mark.parametrize("name", OWN)
def test_without_a_head_it_conforms_as_far_as_it_goes_at_best(name):
    found = conform(replace(load_recording(name), watched=None), own(name))
    assert found.conforms
    assert found.verdict == "conforms as far as it goes"
    assert "No head says what was watched" in found.text


@pytest.mark.parametrize("name", POLICY)
def test_what_lost_lines_may_explain_is_no_difference(name):
    trace = load_recording(name)
    less = without(trace, at(trace, name, "clear_inode"))
    lossy = replace(less, missing=(LOST,))
    assert not conform(less, own(name)).conforms
    assert conform(lossy, own(name)).verdict == "conforms as far as it goes"


def test_without_an_inode_there_is_no_answer():
    trace = load_recording(POLICY[0])
    with pytest.raises(RecordingError, match="no inode to follow"):
        conform(replace(trace, marks=()))
