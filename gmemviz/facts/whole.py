"""Write a file whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from gmemviz.errors import OutputError

__all__ = ("write_whole",)


def write_whole(target: Path, data: bytes) -> None:
    """Write `data` beside `target` first, then rename: nobody sees half a file.

    OutputError says which file could not be written, and why.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
