"""Find a kernel image, the modules that a scenario wants, and what more are built with."""

import gzip
import lzma
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz import kept
from gmemviz.errors import (
    MissingToolError,
    RecordingError,
    UnknownNameError,
    meant,
    of_kind,
    shown,
)
from gmemviz.facts import kernels, snapshots
from gmemviz.parts import needs
from gmemviz.whole import open_regular

CHECKOUT: Final = Path(str(files("gmemviz"))).parent
# A module says what it needs in its section .modinfo, as words that end in a null byte.
DEPENDS: Final = re.compile(rb"\0depends=([^\0]*)\0")
VERMAGIC: Final = re.compile(rb"vermagic=([^ \0]+)")
UNPACK: Final = {".xz": lzma.decompress, ".gz": gzip.decompress}
# Offsets in a bzImage (Documentation/arch/x86/boot.rst@v6.12): the magic word, and the pointer to
# the text of the release, which counts from the second sector.
MAGIC: Final = slice(0x202, 0x206)
VERSION: Final = slice(0x20E, 0x210)
VERSION_BASE: Final = 0x200
HEAD_BYTES: Final = 1 << 16

# What a build leaves that modules are built with: the exported symbols, and the release as make
# put it together (Documentation/kbuild/modules.rst@v6.12).
SYMBOLS: Final = "Module.symvers"
RELEASE: Final = "include/config/kernel.release"


class KernelImage(NamedTuple):
    """Give an image, the folder of its modules (None: it has none) and its release."""

    image: Path
    modules: Path | None
    release: str


def kernels_folder() -> Path:
    """Return where kernels are kept: GMEMVIZ_KERNELS, out/kernels of a checkout, else a cache.

    The user's cache folder is GMEMVIZ_CACHE or where platformdirs says; MissingToolError where
    that is missing.
    """
    if named := os.environ.get("GMEMVIZ_KERNELS"):
        return Path(named)
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / "out" / "kernels"
    if named := os.environ.get(kept.VARIABLE):  # moves all that is kept for a user
        return Path(named) / "kernels"
    try:
        with needs("kernels"):
            from platformdirs import user_cache_path
    except MissingToolError as error:
        raise MissingToolError(f"{error}; or name a folder in GMEMVIZ_KERNELS") from None
    return user_cache_path("gmemviz") / "kernels"


def kernels_here() -> tuple[str, ...]:
    """Return the names of the kernels that were fetched or added, also of one whose image is gone.

    A kernel of one's own is a folder of links, which may lead nowhere any more.
    """
    folders = kernels_folder().glob("[!.]*")
    return tuple(sorted(own.name for own in folders if os.path.lexists(own / "vmlinuz")))


def find_kernel(kernel: str | Path, *, modules: str | Path | None = None) -> KernelImage:
    """Find a kernel by its name among those that are here, or by its image.

    UnknownNameError for a name that no kernel has; RecordingError where the kernel is not here, or
    its file is no x86 kernel. Both say what to type.
    """
    of_kind("kernel", kernel, str, Path)
    image = Path(kernel)
    folder: Path | None = None
    own = None if os.sep in str(kernel) else kernels_folder() / kernel
    if own and os.path.isdir(own):  # noqa: PTH112 (pathlib's raises where the name is too long)
        image = own / "vmlinuz"
        folder = own / "modules"
        if not os.path.lexists(folder):  # a kernel of one's own may have none
            folder = None
    if modules:
        folder = Path(modules)
    if not os.path.isfile(image):  # noqa: PTH113 (the same)
        raise _no_kernel(str(kernel), image)
    if folder and not folder.is_dir():
        raise RecordingError(f"no folder of modules: {folder}")
    return KernelImage(image, folder, release_of(image))


