"""Make the shipped snapshots anew from Debian's source packages: `make facts`.

Nothing is installed and nothing of this machine's apt changes: a state folder of its own
in out/apt takes the mirror's address from what apt is set up with. Versions and checksums
are pinned; where a pinned version is gone, the ones that the mirror has are named.
"""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "out" / "facts"
DATA: Final = ROOT / "gmemviz" / "facts" / "data"
SUITES: Final = ("bookworm main", "trixie-backports main")
SECURITY: Final = "bookworm-security main"


class Package(NamedTuple):
    """Pin a source package."""

    name: str
    version: str
    sha256: str


PACKAGES: Final = (
    Package(
        "linux-source-6.12",
        "6.12.117-1~deb12u1",
        "e849faf31ca3555757f3a8877cb01af92122f744f75d1f3102734651c4e14703",
    ),
    Package(
        "linux-source-7.3",
        "7.3.4-1~bpo13+1",
        "703e369ddd4cce971452f5a593ee55df3a5c10c83caf0fa0df039633ed181ee3",
    ),
)


def apt(tool: str, *words: str) -> str:
    """Run an apt tool on the state folder of ours."""
    state = OUT / "apt"
    options = (
        f"Dir::Etc::sourcelist={state / 'sources.list'}",
        "Dir::Etc::sourceparts=/dev/null",
        f"Dir::State::lists={state / 'lists'}",
        f"Dir::Cache={state / 'cache'}",
        "APT::Sandbox::User=root",
    )
    flags = [part for option in options for part in ("-o", option)]
    done = subprocess.run(
        [tool, *flags, *words], cwd=OUT, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{tool} {' '.join(words)} failed: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def prepare() -> None:
    """Write a sources.list from the mirrors that this machine's apt already uses."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    sites = sorted(set(targets.stdout.split()))
    security = [site for site in sites if "security" in site]
    plain = [site for site in sites if site not in security]
    lines = [f"deb {site} {suite}" for site in plain[:1] for suite in SUITES]
    lines += [f"deb {site} {SECURITY}" for site in security[:1]]
    state = OUT / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    text = "\n".join(line.replace("deb ", f"deb {signed} ", 1) for line in lines)
    (state / "sources.list").write_text(text + "\n", encoding="utf-8")
    apt("apt-get", "update")


def fetched(package: Package) -> Path:
    """Return the package's file, downloaded and checked."""
    file = OUT / f"{package.name}_{package.version}_all.deb"
    if not file.exists():
        known = [
            line.split("|")[1].strip()
            for line in apt("apt-cache", "madison", package.name).splitlines()
        ]
        if package.version not in known:
            has = ", ".join(known) or "no version of it"
            sys.exit(
                f"{package.name} {package.version} is gone; the mirror has {has}: change the pin"
            )
        apt("apt-get", "download", f"{package.name}={package.version}")
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != package.sha256:
        sys.exit(f"{file.name} has checksum {found}, not the pinned {package.sha256}")
    return file


def unpacked(package: Package) -> Path:
    """Return the folder of the package's source tree."""
    folder = OUT / package.name
    if not (folder / "Makefile").exists():
        subprocess.run(["dpkg", "-x", fetched(package), OUT / "deb"], check=True)
        (archive,) = (OUT / "deb").rglob(f"{package.name}.tar.xz")
        subprocess.run(["tar", "-xJf", archive, "-C", OUT], check=True)
    return folder


def make(trees: Sequence[tuple[Path, Package]], out: Path) -> list[Path]:
    """Write one snapshot a tree into `out`, named by the kernel; return their files.

    Each is read twice: the second time with the functions that the others
    reach, so that what a comparison calls gone is gone from the tree.
    """
    from gmemviz.cli.sources import progress
    from gmemviz.extract import extract
    from gmemviz.facts import encoding

    reached = [set(extract(folder, progress=progress).functions) for folder, _ in trees]
    by_any = set().union(*reached)
    paths = []
    for (folder, package), own in zip(trees, reached, strict=True):
        facts = extract(folder, also=sorted(by_any - own), progress=progress)
        origin = f"{package.name} {package.version}"
        facts = replace(facts, package=origin, sha256=package.sha256)
        paths.append(out / f"{facts.kernel}.json.gz")
        encoding.write(facts, paths[-1])
    return paths


def main() -> int:
    """Write every snapshot."""
    OUT.mkdir(parents=True, exist_ok=True)
    prepare()
    trees = [(unpacked(package), package) for package in PACKAGES]
    for path in make(trees, DATA):
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
