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
# A module says what it needs in its section .modinfo, as words that end in a null byte.
DEPENDS: Final = re.compile(rb"\0depends=([^\0]*)\0")
# Offsets in a bzImage (Documentation/arch/x86/boot.rst@v6.12): the magic word, and the pointer to
# the text of the release, which counts from the second sector.
MAGIC: Final = slice(0x202, 0x206)
VERSION: Final = slice(0x20E, 0x210)
VERSION_BASE: Final = 0x200
HEAD_BYTES: Final = 1 << 16


class KernelImage(NamedTuple):
    """Give an image, the folder of its modules (None: it has none) and its release."""

    image: Path
    modules: Path | None
    release: str


def kernels_folder() -> Path:
    """Return where `make kernels` puts them: GMEMVIZ_KERNELS, or out/kernels of the checkout."""
    named = os.environ.get("GMEMVIZ_KERNELS")
    return Path(named) if named else CHECKOUT / "out" / "kernels"


def find_kernel(kernel: str | Path, *, modules: str | Path | None = None) -> KernelImage:
    """Find a kernel by the name that `make kernels` gave it (6.12, 7.3) or by its image.

    RecordingError where there is none, or where the file is no x86 kernel.
    """
    of_kind("kernel", kernel, str, Path)
    image, folder = Path(kernel), None
    own = kernels_folder() / kernel
    if os.path.isdir(own):  # noqa: PTH112 (pathlib's raises where the name is too long)
        image, folder = own / "vmlinuz", own / "modules"
    if modules:
        folder = Path(modules)
    if not os.path.isfile(image):  # noqa: PTH113 (the same)
        fetched = sorted(found.parent.name for found in kernels_folder().glob("*/vmlinuz"))
        raise RecordingError(
            f"no kernel {shown(str(kernel))}: neither an image nor one of "
            f"{', '.join(fetched) or 'none'} in {kernels_folder()} "
            f"(`make kernels` fetches them){meant(str(kernel), fetched)}"
        )
    if folder and not folder.is_dir():
        raise RecordingError(f"no folder of modules: {folder}")
    return KernelImage(image, folder, _release(image))


def headers_of(kernel: KernelImage) -> Path:
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


def _release(image: Path) -> str:
    with image.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[MAGIC] != b"HdrS":
        raise RecordingError(f"{image} is no x86 kernel image (bzImage)")
    start = VERSION_BASE + int.from_bytes(head[VERSION], "little")
    text = head[start:].partition(b"\0")[0].decode("ascii", "replace")
    return text.partition(" ")[0]


def load_modules(kernel: KernelImage, wanted: Iterable[str]) -> dict[str, bytes]:
    """Return the modules and what they depend on, unpacked, in the order to load them in.

    What the kernel has built in (ext4, in Debian's 6.12 for clouds) is none to load. RecordingError
    names a module that the kernel's folder does not have.
    """
    names = list(wanted)
    if not names:
        return {}
    if kernel.modules is None:
        raise RecordingError(
            f"the scenario needs the modules {', '.join(names)}: say --modules DIR"
        )
    known = {_name(file.name): file for file in sorted(kernel.modules.rglob("*.ko*"))}
    built_in = _built_in(kernel.modules)
    found: dict[str, bytes] = {}
    for name in names:
        if _name(name) in known or _name(name) not in built_in:
            found |= _with_needs(known, _name(name), kernel.modules)
    return found


# A line a module, as kernel/fs/ext4/ext4.ko (Documentation/kbuild/kbuild.rst@v6.12).
def _built_in(folder: Path) -> set[str]:
    listed = folder / "modules.builtin"
    lines = listed.read_text(encoding="utf-8").split() if listed.is_file() else ()
    return {_name(Path(line).name) for line in lines}


def _with_needs(known: dict[str, Path], name: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    if name not in known:
        raise RecordingError(f"kernel module {name} is not in {folder}")
    file = known[name]
    data = file.read_bytes()
    try:
        data = lzma.decompress(data) if file.suffix == ".xz" else data
    except lzma.LZMAError as error:
        raise RecordingError(f"{file} cannot be unpacked: {error}") from error
    for line in DEPENDS.findall(data):
        for need in filter(None, line.decode().split(",")):
            yield from _with_needs(known, _name(need), folder)
    yield name, data


# The kernel takes a dash in a module's name for an underscore, and what follows a dot is not of it.
def _name(word: str) -> str:
    return word.partition(".")[0].replace("-", "_")
