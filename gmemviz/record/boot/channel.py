"""Hear the driver over a port of its own: lines of text, and one counted block of bytes.

The other end is `driver/channel.c`, or in a report's guest a few lines of Python that say the same.
"""

import re
import time
import zlib
from collections.abc import Callable
from typing import Final

from gmemviz.errors import RecordingError

Progress = Callable[[str], None]

LONGEST_LINE: Final = 4096
REFUSED: Final = "refused "
BLOCK: Final = "trace "
ANNOUNCED: Final = re.compile(r"trace (\d+) ([\da-f]+)", re.ASCII)
END: Final = "end"


def quiet(line: str) -> None:
    """Say nothing: what happens meanwhile is of no interest."""


class RefusedError(RecordingError):
    """Say what the guest's kernel did not offer or refused to do."""


class Port:
    """Be the channel of a guest whose driver sends one recording, in at most `limit` seconds.

    Lines go to `progress` as they come. A block says its length and checksum before it comes,
    and the last line must be `end`, or something was cut off. RecordingError where what
    arrives is not what the driver would say; RefusedError is the driver's own reason.
    """

    # One GiB: the tracer's buffer lies in it, and in a report's guest the whole of Python.
    options: tuple[str, ...] = (
        "-m", "1024", "-serial", "file:{folder}/console", "-device", "virtio-serial-pci",
        "-chardev", "file,id=port,path={stdout}",
        "-device", "virtserialport,chardev=port,name=gmemviz",
    )  # fmt: skip

    def __init__(self, progress: Progress = quiet, *, limit: float) -> None:
        self.deadline = time.monotonic() + limit
        self._limit = limit
        self._progress = progress
        self._pending = b""
        self._block = b""
        self._length = self._checksum = 0  # as announced; there is no empty block
        self._is_whole = False

    def take(self, data: bytes) -> None:
        """Take the next bytes of the port."""
        self._pending += data
        while self._pending and not self._is_whole:
            has_taken = self._take_block() if self._is_in_block() else self._take_line()
            if not has_taken:
                break

    def console(self) -> tuple[str, ...]:
        """Return nothing: the console goes to a file."""
        return ()

    def result(self, *, is_late: bool) -> str:
        """Return the recording; RecordingError where its end never came."""
        if is_late:
            raise RecordingError(f"the guest was not done in {self._limit:g} s")
        if not self._is_whole:
            held = f"{len(self._pending)} of {self._length} bytes" if self._length else "none"
            raise RecordingError(f"the guest ended before its recording was whole ({held} of it)")
        return self._block.decode("utf-8", "replace")

    def _is_in_block(self) -> bool:
        return self._length > 0 and not self._block

    def _take_block(self) -> bool:
        if len(self._pending) < self._length:
            return False
        self._block, self._pending = self._pending[: self._length], self._pending[self._length :]
        if zlib.crc32(self._block) != self._checksum:
            raise RecordingError("the recording was damaged on its way out of the guest")
        return True

    def _take_line(self) -> bool:
        line, newline, rest = self._pending.partition(b"\n")
        if not newline and len(line) < LONGEST_LINE:
            return False
        self._pending = rest
        self._hear(line.decode("utf-8", "replace"))
        return True

    def _hear(self, line: str) -> None:
        if line.startswith(REFUSED):
            raise RefusedError(line.removeprefix(REFUSED))
        if line.startswith(BLOCK):
            self._announce(line)
        elif line == END:
            self._is_whole = bool(self._block)
        elif len(line) >= LONGEST_LINE:
            raise RecordingError("the guest speaks, but is not our driver")
        else:
            self._progress(line)

    def _announce(self, line: str) -> None:
        announced = ANNOUNCED.fullmatch(line)
        if not announced:
            raise RecordingError(f"the guest announces no recording: {line!r}")
        self._length, self._checksum = int(announced[1]), int(announced[2], 16)
        if not self._length:
            raise RecordingError("the guest's recording is empty")
