"""Fetch the kernels that are pinned, as Debian packages, of which none is installed.

An image, its modules and the headers to build more of them lie in the folder of a kernel's name
after that. Versions and checksums are those of facts/kernels.toml. The archive keeps a package for
some weeks: where a pinned one has been replaced, the nearest is named, and taken only if asked for,
since nothing but apt's signature warrants it.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from gmemviz.errors import FetchError
from gmemviz.facts import Pin, release_numbers
from gmemviz.record.kernels.archive import run_tool
from gmemviz.whole import write_whole

STAMP: Final = "packages"
"""The file that says what a kernel's folder was made of."""

BY_SIGNATURE: Final = "by apt's signature alone"
LIBRARIES: Final = (
    "ld-linux-x86-64.so.2", "libc.so.6", "libelf.so.1", "libz.so.1", "libzstd.so.1",
)  # fmt: skip
TOOLS: Final = {
    "scripts/mod/modpost": "modpost.real-lsb-64",
    "tools/objtool/objtool": "objtool.real-x86",
}
"""Debian's build tools for any host, each with the one of this machine."""
WRAPPER: Final = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
own=$here/../../libraries
exec "$own/ld-linux-x86-64.so.2" --library-path "$own" "$here/{real}" "$@"
"""


class Packages(Protocol):
    """Say what is asked of an archive; `Archive` is the one there is."""

    def versions(self, package: str) -> tuple[str, ...]:
        """Return the versions of a package, the newest first."""

    def names(self, pattern: str) -> tuple[str, ...]:
        """Return the names that a regular expression finds, sorted."""

    def download(
        self, package: str, version: str, folder: Path, *, sha256: str, scratch: Path
    ) -> Path:
        """Return the package's file in a folder; if we are killed, `scratch` around it goes."""


class Package(NamedTuple):
    """Give a package of a pin: its name, version and SHA-256, "" where only apt warrants it."""

    name: str
    version: str
    sha256: str


def packages_of(pin: Pin) -> tuple[Package, ...]:
    """Return what a kernel is made of: image, modules, headers."""
    release = pin.release
    return tuple(
        Package(name.format(release=release), pin.version, sha)
        for name, sha in pin.packages.items()
    )


def libraries_of(pin: Pin) -> tuple[Package, ...]:
    """Return what the build tools of its headers are run with."""
    apart = [(*joined.partition("="), sha) for joined, sha in pin.libraries.items()]
    return tuple(Package(name, version, sha) for name, _, version, sha in apart)


def stamp(pin: Pin) -> str:
    """Return what the folder of a kernel is marked with: its packages, and what warrants each."""
    return "".join([
        *(_line(package) for package in packages_of(pin)),
        *(_line(package, " for its tools") for package in libraries_of(pin)),
    ])  # fmt: skip


def _line(package: Package, why: str = "") -> str:
    warrant = "" if package.sha256 else f" ({BY_SIGNATURE})"
    return f"{package.name} {package.version}{why}{warrant}\n"


def is_there(pin: Pin, folder: Path) -> bool:
    """Say whether a kernel of these very packages was fetched before."""
    return "".join(f"{line}\n" for line in stamped(folder / pin.name)) == stamp(pin)


def stamped(own: Path) -> tuple[str, ...]:
    """Return the packages that the folder of a kernel was made of, () where it was not fetched."""
    file = own / STAMP
    return tuple(file.read_text(encoding="utf-8").splitlines()) if file.is_file() else ()


def available(archive: Packages, pin: Pin, *, take_nearest: bool) -> Pin:
    """Return the pin, or with `take_nearest` what stands for whatever of it has been replaced.

    FetchError names what is gone, the nearest that there is, and how it is taken.
    """
    gone = list(_gone(archive, pin))
    if not gone:
        return pin
    named = f"{gone[0].name} {gone[0].version} is gone from the archive"
    other = nearest(archive, pin)
    if other is None:
        raise FetchError(f"{named}, and the archive has nothing else for {pin.name}")
    if take_nearest:
        return other
    chosen = [*packages_of(other), *libraries_of(other)]
    new = next(package for package in chosen if not package.sha256)
    raise FetchError(
        f"{named}; the nearest is {new.name} {new.version}: `gmemviz kernels fetch {pin.name} "
        f"--nearest` takes it, warranted {BY_SIGNATURE}, with no checksum pinned"
    )


def _gone(archive: Packages, pin: Pin) -> Iterator[Package]:
    for package in (*packages_of(pin), *libraries_of(pin)):
        if package.version not in archive.versions(package.name):
            yield package


