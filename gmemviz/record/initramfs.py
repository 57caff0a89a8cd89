"""Build the guest's files: a newc archive with our static driver as its init."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from gmemviz.errors import MissingToolError, RecordingError

__all__ = ("archive", "driver")

FOLDER: Final = 0o040755
PROGRAM: Final = 0o100755
FILE: Final = 0o100644
LAST: Final = "TRAILER!!!"
DRIVER: Final = files("gmemviz.record") / "driver"
FLAGS: Final = ("-O1", "-static", "-Wall", "-Wextra")


def archive(contents: Mapping[str, bytes]) -> bytes:
    """Return a newc archive of the files, and of the folders they lie in; programs can run.

    The same contents give the same bytes: owner and time of every member are 0.
    """
    folders = {str(parent) for name in contents for parent in Path(name).parents} - {"."}
    members = [(name, FOLDER, b"") for name in sorted(folders)]
    members += [(name, _mode(contents[name]), contents[name]) for name in sorted(contents)]
    members.append((LAST, 0, b""))
    return b"".join(
        _member(number, name, mode, data) for number, (name, mode, data) in enumerate(members, 1)
    )


# The kernel starts an ELF file or a script, whatever its name; a library does no harm with it.
def _mode(data: bytes) -> int:
    return PROGRAM if data.startswith((b"\x7fELF", b"#!")) else FILE


def _member(number: int, name: str, mode: int, data: bytes) -> bytes:
    path = name.encode() + b"\0"
    links = 2 if mode == FOLDER else 1
    fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + path
    return _padded(head) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def driver() -> bytes:
    """Compile the driver, a static program of ours.

    MissingToolError without a C compiler; RecordingError where it cannot compile.
    """
    with as_file(DRIVER) as folder, tempfile.TemporaryDirectory(prefix="gmemviz-") as scratch:
        program = Path(scratch) / "init"
        sources = sorted(str(file) for file in folder.glob("*.c"))
        compiler = shutil.which("gcc")
        if not compiler:
            raise MissingToolError("recording needs a C compiler: apt-get install gcc libc6-dev")
        try:
            subprocess.run(
                [compiler, *FLAGS, "-o", str(program), *sources],
                check=True,
                capture_output=True,
                text=True,
            )
        except subprocess.CalledProcessError as error:
            said = (error.stderr or "").strip().splitlines()[-1:]
            raise RecordingError(f"gcc does not compile the driver: {' '.join(said)}") from error
        return program.read_bytes()
