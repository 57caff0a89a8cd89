"""One inode is followed: its own road, its own callback, and no guess."""

import random
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from gmemviz.errors import RecordingError
from gmemviz.facts import load
from gmemviz.record import follow, parse
from gmemviz.record.text.reader import MIXED_CPUS
from tests.record.old_recordings import load_recording, recordings, text_of

UNTOLD = "Which i_callback frees this inode, and whether one ran, is not told."


def hooks(trace):
    return [(e.hook, e.function, e.context) for e in trace.events if e.hook]


def callback(trace):
    return [e.time for e in trace.events if e.function == "i_callback"]


HOOKS = {
    "6.12-hugetlb": [
        ("evict_inode", "hugetlbfs_evict_inode", "P"),
        ("destroy_inode", "hugetlbfs_destroy_inode", "P"),
        ("free_inode", "hugetlbfs_free_inode", "B"),
    ],
    "6.12-memfd-policy": [
        ("drop_inode", "generic_delete_inode", "L"),
        ("evict_inode", "shmem_evict_inode", "P"),
        ("destroy_inode", "shmem_destroy_inode", "P"),
        ("free_inode", "shmem_free_in_core_inode", "B"),
    ],
    "6.12-pipe": [
        ("release", "pipe_release", "P"),
        ("destroy_inode", "free_inode_nonrcu", "P"),
    ],
    "7.3-gmem": [
        ("release", "kvm_gmem_release", "P"),
        ("free_folio", "kvm_gmem_free_folio", "P"),
        ("free_folio", "kvm_gmem_free_folio", "P"),
        ("destroy_inode", "kvm_gmem_destroy_inode", "P"),
        ("free_inode", "kvm_gmem_free_inode", "B"),
    ],
    # release ran at the real close, while the O_PATH file kept the inode.
    "7.3-gmem-opath": [
        ("free_folio", "kvm_gmem_free_folio", "P"),
        ("destroy_inode", "kvm_gmem_destroy_inode", "P"),
        ("free_inode", "kvm_gmem_free_inode", "B"),
    ],
}
HOOKS["7.3-hugetlb"] = HOOKS["6.12-hugetlb"]
HOOKS["7.3-memfd-policy"] = HOOKS["7.3-tmpfs-unlink"] = [
    ("drop_inode", "inode_just_drop", "L"), *HOOKS["6.12-memfd-policy"][1:]
]  # fmt: skip
CALLBACKS = {
    "6.12-hugetlb": [38.639027],
    "6.12-memfd-policy": [38.147268],
    "6.12-pipe": [],
    "7.3-gmem": [51.380864],
    "7.3-gmem-opath": [55.129856],
    "7.3-hugetlb": [61.064650],
    "7.3-memfd-policy": [60.564604],
    "7.3-tmpfs-unlink": [63.452541],
}


@pytest.mark.parametrize("name", recordings())
def test_each_recording_shows_its_hooks_in_order_and_context(name):
    trace = follow(load_recording(name))
    assert hooks(trace) == HOOKS[name]
    assert callback(trace) == CALLBACKS[name]
    assert trace.missing == ()
    assert trace.origin == "recorded"
    assert [e.time for e in trace.events] == sorted(e.time for e in trace.events)


def test_the_road_of_a_guest_memfd():
    trace = follow(load_recording("7.3-gmem"))
    assert trace.marks == ((0, "close"),)
    assert [f"{'  ' * e.depth}{e.function} {e.context}" for e in trace.events] == [
        "__fput P",
        "  kvm_gmem_release P",
        "    kvm_put_kvm P",
        "  dput P",
        "    dentry_kill L",
        "      dentry_unlink_inode L",
        "        iput P",
        "          evict P",
        "            truncate_inode_pages_final P",
        "              truncate_inode_pages_range P",
        "                call_rcu L",
        "                kvm_gmem_free_folio P",
        "                kvm_gmem_free_folio P",
        "            clear_inode P",
        "            destroy_inode P",
        "              __destroy_inode P",
        "                security_inode_free P",
        "                  call_rcu P",
        "                fsnotify_destroy_marks P",
        "              kvm_gmem_destroy_inode P",
        "                mpol_free_shared_policy P",
        "              call_rcu P",
        "i_callback B",
        "  kvm_gmem_free_inode B",
    ]
    assert {e.actor for e in trace.events[:-2]} == {"drive-113"}
    assert {e.actor for e in trace.events[-2:]} == {"<idle>-0"}


def test_every_event_has_a_sentence_built_from_it():
    for name in recordings():
        for event in follow(load_recording(name)).events:
            assert event.function in event.sentence
            assert event.sentence.endswith(".")
            assert event.effects == ()
    said = [e.sentence for e in follow(load_recording("6.12-memfd-policy")).events]
    assert "shmem_destroy_inode runs as the destroy_inode hook, in process context." in said
    assert "evict runs within iput, in process context." in said
    assert said[-2] == (
        "<idle>-0 enters i_callback, in softirq context; "
        "the order of the RCU queue says that it frees this inode."
    )


def test_only_the_last_close_is_followed():
    trace = follow(load_recording("7.3-gmem-opath"))
    assert trace.marks == ((0, "close-opath"),)
    assert "kvm_gmem_release" not in {e.function for e in trace.events}


