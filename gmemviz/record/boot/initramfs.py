"""Build the guest's files: a newc archive with our static driver as its init."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.processes import run

FOLDER: Final = 0o040755
PROGRAM: Final = 0o100755
FILE: Final = 0o100644
LAST: Final = "TRAILER!!!"
DRIVER: Final = files("gmemviz.record") / "driver"
FLAGS: Final = ("-O1", "-static", "-Wall", "-Wextra")
LIMIT: Final = 60.0
"""Seconds that a compiler may take; it needs one or two."""


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
    """Compile the driver, a static program of ours; errors as in `compile_static`."""
    with as_file(DRIVER) as folder:
        return compile_static(sorted(folder.glob("*.c")), "the driver", FLAGS)


def compile_static(sources: Sequence[Path], what: str, flags: Sequence[str]) -> bytes:
    """Compile a static program of C of ours, which a guest runs.

    MissingToolError without a C compiler; RecordingError where it cannot compile.
    """
    compiler = shutil.which("gcc")
    if not compiler:
        raise MissingToolError(f"{what} needs a C compiler: apt-get install gcc libc6-dev")
    with tempfile.TemporaryDirectory(prefix="gmemviz-") as scratch:
        program = Path(scratch) / "init"
        command = [compiler, *flags, "-o", str(program), *map(str, sources)]
        done = run(command, limit=LIMIT, scratch=Path(scratch))
        if done.is_late:
            raise RecordingError(f"{what} was not compiled in {LIMIT:g} s")
        if done.status:
            said = done.errors.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise RecordingError(f"gcc does not compile {what}: {' '.join(said)}")
        return program.read_bytes()
