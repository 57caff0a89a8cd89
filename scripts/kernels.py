"""Fetch the kernels that recordings are made on, as Debian packages: `make kernels`.

Nothing is installed: an image, its modules and the headers to build more of them lie in
out/kernels/NAME after that. Versions
and checksums are pinned in kernels.toml; where a pinned one is gone, the nearest that the
mirror has is named, and taken with --nearest.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ("main",)

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "out" / "kernels"
PINS: Final = ROOT / "scripts" / "kernels.toml"
SUITES: Final = ("bookworm main", "trixie main", "trixie-backports main")
STAMP: Final = "packages"
SECURITY: Final = "bookworm-security main"
KEYS: Final = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"

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


class Archive:
    """Stand for the suites of Debian's archive, with all of apt's files in one folder."""

    def __init__(self, folder: Path, *, suites: Collection[str], security: str) -> None:
        self._folder = folder
        state = folder / "apt"
        for name in ("lists/partial", "cache/archives/partial"):
            (state / name).mkdir(parents=True, exist_ok=True)
        lines = "\n".join(_sources(suites, security))
        (state / "sources.list").write_text(f"{lines}\n", encoding="utf-8")
        self._apt("apt-get", "update")

    def versions(self, package: str) -> tuple[str, ...]:
        """Return the versions that the mirror has of a package, the newest first."""
        lines = self._apt("apt-cache", "madison", package).splitlines()
        return tuple(line.split("|")[1].strip() for line in lines)

    def names(self, pattern: str) -> tuple[str, ...]:
        """Return the names of the packages that a regular expression finds, sorted."""
        lines = self._apt("apt-cache", "search", "--names-only", pattern).splitlines()
        return tuple(sorted(line.partition(" ")[0] for line in lines))

    def download(self, package: str, version: str, *, sha256: str = "") -> Path:
        """Return the package's file, downloaded once; checked if a checksum is given.

        apt itself checks it against the signed index.
        """
        self._apt("apt-get", "download", f"{package}={version}")
        quoted = version.replace(":", "%3a")
        (file,) = self._folder.glob(f"{package}_{quoted}_*.deb")
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if sha256 and found != sha256:
            file.unlink()
            sys.exit(f"{file.name} has checksum {found}, not the pinned {sha256}")
        return file

    def _apt(self, tool: str, *words: str) -> str:
        state = self._folder / "apt"
        options = (
            f"Dir::Etc::sourcelist={state / 'sources.list'}",
            "Dir::Etc::sourceparts=/dev/null",
            f"Dir::State::lists={state / 'lists'}",
            f"Dir::Cache={state / 'cache'}",
            "APT::Sandbox::User=root",
        )
        flags = [part for option in options for part in ("-o", option)]
        done = subprocess.run(
            [tool, *flags, *words], cwd=self._folder, check=False, capture_output=True, text=True
        )
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            sys.exit(f"{tool} {' '.join(words)} failed: {said}")
        return done.stdout


def _sources(suites: Collection[str], security: str) -> list[str]:
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Label: Debian"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    plain = sorted(set(targets.stdout.split()))
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Label: Debian-Security"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    guarded = sorted(set(targets.stdout.split()))
    if not plain:
        sys.exit("apt of this machine knows no mirror of Debian")
    lines = [f"deb {KEYS} {site} {suite}" for site in plain[:1] for suite in suites]
    return lines + [f"deb {KEYS} {site} {security}" for site in guarded[:1]]


class Pin(NamedTuple):
    """Say which packages make a kernel; the checksums are by their names.

    `libraries` are packages that its build tools are linked against, newer than a machine may
    have them; their versions are the mirror's.
    """

    name: str
    release: str
    version: str
    packages: Mapping[str, str]
    libraries: Sequence[str] = ()

    def stamp(self) -> str:
        """Return what the folder of this kernel is marked with."""
        names = (template.format(release=self.release) for template in self.packages)
        lent = (f"{name} for its tools\n" for name in self.libraries)
        return "".join((*(f"{name} {self.version}\n" for name in names), *lent))


def pins(file: Path = PINS) -> tuple[Pin, ...]:
    """Return what is pinned."""
    with file.open("rb") as text:
        table = tomllib.load(text)
    return tuple(Pin(name, **about) for name, about in table.items())


def is_there(pin: Pin, out: Path = OUT) -> bool:
    """Say whether this very kernel was fetched before."""
    stamp = out / pin.name / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == pin.stamp()


def nearest(archive: Archive, pin: Pin) -> Pin | None:
    """Return the packages that come closest to the pin: the next newer ones, else the newest.

    Their checksums are not pinned; apt checks them against the signed index.
    """
    first = next(iter(pin.packages))
    start, end = first.split("{release}")
    names = archive.names(f"^{start}{pin.name.replace('.', '[.]')}[.][^-]*{end}$")
    releases = sorted((name.removeprefix(start).removesuffix(end) for name in names), key=_numbers)
    if not releases:
        return None
    newer = [release for release in releases if _numbers(release) >= _numbers(pin.release)]
    release = (newer or releases[-1:])[0]
    version = archive.versions(first.format(release=release))[0]
    return Pin(pin.name, release, version, dict.fromkeys(pin.packages, ""), pin.libraries)


def _numbers(release: str) -> list[int]:
    words = release.replace("+deb", ".").split(".")
    return [int(word) if word.isdigit() else 0 for word in words]


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
        (made / STAMP).write_text(pin.stamp(), encoding="utf-8")
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
    parser = argparse.ArgumentParser(prog="scripts.kernels", description=__doc__)
    parser.add_argument(
        "--nearest", action="store_true", help="take the nearest version of what is gone"
    )
    parser.add_argument("name", nargs="*", metavar="NAME", help="only these (6.12, 7.3)")
    arguments = parser.parse_args(argv)
    known = {pin.name: pin for pin in pins()}
    if unknown := sorted(set(arguments.name) - set(known)):
        sys.exit(f"no kernel {', '.join(unknown)} is pinned (only {', '.join(known)})")
    wanted = [known[name] for name in arguments.name or known]
    missing = [pin for pin in wanted if not is_there(pin)]
    if missing:
        OUT.mkdir(parents=True, exist_ok=True)
        archive = Archive(OUT, suites=SUITES, security=SECURITY)
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
            "python -m scripts.kernels --nearest takes it, scripts/kernels.toml pins it"
        )
    return other


if __name__ == "__main__":
    sys.exit(main())
