"""Make the shipped snapshots anew from Debian's source packages: `make facts`.

A kernel has two files, its facts and the deeds of its super_operations; the verdicts on those stand
in one file for all kernels.

Versions and checksums are those of gmemviz/facts/kernels.toml; where one is gone, the versions
that the mirror has are named.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from gmemviz.cli.line import progress
from gmemviz.derive import TableRead, read_table, tables_of
from gmemviz.errors import GmemvizError
from gmemviz.extract import SCOPE, KernelDeeds, extract
from gmemviz.facts import Facts, deed_file, encoding, super_tables, table_key
from gmemviz.facts.releases import Pin, pins
from gmemviz.processes import Workers
from gmemviz.record.kernels import Archive
from scripts import judged

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "out" / "facts"
DATA: Final = ROOT / "gmemviz" / "facts" / "data"


class Origin(NamedTuple):
    """Give an unpacked tree with the package that it is of, and the package's checksum."""

    folder: Path
    package: str
    sha256: str


def origin(archive: Archive, pin: Pin) -> Origin:
    """Return a kernel's source tree, unpacked, with the package that it came in."""
    ((package, sha256),) = pin.source.items()
    folder = OUT / package
    if not (folder / "Makefile").exists():
        has = archive.versions(package)
        if pin.version not in has:
            known = ", ".join(has) or "no version of it"
            sys.exit(f"{package} {pin.version} is gone; the mirror has {known}: change the pin")
        shutil.rmtree(OUT / "fetched", ignore_errors=True)  # of a run that was ended
        file = archive.download(package, pin.version, OUT / "fetched", sha256=sha256)
        subprocess.run(["dpkg", "-x", file, OUT / "deb"], check=True)
        (packed,) = (OUT / "deb").rglob(f"{package}.tar.xz")
        subprocess.run(["tar", "-xJf", packed, "-C", OUT], check=True)
    return Origin(folder, f"{package} {pin.version}", sha256)


def make(origins: Sequence[Origin], out: Path) -> list[Path]:
    """Write one snapshot a tree into `out`, named by the kernel; return their files.

    Each is read twice: the second time with the functions that the others
    reach, so that what a comparison calls gone is gone from the tree.
    """
    reached = [set(extract(one.folder, progress=progress).functions) for one in origins]
    by_any = set().union(*reached)
    paths: list[Path] = []
    tasks = []
    for (folder, package, sha256), own in zip(origins, reached, strict=True):
        facts = extract(folder, also=sorted(by_any - own), progress=progress)
        facts = replace(facts, package=package, sha256=sha256)
        paths += [out / f"{facts.kernel}.json.gz", out / f"{facts.kernel}-deeds.json.xz"]
        encoding.write(facts, paths[-2])
        tasks.append((folder, facts, paths[-1]))
    Workers(len(tasks)).map(_write_deeds, tasks)
    return paths


# Each kernel in a process of its own: what an earlier one asked is numbered first, and where a
# formula is cut short that would show.
def _write_deeds(task: tuple[Path, Facts, Path]) -> None:
    folder, facts, path = task
    deed_file.write(path, facts, deeds_of_all(folder, facts))


def deeds_of_all(folder: Path, facts: Facts) -> dict[str, TableRead]:
    """Return what was read of each super_operations of a tree, by its key.

    Drivers have some, too: their folders are indexed beside the usual ones.
    """
    paths = [table.path for table in super_tables(facts)]
    homes = {path.rpartition("/")[0] for path in paths if not path.startswith(SCOPE)}
    usual = [part for part in SCOPE if (folder / part).exists()]
    deeds = KernelDeeds(folder, folders=[*usual, *sorted(homes)], progress=progress)
    return {table_key(t): read_table(deeds, t, facts.kernel) for t in tables_of(deeds)}


def main() -> int:
    """Write every snapshot."""
    OUT.mkdir(parents=True, exist_ok=True)
    try:
        archive = Archive(OUT, progress=print)
        origins = [origin(archive, pin) for pin in pins()]
    except GmemvizError as error:
        sys.exit(str(error))
    for path in make(origins, DATA):
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    return judged.main()


if __name__ == "__main__":
    sys.exit(main())
