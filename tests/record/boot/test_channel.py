"""What the driver sends comes out of its port whole, or an error says what is wrong with it."""

import zlib

import pytest

from gmemviz.errors import RecordingError
from gmemviz.record.boot.channel import Port, RefusedError

TRACE = b"# tracer: function_graph\n 0)   2.584 us    |  dput();\n"
SAID = b"booted 6.12\nrunning pipe\ntrace %d %08x\n%bend\n" % (len(TRACE), zlib.crc32(TRACE), TRACE)


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_the_port_takes_a_recording_in_pieces(size):
    said = []
    channel = Port(said.append, limit=9)
    for at in range(0, len(SAID), size):
        channel.take(SAID[at : at + size])
    assert channel.result(is_late=False) == TRACE.decode()
    assert said == ["booted 6.12", "running pipe"]


@pytest.mark.parametrize("length", range(len(SAID) - 1))
def test_the_port_notices_what_was_cut_off(length):
    channel = Port(limit=9)
    channel.take(SAID[:length])
    with pytest.raises(RecordingError, match="ended before its recording was whole"):
        channel.result(is_late=False)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (SAID.replace(b"dput", b"iput"), "damaged on its way"),
        (b"trace many 0\n", "announces no recording"),
        (b"trace 0 0\n", "is empty"),
        (b"x" * 5000, "not our driver"),
    ],
)
def test_the_port_takes_nothing_else(said, reason):
    with pytest.raises(RecordingError, match=reason):
        Port(limit=9).take(said + b"\n")


def test_a_refusal_is_the_guests_own_reason():
    with pytest.raises(RefusedError, match=r"\Athis kernel has no such thing\Z"):
        Port(limit=9).take(b"booted 6.12\nrefused this kernel has no such thing\n")


def test_a_guest_that_takes_too_long_is_given_up_even_if_all_has_come():
    channel = Port(limit=9)
    channel.take(SAID)
    with pytest.raises(RecordingError, match=r"\Athe guest was not done in 9 s\Z"):
        channel.result(is_late=True)


def test_what_the_kernels_console_says_goes_another_way():
    channel = Port(limit=9)
    channel.take(SAID)
    assert channel.console() == ()
    assert "file:{folder}/console" in channel.options
