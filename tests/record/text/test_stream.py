"""A long recording is read in flat memory: event by event, or from its last mark on."""

import tracemalloc

import pytest

from gmemviz.errors import RecordingError
from gmemviz.record import follow, parse
from gmemviz.record.text.files import events, read
from gmemviz.record.text.lines import LONGEST
from gmemviz.record.text.parse import stream
from tests.record.old_recordings import DATA, load_recording, recordings, text_of

WINDOW = 256


@pytest.fixture(autouse=True)
def small_window(monkeypatch):
    monkeypatch.setitem(stream.__globals__, "WINDOW", WINDOW)


@pytest.mark.parametrize("name", recordings())
def test_the_stream_gives_what_the_trace_holds(name):
    assert tuple(events(DATA / f"{name}.txt.xz")) == load_recording(name).events


def write(path, copies):
    """Write a recording of `copies` times the same, each at its own times."""
    lines = text_of("7.3-tmpfs-unlink").splitlines(keepends=True)
    with path.open("w", encoding="utf-8") as file:
        for n in range(copies):
            for line in lines:
                file.write(f"{n + 1000:5}{line[5:]}" if line[5:6] == "." else line)
    return path


def peak_mb(run):
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_a_recording_longer_than_the_window_streams_whole(tmp_path):
    path = write(tmp_path / "long.txt", 3 * WINDOW // 50)
    assert list(events(path)) == list(read(path).events)


def test_arguments_are_told_across_the_whole_window(tmp_path):
    inside = " 0)   1.000 us    |    g(n=0x1);\n" * (WINDOW - 2)
    text = f" 0)               |  f(n=0x2) {{\n{inside} 0)   9.000 us    |  }} /* f ret=0x5 */\n"
    path = tmp_path / "a.txt"
    path.write_text(text * 4)
    assert list(events(path)) == list(parse(text * 4).events)
    assert [e.arguments for e in events(path) if e.function == "f"] == [
        (("n", "0x2"), ("ret", "0x5"))
    ] * 4


def test_memory_stays_flat(tmp_path):
    short, long = write(tmp_path / "a.txt", 10), write(tmp_path / "b.txt", 40)

    def whole_stream(path):
        return peak_mb(lambda: sum(1 for _ in events(path)))

    def last_stretch(path):
        return peak_mb(lambda: read(path, since="close"))

    assert whole_stream(long) < 1.15 * whole_stream(short)
    assert last_stretch(long) < 1.15 * last_stretch(short)
    assert peak_mb(lambda: read(long)) > 2 * peak_mb(lambda: read(short))  # or this says nothing


def test_since_keeps_what_follows_the_last_such_mark(tmp_path):
    whole = read(write(tmp_path / "a.txt", 3))
    part = read(tmp_path / "a.txt", since="close")
    first = [index for index, text in whole.marks if text == "close"][-1]
    assert part.events == whole.events[first:]
    assert part.marks == ((0, "close"), (whole.marks[-1][0] - first, "end"))
    assert part.missing == (f"What came before the mark 'close' was left out: {first} events.",)
    assert [e.hook for e in follow(part).events] == [e.hook for e in follow(whole).events][:-2]
    assert follow(part).missing[-1].startswith("Which i_callback frees this inode")
    assert read(tmp_path / "a.txt", since="none").events == whole.events


def test_a_line_without_end_does_not_come_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(text_of("6.12-pipe") + "x" * (300 * LONGEST))
    assert peak_mb(lambda: read(path)) < 10
    assert read(path).events == load_recording("6.12-pipe").events
    assert "Lines are damaged or not function_graph: 150" in read(path).missing[-1]


@pytest.mark.parametrize(("name", "content"), [("none", None), ("text", b"no\n"), ("a.xz", b"x")])
def test_a_stream_refuses_as_reading_does(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordingError) as streamed:
        list(events(tmp_path / name))
    with pytest.raises(RecordingError) as whole:
        read(tmp_path / name)
    assert str(streamed.value) == str(whole.value)