def nearest(archive: Packages, pin: Pin) -> Pin | None:
    """Return the pin with all that is gone replaced by what comes closest; None where nothing is.

    Of kernels that is the next newer release of the same flavour and Debian, else the newest; of a
    library, the newest. Their checksums are not pinned; apt checks them against the signed index.
    """
    libraries: dict[str, str] = {}
    for package in libraries_of(pin):
        has = archive.versions(package.name)
        if not has:
            return None
        is_there = package.version in has
        version = package.version if is_there else has[0]
        libraries[f"{package.name}={version}"] = package.sha256 if is_there else ""
    if all(package.version in archive.versions(package.name) for package in packages_of(pin)):
        return pin._replace(libraries=libraries)
    return _nearest_release(archive, pin._replace(libraries=libraries))


def _nearest_release(archive: Packages, pin: Pin) -> Pin | None:
    first = next(iter(pin.packages))
    start, end = first.split("{release}")
    names = archive.names(f"^{start}{pin.name.replace('.', '[.]')}[.][^-]*{end}$")
    releases = [name.removeprefix(start).removesuffix(end) for name in names]
    if not releases:
        return None
    # Debian 12 and 13 each build their own of a version (+deb12, +deb13), with another compiler.
    suite = pin.release.partition("+")[2]
    same = [release for release in releases if release.partition("+")[2] == suite]
    releases = sorted(same or releases, key=release_numbers)
    pinned = release_numbers(pin.release)
    newer = [release for release in releases if release_numbers(release) >= pinned]
    release = newer[0] if newer else releases[-1]
    version = archive.versions(first.format(release=release))[0]
    unchecked: Mapping[str, str] = dict.fromkeys(pin.packages, "")
    return pin._replace(release=release, version=version, packages=unchecked)


def fetch(archive: Packages, pin: Pin, folder: Path, *, progress: Callable[[str], None]) -> None:
    """Download a kernel's packages and keep the image, modules and headers; all or nothing."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacked-") as scratch:
        work = Path(scratch)
        tree, made = work / "tree", work / "made"
        made.mkdir()
        for package in packages_of(pin):
            _unpack(archive, package, work, tree)
        for package in libraries_of(pin):
            _unpack(archive, package, work, work / "libraries")
        progress(f"laying out {pin.release}")
        (image,) = [*tree.glob("boot/vmlinuz-*"), *tree.glob("usr/lib/modules/*/vmlinuz")]
        image.replace(made / "vmlinuz")
        (modules,) = [*tree.glob("lib/modules/*"), *tree.glob("usr/lib/modules/*")]
        modules.replace(made / "modules")
        for link in ("build", "source"):
            (made / "modules" / link).unlink(missing_ok=True)
        make_headers(tree, made / "headers", work / "libraries")
        write_whole(made / STAMP, stamp(pin).encode())
        put(made, folder / pin.name, work)


def _unpack(archive: Packages, package: Package, work: Path, tree: Path) -> None:
    fetched = work / "fetched"
    about = (package.name, package.version, fetched)
    file = archive.download(*about, sha256=package.sha256, scratch=work)
    run_tool("dpkg", "-x", str(file), str(tree), scratch=work)
    shutil.rmtree(fetched)


def put(made: Path, target: Path, work: Path) -> None:
    """Rename a folder that is whole to where it shall be; what stood there goes into `work`.

    Between the two renames there is none of either, but never half of one.
    """
    if target.exists():
        target.replace(work / "replaced")
    made.replace(target)


def make_headers(tree: Path, headers: Path, libraries: Path) -> None:
    """Move what modules are built with out of the unpacked packages, ready where it lies."""
    (headers / "usr" / "lib").mkdir(parents=True)
    (tree / "usr" / "src").replace(headers / "usr" / "src")
    (kbuild,) = tree.glob("usr/lib/linux-kbuild-*")
    kbuild = kbuild.replace(headers / "usr" / "lib" / kbuild.name)
    (symbols,) = headers.glob("usr/src/*/Module.symvers")
    (common,) = headers.glob("usr/src/*-common")
    here = "$(abspath $(dir $(lastword $(MAKEFILE_LIST))))"
    # Debian's own names /usr/src, where nothing is installed.
    text = f"KBUILD_OUTPUT := {here}\ninclude {here}/../{common.name}/Makefile\n"
    write_whole(symbols.parent / "Makefile", text.encode())
    if libraries.is_dir():
        lend_libraries(kbuild, libraries)


def lend_libraries(kbuild: Path, libraries: Path) -> None:
    """Let the build tools run with the C library that they are linked against."""
    own = kbuild / "libraries"
    own.mkdir()
    for file in sorted(libraries.glob("usr/lib/x86_64-linux-gnu/*.so*")):
        if file.name in LIBRARIES:
            shutil.copy(file, own / file.name)  # what a link points to
    for tool, real in TOOLS.items():
        program = kbuild / tool
        program.unlink()
        write_whole(program, WRAPPER.format(real=real).encode())
        program.chmod(0o755)
