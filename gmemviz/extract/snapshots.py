"""Make the snapshots that the package ships, from Debian's unpacked source packages."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gmemviz.extract.kernel import extract
from gmemviz.extract.walk import Progress, quiet
from gmemviz.facts import encoding


class Origin(NamedTuple):
    """Say where a tree came from: the package's name and version, and its checksum."""

    folder: Path
    package: str
    sha256: str


def make(origins: Iterable[Origin], out: Path, *, progress: Progress = quiet) -> list[Path]:
    """Write one snapshot a tree into `out`, named by the kernel.

    Each is read twice: the second time with the functions that the others
    reach, so that what a comparison calls gone is gone from the tree.
    """
    trees = list(origins)
    first = [extract(tree.folder, progress=progress) for tree in trees]
    paths = []
    for tree, alone in zip(trees, first, strict=True):
        others = {name for facts in first if facts is not alone for name in facts.functions}
        also = sorted(others - set(alone.functions))
        facts = extract(tree.folder, also=also, progress=progress)
        facts = replace(facts, package=tree.package, sha256=tree.sha256)
        path = out / f"{facts.kernel}.json.gz"
        encoding.write(facts, path)
        paths.append(path)
    return paths
