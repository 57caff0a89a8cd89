"""Keep kernels: say which are here, fetch those that are pinned, add those of one's own."""

import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.errors import GmemvizError, RecordingError, UnknownNameError, choices, shown
from gmemviz.facts import Pin, kernels, pins, snapshots
from gmemviz.record.boot import (
    find_kernel,
    headers_of,
    kernels_folder,
    kernels_here,
    refuse_headers,
    release_of,
    release_of_modules,
)
from gmemviz.record.kernels.archive import Archive
from gmemviz.record.kernels.fetch import BY_SIGNATURE, available, fetch, is_there, put, stamped

NAME: Final = re.compile(r"[A-Za-z0-9][\w.+~-]{0,99}", re.ASCII)
"""What may be the name of a folder, and of a file that is called after the kernel."""


class KernelHere(NamedTuple):
    """Say of a kernel what it is, where it comes from, and whether it can be recorded and judge.

    `why_not` is the sentence that says what is missing, "" where nothing is. A kernel that is not
    here has no release.
    """

    name: str
    release: str
    origin: str
    records: bool
    confirms: bool
    why_not: str

    @property
    def line(self) -> str:
        """Return it as a line of the list."""
        if not self.records:
            return f"{self.name}: {self.why_not}"
        here = f"{self.name}: {self.release}, {self.origin}, for record"
        return f"{here} and confirm" if self.confirms else f"{here} alone: {self.why_not}"


def known_here() -> tuple[KernelHere, ...]:
    """Return every kernel that is pinned, oldest first, and behind them those that were added."""
    own = [name for name in kernels_here() if name not in kernels()]
    return tuple(map(_looked_at, (*kernels(), *own)))


def _looked_at(name: str) -> KernelHere:
    try:
        found = find_kernel(name)
    except RecordingError as error:
        return KernelHere(name, "", "", records=False, confirms=False, why_not=str(error))
    why_not = ""
    try:
        headers_of(found)
    except RecordingError as error:
        why_not = str(error)
    origin = _origin(name, found.image)
    return KernelHere(name, found.release, origin, True, not why_not, why_not)


def _origin(name: str, image: Path) -> str:
    if image.is_symlink():
        return f"added from {image.readlink()}"
    made_of = stamped(kernels_folder() / name)
    if any(BY_SIGNATURE in line for line in made_of):
        return f"fetched, warranted {BY_SIGNATURE}"
    if not made_of:
        return "put here by hand"
    if is_there(_pinned()[name], kernels_folder()):
        return "fetched, checksums as pinned"
    return f"fetched as another gmemviz pinned it (`gmemviz kernels fetch {name}` renews it)"


# What is read and not booted has no packages to fetch.
def _pinned() -> dict[str, Pin]:
    return {pin.name: pin for pin in pins() if pin.packages}


def fetch_kernels(
    names: Iterable[str] = (), *, take_nearest: bool = False, progress: Callable[[str], None]
) -> tuple[KernelHere, ...]:
    """Fetch those of the pinned kernels, or all, that are not here yet; say what is here then.

    Errors as `Archive`'s; FetchError where a package has been replaced, unless `take_nearest`.
    Whatever happens, a kernel is here whole or not at all.
    """
    known = _pinned()
    wanted = choices("kernel to boot", names, known) or tuple(known)
    folder = kernels_folder()
    missing = [known[name] for name in wanted if not is_there(known[name], folder)]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        archive = Archive(folder, progress=progress)
        for pin in missing:
            found = available(archive, pin, take_nearest=take_nearest)
            if not is_there(found, folder):
                fetch(archive, found, folder, progress=progress)
    return tuple(map(_looked_at, wanted))


def add_kernel(
    image: Path, *, name: str = "", modules: Path | None = None, headers: Path | None = None
) -> KernelHere:
    """Add a kernel of one's own, by links, so that what is built anew is what is booted.

    It is called by its release unless `name` says otherwise; one that was added before under that
    name goes. RecordingError where a file is not what it should be, or of another release.
    """
    if not image.is_file():
        raise RecordingError(f"no kernel image: {shown(str(image))} is no file")
    release = release_of(image)
    called = _allowed(name or release)
    links = {"vmlinuz": image}
    if modules:
        _refuse_modules(modules, release)
        links["modules"] = modules
    if headers:
        refuse_headers(headers, release)
        links["headers"] = headers
    folder = kernels_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".added-") as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        for link, target in links.items():
            (made / link).symlink_to(target.resolve())
        put(made, folder / called, Path(scratch))
    return _looked_at(called)


def _allowed(name: str) -> str:
    if not NAME.fullmatch(name):
        raise UnknownNameError(
            f"a kernel's name has letters, digits and . _ + ~ -, and begins with one of the first "
            f"two, not {shown(name)}: say another by --name"
        )
    if name in snapshots():  # else a Design of that kernel would be judged by another, unsaid
        raise UnknownNameError(f"{name} is the name of a kernel that gmemviz ships: say --name")
    own = kernels_folder() / name
    if own.exists() and not (own / "vmlinuz").is_symlink():
        raise GmemvizError(f"{own} is no kernel that was added, and stays: say another --name")
    return name


def _refuse_modules(modules: Path, release: str) -> None:
    if not modules.is_dir():
        raise RecordingError(f"no folder of modules: {modules}")
    own = release_of_modules(modules)
    if not own:
        raise RecordingError(f"{modules} has no kernel module (*.ko)")
    if own != release:
        raise RecordingError(f"{modules} has the modules of {own}, and the image is {release}")
