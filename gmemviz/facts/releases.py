"""Say which kernels gmemviz knows, and which of them a release is; the list is kernels.toml.

Nobody else takes a release apart: Debian, stable and release candidates each write theirs in
another way (7.3.4+deb13-amd64, 6.12.117, 7.3-rc5).
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from gmemviz.shown import Several

_FILE: Final = Path(__file__).parent / "kernels.toml"
_NUMBERS: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){0,2}")


class Pin(NamedTuple):
    """Pin the Debian packages of one kernel; kernels.toml says what each part means.

    `source` and `packages` map the name of a package to its SHA-256, `libraries` that and its
    version, as apt joins them (`libc6=2.41-12`); "" stands where no checksum is pinned. A kernel
    that is not booted has no `release` and no `packages`.
    """

    name: str
    tag: str
    version: str
    release: str = ""
    source: Mapping[str, str] = MappingProxyType({})
    packages: Mapping[str, str] = MappingProxyType({})
    libraries: Mapping[str, str] = MappingProxyType({})


@cache
def known_kernels() -> dict[str, Any]:
    """Return kernels.toml as it is written."""
    import tomllib  # the package stays quick to import

    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def pins() -> tuple[Pin, ...]:
    """Return what each kernel is pinned to, the oldest kernel first."""
    return tuple(Pin(name, **about) for name, about in known_kernels()["kernels"].items())


def snapshots() -> tuple[str, ...]:
    """Return the names of the kernels whose facts and deeds the package ships, oldest first."""
    return Several(known_kernels()["kernels"])


def kernels() -> tuple[str, ...]:
    """Return those of `snapshots` that can be booted, oldest first: cells are asked of these.

    What has no packages to boot is read only: its facts, its filesystems and their verdicts.
    """
    rows: Mapping[str, Mapping[str, Any]] = known_kernels()["kernels"]
    return Several(name for name, row in rows.items() if row.get("packages"))


def judge_kernel() -> str:
    """Return the kernel that judges Designs where nobody names another."""
    kernel: str = known_kernels()["judge"]
    return kernel


def release_numbers(release: str) -> tuple[int, ...]:
    """Return the numbers that a release begins with, three at most; () where it has none.

    >>> [release_numbers(release) for release in ("6.18.44-amd64", "7.3-rc5", "next")]
    [(6, 18, 44), (7, 3), ()]
    """
    found = _NUMBERS.match(release)
    return tuple(map(int, found[0].split("."))) if found else ()


def kernel_name(release: str) -> str:
    """Return the version that a release is of, as 7.3 for 7.3.4, whether known here or not."""
    return ".".join(map(str, release_numbers(release)[:2]))


def kernel_of_release(release: str) -> str | None:
    """Return the shipped kernel whose facts a release has, or None.

    >>> releases = ("7.3.4+deb13-amd64", "7.3+deb13", "7.3-rc5", "6.12.117", "6.1", "7.30")
    >>> [kernel_of_release(release) for release in releases]
    ['7.3', '7.3', '7.3', '6.12', None, None]
    """
    name = kernel_name(release)
    return name if name in kernels() else None
