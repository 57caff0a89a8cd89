"""Ask Debian's mirrors for packages: nothing is installed, and this machine's apt stays as it is.

apt is run on a state folder of ours, with the mirrors' addresses of what this machine's apt is set
up with. It checks every package against the signed index; a pinned checksum is checked as well.
"""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gmemviz.facts.releases import known_kernels

_SIGNED: Final = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"


class Archive:
    """Stand for the suites of Debian's archive that kernels.toml names; one folder has it all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        state = folder / "apt"
        for name in ("lists/partial", "cache/archives/partial"):
            (state / name).mkdir(parents=True, exist_ok=True)
        self._options = (
            "-o", f"Dir::Etc::sourcelist={state / 'sources.list'}",
            "-o", "Dir::Etc::sourceparts=/dev/null",
            "-o", f"Dir::State::lists={state / 'lists'}",
            "-o", f"Dir::Cache={state / 'cache'}",
            "-o", "APT::Sandbox::User=root",
        )  # fmt: skip
        plain = _sources("Debian", known_kernels()["suites"])
        if not plain:
            sys.exit("apt of this machine knows no mirror of Debian")
        security = _sources("Debian-Security", known_kernels()["security_suites"])
        (state / "sources.list").write_text("".join(plain + security), encoding="utf-8")
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
        """Return the package's file in the folder, checked if a checksum is given.

        What lies there since another time is taken as it is.
        """
        pattern = f"{package}_{version.replace(':', '%3a')}_*.deb"
        if not list(self._folder.glob(pattern)):
            self._apt("apt-get", "download", f"{package}={version}")
        (file,) = self._folder.glob(pattern)
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if sha256 and found != sha256:
            file.unlink()
            sys.exit(f"{file.name} has checksum {found}, not the pinned {sha256}")
        return file

    def _apt(self, tool: str, *words: str) -> str:
        return _run(tool, *words, options=self._options, folder=self._folder)


# A line for each suite, of the first mirror that apt knows by the label.
def _sources(label: str, suites: Sequence[str]) -> list[str]:
    sites = _run("apt-get", "indextargets", "--format", "$(SITE)", f"Label: {label}").split()
    return [f"deb {_SIGNED} {site} {suite}\n" for site in sorted(sites)[:1] for suite in suites]


def _run(tool: str, *words: str, options: Sequence[str] = (), folder: Path | None = None) -> str:
    done = subprocess.run(
        [tool, *options, *words], cwd=folder, check=False, capture_output=True, text=True
    )
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        sys.exit(f"{tool} {' '.join(words)} failed: {reason}")
    return done.stdout