def _no_kernel(kernel: str, image: Path) -> RecordingError | UnknownNameError:
    own = "`gmemviz kernels add IMAGE` takes one of your own"
    if os.sep in kernel:
        return RecordingError(f"no kernel image: {shown(kernel)} is no file; {own}")
    if kernel in kernels():
        fetch = f"`gmemviz kernels fetch {kernel}` brings it"
        return RecordingError(f"kernel {kernel} is not here: {fetch}, and {own}")
    if kernel in snapshots():
        booted = ", ".join(kernels())
        return RecordingError(f"kernel {kernel} is read and not booted: {booted} are, and {own}")
    if kernel in kernels_here():
        gone = image.readlink()
        return RecordingError(f"kernel {kernel} was added from {gone}, which is no file any more")
    here = ", ".join(kernels_here()) or "none"
    nearest = meant(kernel, dict.fromkeys((*kernels_here(), *kernels())))
    return UnknownNameError(
        f"no kernel {shown(kernel)}: neither an image nor a kernel that is here ({here}); "
        f"`gmemviz kernels` lists them, and {own}{nearest}"
    )


def headers_of(kernel: KernelImage) -> Path:
    """Return the folder to build modules in: a build tree, or what was fetched beside the image.

    RecordingError where there is none, or where it is of another release than the image.
    """
    folder = kernel.image.parent / "headers"
    found = [folder] if (folder / SYMBOLS).is_file() else sorted(_packaged(folder))
    if not found:
        raise RecordingError(
            f"no headers to build a module with for {kernel.image}: `gmemviz kernels fetch NAME` "
            "brings them, and `gmemviz kernels add IMAGE --headers DIR` takes a build tree"
        )
    refuse_headers(found[0], kernel.release)
    return found[0]


def refuse_headers(headers: Path, release: str) -> None:
    """Raise RecordingError where headers are none, or no module of them loads in that release."""
    if not (headers / SYMBOLS).is_file():
        raise RecordingError(
            f"{headers} has no {SYMBOLS}: it is no build tree, or `make modules` was not run in it"
        )
    file = headers / RELEASE
    own = file.read_text(encoding="utf-8", errors="replace").strip() if file.is_file() else release
    if own != release:
        raise RecordingError(f"{headers} has the headers of {own}, and the image is {release}")


# Debian's packages put the headers of a kernel into a folder of its release.
def _packaged(folder: Path) -> Iterator[Path]:
    return (file.parent for file in folder.glob(f"usr/src/*/{SYMBOLS}"))


def release_of(image: Path) -> str:
    """Return the release that an image says it is; RecordingError where it is no bzImage."""
    with open_regular(image) as file:
        head = file.read(HEAD_BYTES)
    if head[MAGIC] != b"HdrS":
        hint = ", but a program such as vmlinux" if head.startswith(b"\x7fELF") else ""
        raise RecordingError(
            f"{image} is no x86 kernel image (bzImage){hint}: a build tree has it at "
            "arch/x86/boot/bzImage"
        )
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
            f"the scenario needs the modules {', '.join(names)}: say --modules DIR, here or where "
            "you add the kernel"
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
    data = _unpacked(file)
    for line in DEPENDS.findall(data):
        for need in filter(None, line.decode().split(",")):
            yield from _with_needs(known, _name(need), folder)
    yield name, data


def release_of_modules(folder: Path) -> str:
    """Return the release that the first module of a folder was built for, "" where it has none.

    It stands in the module's `vermagic`, which the loader compares
    (kernel/module/main.c:check_modinfo@v6.12).
    """
    first = next(iter(sorted(folder.rglob("*.ko*"))), None)
    said = VERMAGIC.search(_unpacked(first)) if first else None
    return said[1].decode("ascii", "replace") if said else ""


def _unpacked(file: Path) -> bytes:
    if file.suffix == ".zst":
        raise RecordingError(f"{file} is packed by zstd, which is not read: unpack the modules")
    unpack = UNPACK.get(file.suffix, bytes)
    try:
        return unpack(file.read_bytes())
    except (lzma.LZMAError, OSError, EOFError, zlib.error) as error:
        raise RecordingError(f"{file} cannot be unpacked: {error}") from error


# The kernel takes a dash in a module's name for an underscore, and what follows a dot is not of it.
def _name(word: str) -> str:
    return word.partition(".")[0].replace("-", "_")
