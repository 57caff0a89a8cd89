"""Make the image that a scenario mounts: by the distribution's mkfs, as a file, never mounted here.

The guest unpacks it and gives it to a loop device (driver/image.c). An empty filesystem is mostly
zeros, so only the blocks that are not are sent: a btrfs of 128 MiB is some hundred of them.
"""

import os
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import STDOUT
from typing import Final, NamedTuple

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.processes import run
from gmemviz.record.boot.scenarios import TABLES

BLOCK: Final = 4096
LIMIT: Final = 60.0
"""Seconds that mkfs may take; a second is usual."""
ZEROS: Final = bytes(BLOCK)


class ImageRow(NamedTuple):
    """Say how an image is made: the command behind which the file comes, its size, the package."""

    command: tuple[str, ...]
    mebibytes: int
    package: str


IMAGES: Final = {
    name: ImageRow(tuple(row["command"]), row["mebibytes"], row["package"])
    for name, row in TABLES["images"].items()
}
"""Every image, by the filesystem in it, as `scenarios.toml` has them."""


def image(name: str) -> bytes:
    """Return an image as the guest unpacks it: its size, then each block behind its number.

    MissingToolError without that mkfs; RecordingError where it makes none.
    """
    row = IMAGES[name]
    # Debian keeps mkfs where only root's PATH leads to.
    program = shutil.which(row.command[0]) or shutil.which(row.command[0], path="/usr/sbin:/sbin")
    if not program:
        raise MissingToolError(
            f"an image of {name} needs {row.command[0]}: apt-get install {row.package}"
        )
    with tempfile.TemporaryDirectory(prefix="gmemviz-") as scratch:
        file = Path(scratch) / "image"
        size = row.mebibytes << 20
        file.touch()
        os.truncate(file, size)
        command = [program, *row.command[1:], str(file)]
        done = run(command, limit=LIMIT, scratch=Path(scratch), stderr=STDOUT)
        if done.is_late or done.status:
            said = done.said.decode("utf-8", "replace").strip().splitlines()[-1:]
            reason = f"was not done in {LIMIT:g} s" if done.is_late else " ".join(said)
            raise RecordingError(f"{row.command[0]} makes no image: {reason}")
        return struct.pack("<Q", size) + b"".join(_blocks(file))


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as made:
        number = 0
        while block := made.read(BLOCK):
            if block != ZEROS:
                yield struct.pack("<Q", number) + block
            number += 1
