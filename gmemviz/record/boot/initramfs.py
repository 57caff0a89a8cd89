"""Write the guest's files as the kernel unpacks them: a newc archive.

The format is Documentation/driver-api/early-userspace/buffer-format.rst@v6.12.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = 0o040755
PROGRAM: Final = 0o100755
FILE: Final = 0o100644
LAST: Final = "TRAILER!!!"


def archive(contents: Mapping[str, bytes]) -> bytes:
    """Return a newc archive of the files, and of the folders they lie in; programs can run.

    The same contents give the same bytes: owner and time of every member are 0.
    """
    folders: set[str] = set()
    for name in contents:
        folders.update(map(str, Path(name).parents))
    members = [(name, FOLDER, b"") for name in sorted(folders - {"."})]
    members += [(name, _mode(data), data) for name, data in sorted(contents.items())]
    members.append((LAST, 0, b""))
    written = bytearray()
    for number, (name, mode, data) in enumerate(members, 1):
        written += _member(number, name, mode, data)
    return bytes(written)


# The kernel starts an ELF file or a script, whatever its name; a library does no harm with it.
def _mode(data: bytes) -> int:
    return PROGRAM if data.startswith((b"\x7fELF", b"#!")) else FILE


# A head of thirteen numbers in hexadecimal, the path and the data, each padded to four bytes.
# The numbers: inode, mode, owner, group, links, time, size, four of devices, path's length, sum.
def _member(number: int, name: str, mode: int, data: bytes) -> bytes:
    path = name.encode() + b"\0"
    links = 2 if mode == FOLDER else 1
    fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + path
    return _padded(head) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
