"""Open recordings: the ones that come with gmemviz, and files of your own."""

import gzip
import json
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, partial
from importlib.resources import as_file, files
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Final

from gmemviz.errors import RecordingError, choice
from gmemviz.facts import Event, Trace
from gmemviz.record.text.lines import LONGEST
from gmemviz.record.text.parse import parse, stream
from gmemviz.shown import Several
from gmemviz.whole import open_regular

LARGEST: Final = 256 * 1024 * 1024
"""Characters of a recording that is read whole; the largest that is shipped has 60,000."""

DATA = files("gmemviz.record") / "data"

UNPACK: Final[dict[str, Callable[[BinaryIO], AbstractContextManager[Any]]]] = {
    ".xz": lzma.open,
    ".gz": gzip.open,
}


def recordings() -> tuple[str, ...]:
    """Name the recordings that come with gmemviz, such as 7.3-gmem."""
    return Several(sorted(_index()))


def load_recording(name: str) -> Trace:
    """Load one of `recordings()`; its title says what the driver did."""
    about = _index()[choice("recording", name, recordings())]
    with as_file(DATA / f"{name}.txt.xz") as path:
        return read(path, title=f"{name}: {about['driver']}")


def read(path: str | Path, *, title: str = "", since: str = "") -> Trace:
    """Read a file of function_graph text, also one packed by xz or gzip.

    With `since`, only what follows the last mark that begins with it is kept: so a
    long recording takes no more memory than its longest stretch between such marks.
    What is not there, not a recording, or without `since` of more than LARGEST characters,
    is a RecordingError.
    """
    path = Path(path)
    with telling(path), lines_of(path) as lines:
        kept = lines if since else _limited(lines)
        return parse(kept, title=title or path.name, since=since)


def events(path: str | Path) -> Iterator[Event]:
    """Give the events of such a file one by one, in flat memory however long it is.

    The file is read twice. What is not there or not a recording is a RecordingError.
    """
    path = Path(path)
    with telling(path):
        yield from stream(partial(lines_of, path))


# A few packed bytes may be a text that no memory holds.
def _limited(lines: Iterable[str]) -> Iterator[str]:
    length = 0
    for line in lines:
        length += len(line)
        if length > LARGEST:
            raise RecordingError(
                f"its text has more than {LARGEST:,} characters: cut it, or keep what follows a "
                "mark (`since`), or take its `events` one by one"
            )
        yield line


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Say of whatever cannot be read which file it is, in a RecordingError."""
    try:
        yield
    except RecordingError as error:
        raise RecordingError(f"{path} is not a recording: {error}") from error
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        raise RecordingError(f"{path} cannot be unpacked: {error}") from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte in it
        reason = getattr(error, "strerror", None) or error
        raise RecordingError(f"{path} cannot be read: {reason}") from error


@contextmanager
def lines_of(path: Path) -> Iterator[Iterator[str]]:
    """Open a file, packed or not, and give its lines.

    Bytes that are no text become a replacement character; `parse` judges the lines. They come
    in pieces, so that a file without any line end does not come whole.
    """
    unpack = UNPACK.get(path.suffix, nullcontext)
    with open_regular(path) as packed, unpack(packed) as file:
        text = TextIOWrapper(file, encoding="utf-8", errors="replace")
        yield iter(partial(text.readline, 2 * LONGEST), "")


@cache
def _index() -> dict[str, dict[str, str]]:
    index: dict[str, dict[str, str]] = json.loads((DATA / "index.json").read_text(encoding="utf-8"))
    return index
