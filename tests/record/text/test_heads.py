"""A head says what was watched, and one that is cut or of another recording says nothing."""

import lzma

import pytest

from gmemviz.facts import Watched, load
from gmemviz.record import load_recording, parse, recordings
from gmemviz.record.boot.scenarios import SCENARIOS, RecordedScenario
from gmemviz.record.boot.tracing import functions, probed, probes
from gmemviz.record.text.files import DATA
from gmemviz.record.text.heads import HeadReader, head_of

GRAPH = "# tracer: function_graph\n 0)   2.584 us    |  evict();\n"
WATCHED = Watched(frozenset({"evict", "clear_inode"}), frozenset({"iput_final"}))


def test_what_is_written_is_read():
    trace = parse(head_of(WATCHED) + GRAPH)
    assert trace.watched == WATCHED
    assert not any("The head" in sentence for sentence in trace.missing)
    many = Watched(frozenset(f"function_{n}" for n in range(500)) | {"evict"})
    assert parse(head_of(many) + GRAPH).watched == many
    assert max(map(len, head_of(many).splitlines())) <= 100


def test_a_recording_without_a_head_has_nothing_watched_and_nothing_missing_by_it():
    trace = parse(GRAPH)
    assert trace.watched is None
    assert not any("The head" in sentence for sentence in trace.missing)


@pytest.mark.parametrize("number", range(3))
def test_a_head_that_is_cut_is_none(number):
    lines = head_of(WATCHED).splitlines(keepends=True)
    trace = parse("".join(lines[:number] + lines[number + 1 :]) + GRAPH)
    assert trace.watched is None
    assert trace.missing[-1].startswith("The head is cut: it announces ")


def test_a_head_of_another_recording_is_none():
    trace = parse(head_of(WATCHED) + GRAPH + " 0)   2.584 us    |  dput.part.0();\n")
    assert trace.watched is None
    assert trace.missing[-1] == (
        "The head is not of this recording: it does not have dput, which ran."
    )


def test_a_driver_names_functions_before_anything_is_announced():
    reader = HeadReader()
    assert reader.take("# gmemviz watched: evict\n")
    assert not reader.take("# symbol 0xffffffff81000000 evict\n")
    assert reader.named["watched"] == {"evict"}
    assert reader.watched(()) is None


# What the tracer was asked for, it watched or its kernel lacks; what the recording shows it watched.
@pytest.mark.parametrize("name", recordings())
def test_the_heads_of_shipped_recordings_say_what_was_asked_for(name):
    trace, (kernel, _, scenario) = load_recording(name), name.partition("-")
    told = functions(load(kernel), SCENARIOS.get(scenario, RecordedScenario("", (), (), ())))
    shown = {event.function.partition(".")[0] for event in trace.events}
    assert trace.watched.functions >= shown
    own = {function for function in trace.watched.functions if function.startswith("your_")}
    assert trace.watched.functions - own <= {*told, *map(probed, probes())} | {"put_super"}
    text = lzma.decompress((DATA / f"{name}.txt.xz").read_bytes()).decode()
    assert text.count("# gmemviz: ") == 1
