"""Print to whatever stdout and stderr are: printable text only, and no verdict lost on the way."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import TextIO

from gmemviz.text import printable


class Terminal(io.TextIOBase):
    """Stand before a stream: escape what a terminal would obey, or its encoding has not.

    Once its reader has gone nothing more is written, and nobody is told: a command ends with its
    own status. Where it cannot be written for another reason, `failure` has the sentence.
    """

    def __init__(self, stream: TextIO | None) -> None:
        """Stand before `stream`, which is None where the shell closed it."""
        self._stream = stream
        self.failure = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain attribute in typeshed
        """Return the stream's encoding."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write `text`, escaped; return how much was taken."""
        shown = printable(text).encode(self.encoding, "backslashreplace").decode(self.encoding)
        with self._watched():
            if self._stream:
                self._stream.write(shown)
        return len(text)

    def flush(self) -> None:
        """Bring out what was written."""
        with self._watched():
            if self._stream:
                self._stream.flush()

    def isatty(self) -> bool:
        """Return whether a person looks at it."""
        return bool(self._stream and self._stream.isatty())

    def fileno(self) -> int:
        """Return the number of its file; OSError where it has none."""
        if not self._stream:
            raise OSError("the stream is closed")
        return self._stream.fileno()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:  # whoever read us has enough, as `| head` does
            self._give_up()
        except OSError as error:
            self.failure = f"cannot write to the output: {error.strerror or error}"
            self._give_up()

    # Python flushes the stream once more as it ends, and would complain of it.
    def _give_up(self) -> None:
        stream, self._stream = self._stream, None
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno() if stream else nowhere)
            os.close(nowhere)


@contextmanager
def terminals() -> Iterator[Terminal]:
    """Print through a Terminal, both to stdout, which is given, and to stderr."""
    out, told = Terminal(sys.stdout), Terminal(sys.stderr)
    with redirect_stdout(out), redirect_stderr(told):
        try:
            yield out
        finally:
            out.flush()
            told.flush()
