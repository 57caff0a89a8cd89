"""Make the shipped snapshots anew from Debian's source packages: `make facts`.

Versions and checksums are those of gmemviz/facts/kernels.toml; where one is gone, the versions
that the mirror has are named.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from gmemviz.cli.sources import progress
from gmemviz.extract.snapshots import Origin, make
from gmemviz.facts.releases import Pin, pins
from scripts.apt import Archive

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "out" / "facts"
DATA: Final = ROOT / "gmemviz" / "facts" / "data"


def origin(archive: Archive, pin: Pin) -> Origin:
    """Return a kernel's source tree, unpacked, with the package that it came in."""
    ((package, sha256),) = pin.source.items()
    folder = OUT / package
    if not (folder / "Makefile").exists():
        has = archive.versions(package)
        if pin.version not in has:
            known = ", ".join(has) or "no version of it"
            sys.exit(f"{package} {pin.version} is gone; the mirror has {known}: change the pin")
        file = archive.download(package, pin.version, sha256=sha256)
        subprocess.run(["dpkg", "-x", file, OUT / "deb"], check=True)
        (packed,) = (OUT / "deb").rglob(f"{package}.tar.xz")
        subprocess.run(["tar", "-xJf", packed, "-C", OUT], check=True)
    return Origin(folder, f"{package} {pin.version}", sha256)


def main() -> int:
    """Write every snapshot."""
    OUT.mkdir(parents=True, exist_ok=True)
    archive = Archive(OUT)
    for path in make([origin(archive, pin) for pin in pins()], DATA, progress=progress):
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
