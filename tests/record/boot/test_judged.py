"""Recordings of judged runs: what is traced, what the kernel says in between, what it spoils."""

import lzma
from dataclasses import replace

import pytest

from gmemviz.errors import RecordingError
from gmemviz.model import design_from_choices
from gmemviz.record import follow, load_recording, parse
from gmemviz.record.boot import judged as place
from gmemviz.record.boot.judge import IN_THREAD
from gmemviz.record.boot.judged import JudgedRun, console_of, functions_in, record_judged
from gmemviz.record.boot.kernel_images import KernelImage
from gmemviz.record.text.files import DATA
from gmemviz.translate.c.units import module_units

CONFIRMED = ("6.12-confirmed-clean", "6.12-confirmed-leak", "6.12-confirmed-softirq")


def text_of(name):
    return lzma.decompress((DATA / f"{name}.txt.xz").read_bytes()).decode()


def units(cleanup, start="your"):
    design = design_from_choices(
        kernel="6.12",
        mount="own",
        placement="containing-struct",
        cleanup=cleanup,
        metadata="resv_map",
    )
    return module_units({start: design}).values()


def test_the_functions_of_a_module_are_read_from_its_text():
    found = functions_in(units("destroy-own-rcu"), "your")
    assert {"your_alloc_inode", "your_destroy_inode", "your_callback"} <= set(found)
    assert not [name for name in found if "cache" in name or "operations" in name]
    assert functions_in(units("destroy-own-rcu", "mine"), "your") == ()
    assert "your_callback" not in functions_in(units("evict-after-truncate"), "your")


@pytest.mark.parametrize("in_softirq", [False, True])
def test_a_guest_gets_the_module_the_run_and_the_judging_kernels_options(monkeypatch, in_softirq):
    booted = {}

    def boot(kernel, contents, channel, *, append, **_):
        booted.update(contents=contents, append=append)
        return "text"

    monkeypatch.setattr(place, "boot", boot)
    monkeypatch.setattr("gmemviz.record.boot.session.driver", lambda: b"")
    functions = ("your_callback", "your_free_inode")
    run = JudgedRun("your o-path", "o-path", "mine", functions, in_softirq=in_softirq)
    text = record_judged(KernelImage(None, None, "6.12.1"), b"module", run)
    assert text.startswith("# gmemviz: ")
    assert text.endswith("\ntext")
    job = booted["contents"]
    assert job["job/designs.ko"] == b"module"
    assert job["job/modules"] == b"designs\n"
    assert job["job/run"] == b"mine\nyour o-path\no-path\n\n"
    assert {"your_callback", "your_free_inode", "evict"} <= set(
        job["job/functions"].decode().split()
    )
    probes = job["job/probes"].decode()
    assert "func.function == i_callback || func.function == your_callback\n" in probes
    assert "your_callback@ head=%di:x64" in probes
    assert "slub_debug=" in booted["append"]
    assert "oops=panic" not in booted["append"]
    assert (IN_THREAD in booted["append"]) is not in_softirq


def test_what_the_kernel_says_is_a_mark_that_ends_no_segment():
    trace = load_recording("6.12-confirmed-softirq")
    (at, line), *_ = console_of(trace)
    assert line.startswith("BUG: scheduling while atomic: rcuc/0/")
    assert trace.events[at - 1].function == "your_free_inode"
    followed = follow(trace)
    assert followed.marks[-1][1] == "close"
    assert "your_free_inode" in [event.function for event in followed.events]


def test_a_word_in_the_midst_hides_no_inode_that_dies_behind_it():
    trace = load_recording("6.12-confirmed-softirq")
    close = next(at for at, text in trace.marks if text == "close")
    early = replace(trace, marks=tuple(sorted((*trace.marks, (close + 1, "console: BUG")))))
    assert follow(early).events == follow(trace).events
    other = replace(trace, marks=tuple(sorted((*trace.marks, (close + 1, "another mark")))))
    with pytest.raises(RecordingError, match="no inode dies after the mark 'close'"):
        follow(other)


def test_who_slept_where_it_must_not_has_no_context_any_more():
    text = text_of("6.12-confirmed-softirq")
    events = {event.function: event for event in follow(parse(text)).events}
    assert events["your_free_inode"].context == "B"
    assert events["free_inode_nonrcu"].context == "?"
    silent = text.replace("scheduling while atomic", "something else")
    events = {event.function: event for event in follow(parse(silent)).events}
    assert events["free_inode_nonrcu"].context == "P"  # as its flags say, which is wrong


@pytest.mark.parametrize("name", CONFIRMED)
def test_a_judged_inode_is_followed_from_its_birth_to_its_callback(name):
    functions = [event.function for event in follow(load_recording(name)).events]
    assert functions[0] == "alloc_anon_inode"
    assert "evict" in functions
    assert "i_callback" in functions


def test_a_creator_that_gives_up_is_followed_from_its_iput():
    text = text_of("6.12-confirmed-clean").replace("/* close */", "/* iput */")
    assert follow(parse(text)).marks[-1][1] == "iput"


def test_a_callback_of_the_designs_own_is_the_one_with_the_rcu_head_that_was_queued():
    text = text_of("6.12-confirmed-clean").replace("i_callback", "your_callback")
    assert follow(parse(text)).events[-2].function == "your_callback"
    other = text.replace("(your_callback+0x9", "(your_other+0x9")
    assert "your_callback" not in [event.function for event in follow(parse(other)).events]
