"""Read what the driver says over its own port: lines, and one counted block of bytes."""

import zlib
from collections.abc import Callable
from typing import Final

from gmemviz.errors import RecordingError

LONGEST_LINE: Final = 4096
BOOTED: Final = "booted "
REFUSED: Final = "refused "
BLOCK: Final = "trace "
END: Final = "end"


class RefusedError(RecordingError):
    """Say what the guest's kernel did not offer or refused to do."""


class Channel:
    """Take bytes as they come; the last line must be `end`, or something was cut off.

    A block says its length and checksum before it comes. RecordingError where what
    arrives is not what the driver would say; RefusedError is the driver's own reason.
    """

    def __init__(self, progress: Callable[[str], None]) -> None:
        self.release = ""
        self.is_whole = False
        self._progress = progress
        self._pending = b""
        self._trace = b""
        self._length = self._checksum = -1

    def take(self, data: bytes) -> None:
        """Take the next bytes of the port."""
        self._pending += data
        while self._pending and not self.is_whole:
            if self._length >= 0 and not self._trace:
                if len(self._pending) < self._length:
                    return
                self._take_block()
                continue
            line, newline, rest = self._pending.partition(b"\n")
            if not newline and len(line) < LONGEST_LINE:
                return
            self._pending = rest
            self._take_line(line.decode("utf-8", "replace"))

    def recording(self) -> str:
        """Return the recording; RecordingError where its end never came."""
        if not self.is_whole:
            held = f"{len(self._pending)} of {self._length} bytes" if self._length >= 0 else "none"
            raise RecordingError(f"the guest ended before its recording was whole ({held} of it)")
        return self._trace.decode("utf-8", "replace")

    def _take_block(self) -> None:
        self._trace, self._pending = self._pending[: self._length], self._pending[self._length :]
        if zlib.crc32(self._trace) != self._checksum:
            raise RecordingError("the recording was damaged on its way out of the guest")

    def _take_line(self, line: str) -> None:
        if line.startswith(REFUSED):
            raise RefusedError(line.removeprefix(REFUSED))
        if line.startswith(BLOCK):
            self._announce(line)
        elif line == END:
            self.is_whole = bool(self._trace)
        elif len(line) >= LONGEST_LINE:
            raise RecordingError("the guest speaks, but is not our driver")
        else:
            if line.startswith(BOOTED):
                self.release = line.removeprefix(BOOTED)
            self._progress(line)

    def _announce(self, line: str) -> None:
        words = line.split()
        try:
            _, length, checksum = words
            self._length, self._checksum = int(length), int(checksum, 16)
        except ValueError:
            raise RecordingError(f"the guest announces no recording: {line!r}") from None
        if self._length <= 0:
            raise RecordingError("the guest's recording is empty")