def test_an_unmount_is_followed_through_its_iput():
    lines = text_of("7.3-tmpfs-unlink").splitlines()
    at = next(n for n, line in enumerate(lines) if "cleanup_mnt() {" in line)
    mark = next(line for line in lines if "/* close */" in line).replace("close", "umount")
    mark = lines[at][:14] + mark[14:]  # at its time
    trace = follow(parse([*lines[:at], mark, *lines[at:]]))
    assert trace.marks == ((0, "umount"),)
    assert [e.function for e in trace.events if e.depth == 0] == ["cleanup_mnt", "i_callback"]
    assert callback(trace) == [63.456611]
    assert [hook for hook, _, _ in hooks(trace)] == [
        "drop_inode", "evict_inode", "destroy_inode", "free_inode",
    ]  # fmt: skip


@pytest.mark.parametrize("name", recordings())
def test_the_facts_agree_with_what_the_structure_tells(name):
    trace = follow(load_recording(name), facts=load(name.partition("-")[0]))
    assert hooks(trace) == HOOKS[name]
    assert {e.source.function == e.function for e in trace.events if e.source} == {True}
    assert all(event.source for event in trace.events)


def test_facts_overrule_the_structure_for_functions_that_they_know():
    whole = load("7.3")
    shmem = next(t for t in whole.tables if dict(t.slots).get("evict_inode") == "shmem_evict_inode")
    slots = tuple(slot for slot in shmem.slots if slot[0] != "evict_inode")
    facts = replace(whole, read_tables=lambda: (replace(shmem, slots=slots),))
    trace = follow(load_recording("7.3-memfd-policy"), facts=facts)
    assert [hook for hook, _, _ in hooks(trace)] == ["drop_inode", "destroy_inode", "free_inode"]
    unknown = replace(facts, functions={})
    trace = follow(load_recording("7.3-memfd-policy"), facts=unknown)
    assert hooks(trace) == HOOKS["7.3-memfd-policy"]
    assert not any(event.source for event in trace.events)


def test_of_two_callbacks_the_queue_tells_which():
    first = follow(load_recording("7.3-tmpfs-unlink"))
    assert callback(first) == [63.452541]
    assert len(callback(load_recording("7.3-tmpfs-unlink"))) == 2


def mixed(name):
    lines = text_of(name).splitlines()
    return follow(parse([*lines, lines[40].replace("   0) ", "   1) ")]))


def test_on_several_cpus_only_the_table_can_tell():
    gmem = mixed("7.3-gmem")
    assert MIXED_CPUS in gmem.missing
    assert callback(gmem) == CALLBACKS["7.3-gmem"]
    assert "the table of its hooks says" in gmem.events[-2].sentence
    tmpfs = mixed("7.3-tmpfs-unlink")
    assert callback(tmpfs) == []
    assert tmpfs.missing[-1] == UNTOLD


def test_a_part_of_a_function_counts_as_the_function():
    def parts(line):
        for name in ("iput", "dput", "evict"):
            if f" {name}() {{" in line:
                yield line
                line = line.replace(f" {name}()", f"   {name}.part.0()")
        yield line

    lines, deeper = [], 0
    for line in text_of("7.3-hugetlb").splitlines():
        head, bar, rest = line.rpartition("|  ")
        found = list(parts(f"{head}{bar}{'  ' * deeper}{rest}"))
        deeper += len(found) - 1
        lines += found
        if not rest.startswith("  ") and rest.startswith("}"):
            deeper = 0
    trace = follow(parse(lines))
    assert [e.function for e in trace.events if ".part" in e.function] == [
        "dput.part.0", "iput.part.0", "evict.part.0",
    ]  # fmt: skip
    assert hooks(trace) == HOOKS["7.3-hugetlb"]
    assert callback(trace) == CALLBACKS["7.3-hugetlb"]


def test_a_recording_that_ends_before_the_callback_says_so():
    text = text_of("7.3-hugetlb")
    trace = follow(parse(text[: text.index("i_callback") - 60]))
    assert hooks(trace) == HOOKS["7.3-hugetlb"][:2]
    assert trace.missing[-1] == UNTOLD
    cut = follow(parse(text[: text.rindex("hugetlb_unreserve_pages();")]))
    assert cut.missing[-1] == "The recording does not show destroy_inode of this inode."


@pytest.mark.parametrize("name", recordings())
def test_a_lost_line_never_leads_to_another_inodes_callback(name):
    lines = text_of(name).splitlines()
    chosen = range(len(lines))
    if len(lines) > 300:
        chosen = random.Random(7).sample(chosen, 40)  # noqa: S311 (repeatable on purpose)
    for lost in chosen:
        try:
            trace = follow(parse(lines[:lost] + lines[lost + 1 :]))
        except RecordingError:
            continue
        assert callback(trace) in ([], CALLBACKS[name])


def test_two_lost_lines_that_make_up_for_each_other_do_not_either():
    lines = text_of("7.3-tmpfs-unlink").splitlines()
    words = ("call_rcu", "i_callback", "shmem_free_in", "destroy_inode", "evict")
    queue = [n for n, line in enumerate(lines) if any(word in line for word in words)]
    outcomes = Counter()
    for lost in combinations(queue, 2):
        try:
            trace = follow(parse(line for n, line in enumerate(lines) if n not in lost))
        except RecordingError:
            continue
        outcomes[tuple(callback(trace))] += 1
    assert outcomes.keys() == {(), (63.452541,)}


def test_without_an_inode_there_is_nothing_to_follow():
    text = text_of("6.12-memfd-policy")
    with pytest.raises(
        RecordingError, match=r"no mark that begins with close, rm-watch, .*, unlink or drop-caches"
    ):
        follow(parse(text.replace("/* close */", "/* open */")))
    with pytest.raises(RecordingError, match="no inode dies after the mark 'close-end'"):
        follow(parse(text.replace("/* end */", "/* close-end */")))
