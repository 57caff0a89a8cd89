"""Find a kernel image and the modules that a scenario wants."""

import lzma
import os
import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.errors import RecordingError, meant, of_kind, shown

CHECKOUT: Final = Path(str(files("gmemviz"))).parent
PACKED: Final = {".xz": lzma.decompress}
DEPENDS: Final = re.compile(rb"\0depends=([^\0]*)\0")
MAGIC: Final = (0x202, b"HdrS")  # Documentation/arch/x86/boot.rst@v7.3, as the two offsets below
VERSION: Final = 0x20E
VERSION_BASE: Final = 0x200


class Kernel(NamedTuple):
    """Give an image, the folder of its modules (None: it has none) and its release."""

    image: Path
    modules: Path | None
    release: str


def kernels_folder() -> Path:
    """Return where `make kernels` puts them: GMEMVIZ_KERNELS, or out/kernels of the checkout."""
    named = os.environ.get("GMEMVIZ_KERNELS")
    return Path(named) if named else CHECKOUT / "out" / "kernels"


def find_kernel(kernel: str | Path, *, modules: str | Path | None = None) -> Kernel:
    """Find a kernel by the name that `make kernels` gave it (6.12, 7.3) or by its image.

    RecordingError where there is none, or where the file is no x86 kernel.
    """
    of_kind("kernel", kernel, str, Path)
    own = kernels_folder() / kernel
    is_own = os.path.isdir(own)  # noqa: PTH112 (pathlib's raises where the name is too long)
    image = own / "vmlinuz" if is_own else Path(kernel)
    if not os.path.isfile(image):  # noqa: PTH113 (the same)
        raise RecordingError(
            f"no kernel {shown(str(kernel))}: neither an image nor one of "
            f"{', '.join(_fetched()) or 'none'} in {kernels_folder()} "
            f"(`make kernels` fetches them){meant(str(kernel), _fetched())}"
        )
    folder = Path(modules) if modules else own / "modules" if is_own else None
    if folder and not folder.is_dir():
        raise RecordingError(f"no folder of modules: {folder}")
    return Kernel(image, folder, _release(image))


def headers_of(kernel: Kernel) -> Path:
    """Return the folder to build modules in, as `make kernels` fetches it beside the image.

    RecordingError where there is none.
    """
    folder = kernel.image.parent / "headers"
    found = sorted(file.parent for file in folder.glob("usr/src/*/Module.symvers"))
    if not found:
        raise RecordingError(
            f"no headers to build a module with: {folder} is missing (`make kernels` fetches them)"
        )
    return found[0]


def _fetched() -> list[str]:
    folder = kernels_folder()
    return sorted(image.parent.name for image in folder.glob("*/vmlinuz"))


def _release(image: Path) -> str:
    with image.open("rb") as file:
        head = file.read(1 << 16)
    at, magic = MAGIC
    if head[at : at + len(magic)] != magic:
        raise RecordingError(f"{image} is no x86 kernel image (bzImage)")
    start = VERSION_BASE + int.from_bytes(head[VERSION : VERSION + 2], "little")
    return head[start:].partition(b"\0")[0].decode("ascii", "replace").partition(" ")[0]


def load_modules(kernel: Kernel, wanted: Iterable[str]) -> dict[str, bytes]:
    """Return the modules and what they depend on, unpacked, in the order to load them in.

    RecordingError names a module that the kernel's folder does not have.
    """
    if kernel.modules is None:
        names = ", ".join(wanted)
        if names:
            raise RecordingError(f"the scenario needs the modules {names}: say --modules DIR")
        return {}
    known = {_name(file): file for file in sorted(kernel.modules.rglob("*.ko*"))}
    found: dict[str, bytes] = {}
    for name in wanted:
        for each, data in _with_needs(known, _name(Path(name)), kernel.modules):
            found.setdefault(each, data)
    return found


def _with_needs(known: dict[str, Path], name: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    if name not in known:
        raise RecordingError(f"kernel module {name} is not in {folder}")
    file = known[name]
    try:
        data = PACKED.get(file.suffix, bytes)(file.read_bytes())
    except lzma.LZMAError as error:
        raise RecordingError(f"{file} cannot be unpacked: {error}") from error
    for line in DEPENDS.findall(data):
        for need in filter(None, line.decode().split(",")):
            yield from _with_needs(known, _name(Path(need)), folder)
    yield name, data


# The kernel takes a dash in a module's name for an underscore.
def _name(file: Path) -> str:
    return file.name.partition(".")[0].replace("-", "_")
