"""Fetch the kernels that recordings are made on, as Debian packages: `make kernels`.

Nothing is installed: an image, its modules and the headers to build more of them lie in
out/kernels/NAME after that. Versions and checksums are those of gmemviz/facts/kernels.toml; where
a pinned one is gone, the nearest that the mirror has is named, and taken with --nearest.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gmemviz.facts.releases import Pin, pins, release_numbers
from scripts.apt import Archive

__all__ = ("main",)

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "out" / "kernels"
STAMP: Final = "packages"

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


def stamp(pin: Pin) -> str:
    """Return what the folder of a kernel is marked with: the packages that it was made of."""
    names = [template.format(release=pin.release) for template in pin.packages]
    lines = [f"{name} {pin.version}\n" for name in names]
    lines += [f"{name} for its tools\n" for name in pin.libraries]
    return "".join(lines)


def is_there(pin: Pin, out: Path = OUT) -> bool:
    """Say whether this very kernel was fetched before."""
    file = out / pin.name / STAMP
    return file.is_file() and file.read_text(encoding="utf-8") == stamp(pin)


def nearest(archive: Archive, pin: Pin) -> Pin | None:
    """Return the packages that come closest to the pin: the next newer ones, else the newest.

    Their checksums are not pinned; apt checks them against the signed index.
    """
    first = next(iter(pin.packages))
    start, end = first.split("{release}")
    names = archive.names(f"^{start}{pin.name.replace('.', '[.]')}[.][^-]*{end}$")
    releases = [name.removeprefix(start).removesuffix(end) for name in names]
    if not releases:
        return None
    releases.sort(key=release_numbers)
    pinned = release_numbers(pin.release)
    newer = [release for release in releases if release_numbers(release) >= pinned]
    release = newer[0] if newer else releases[-1]
    version = archive.versions(first.format(release=release))[0]
    unchecked = dict.fromkeys(pin.packages, "")
    return pin._replace(release=release, version=version, packages=unchecked)


def fetch(archive: Archive, pin: Pin, out: Path) -> None:
    """Download a kernel's packages and keep the image and the modules; all or nothing."""
    with tempfile.TemporaryDirectory(dir=out, prefix=".unpacked-") as scratch:
        tree, made = Path(scratch) / "tree", Path(scratch) / "made"
        made.mkdir()
        for template, checksum in pin.packages.items():
            name = template.format(release=pin.release)
            file = archive.download(name, pin.version, sha256=checksum)
            subprocess.run(["dpkg", "-x", file, tree], check=True)
            file.unlink()
        for name in pin.libraries:
            file = archive.download(name, archive.versions(name)[0])
            subprocess.run(["dpkg", "-x", file, Path(scratch) / "libraries"], check=True)
            file.unlink()
        (image,) = [*tree.glob("boot/vmlinuz-*"), *tree.glob("usr/lib/modules/*/vmlinuz")]
        image.replace(made / "vmlinuz")
        (modules,) = [*tree.glob("lib/modules/*"), *tree.glob("usr/lib/modules/*")]
        modules.replace(made / "modules")
        for link in ("build", "source"):
            (made / "modules" / link).unlink(missing_ok=True)
        make_headers(tree, made / "headers", Path(scratch) / "libraries")
        (made / STAMP).write_text(stamp(pin), encoding="utf-8")
        shutil.rmtree(out / pin.name, ignore_errors=True)
        made.replace(out / pin.name)


def make_headers(tree: Path, headers: Path, libraries: Path) -> None:
    """Move what modules are built with out of the unpacked packages, ready where it lies."""
    (headers / "usr" / "lib").mkdir(parents=True)
    (tree / "usr" / "src").replace(headers / "usr" / "src")
    (kbuild,) = tree.glob("usr/lib/linux-kbuild-*")
    kbuild = kbuild.replace(headers / "usr" / "lib" / kbuild.name)
    (symbols,) = headers.glob("usr/src/*/Module.symvers")
    (common,) = headers.glob("usr/src/*-common")
    here = "$(abspath $(dir $(lastword $(MAKEFILE_LIST))))"
    (symbols.parent / "Makefile").write_text(
        f"KBUILD_OUTPUT := {here}\ninclude {here}/../{common.name}/Makefile\n", encoding="utf-8"
    )
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
        program.write_text(WRAPPER.format(real=real), encoding="utf-8")
        program.chmod(0o755)


def main(argv: Sequence[str] | None = None) -> int:
    """Fetch what is not there yet; return 0, or end with one sentence."""
    known = {pin.name: pin for pin in pins() if pin.packages}
    parser = argparse.ArgumentParser(prog="scripts.kernels", description=__doc__)
    parser.add_argument(
        "--nearest", action="store_true", help="take the nearest version of what is gone"
    )
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"only these ({', '.join(known)})")
    arguments = parser.parse_args(argv)
    if unknown := sorted(set(arguments.name) - set(known)):
        sys.exit(f"no kernel {', '.join(unknown)} is pinned (only {', '.join(known)})")
    wanted = [known[name] for name in arguments.name or known]
    missing = [pin for pin in wanted if not is_there(pin)]
    if missing:
        OUT.mkdir(parents=True, exist_ok=True)
        archive = Archive(OUT)
        for pin in missing:
            found = _available(archive, pin, take_nearest=arguments.nearest)
            if not is_there(found):
                fetch(archive, found, OUT)
    for pin in wanted:
        packages = (OUT / pin.name / STAMP).read_text(encoding="utf-8").splitlines()
        print(f"{OUT / pin.name}: {', '.join(packages)}")
    return 0


def _available(archive: Archive, pin: Pin, *, take_nearest: bool) -> Pin:
    names = [template.format(release=pin.release) for template in pin.packages]
    gone = [name for name in names if pin.version not in archive.versions(name)]
    if not gone:
        return pin
    other = nearest(archive, pin)
    if other is None:
        sys.exit(f"{gone[0]} {pin.version} is gone, and the mirror has no other {pin.name}")
    if not take_nearest:
        first = next(iter(other.packages)).format(release=other.release)
        sys.exit(
            f"{gone[0]} {pin.version} is gone; the nearest is {first} {other.version}: "
            "python -m scripts.kernels --nearest takes it, gmemviz/facts/kernels.toml pins it"
        )
    return other


if __name__ == "__main__":
    sys.exit(main())
