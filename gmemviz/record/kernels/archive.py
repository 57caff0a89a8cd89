"""Ask Debian's mirrors for packages: nothing is installed, and this machine's apt stays as it is.

apt is run on a state folder of ours, with the mirrors' addresses of what this machine's apt is set
up with, so that no address stands here. It checks every package against the signed index; a pinned
checksum is checked as well.
"""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from gmemviz.errors import FetchError, MissingToolError
from gmemviz.facts import known_kernels
from gmemviz.processes import run
from gmemviz.whole import write_whole

KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
TOOLS: Final = ("apt-get", "apt-cache", "dpkg", "env")
LIMIT: Final = 1800.0
"""Seconds that one package may take: the largest has a hundred megabytes."""

INSTEAD: Final = "`gmemviz kernels add IMAGE` takes a kernel of your own"
# Whatever the machine's apt allows: an index without a valid signature is worth nothing here.
STRICT: Final = (
    "-o", "APT::Get::AllowUnauthenticated=false",
    "-o", "Acquire::AllowInsecureRepositories=false",
    "-o", "APT::Sandbox::User=root",
)  # fmt: skip


class Archive:
    """Stand for the suites of Debian's archive that kernels.toml names, in a state folder.

    FetchError where apt fails, with the last thing that it said; MissingToolError where there is
    no apt, or none that knows a mirror of Debian.
    """

    def __init__(self, folder: Path, *, progress: Callable[[str], None]) -> None:
        need_apt()
        state, self._progress = folder / "apt", progress
        for name in ("lists/partial", "cache/archives/partial"):
            (state / name).mkdir(parents=True, exist_ok=True)
        self._options = (
            *STRICT,
            "-o", f"Dir::Etc::sourcelist={state / 'sources.list'}",
            "-o", "Dir::Etc::sourceparts=/dev/null",
            "-o", f"Dir::State::lists={state / 'lists'}",
            "-o", f"Dir::Cache={state / 'cache'}",
        )  # fmt: skip
        plain = _sources("Debian", known_kernels()["suites"])
        if not plain:
            raise MissingToolError(f"apt of this machine knows no mirror of Debian: {INSTEAD}")
        security = _sources("Debian-Security", known_kernels()["security_suites"])
        write_whole(state / "sources.list", "".join(plain + security).encode())
        progress("asking Debian's archive what it has")
        self._apt("apt-get", "update")

    def versions(self, package: str) -> tuple[str, ...]:
        """Return the versions that the mirror has of a package, the newest first."""
        lines = self._apt("apt-cache", "madison", package).splitlines()
        return tuple(line.split("|")[1].strip() for line in lines)

    def names(self, pattern: str) -> tuple[str, ...]:
        """Return the names of the packages that a regular expression finds, sorted."""
        lines = self._apt("apt-cache", "search", "--names-only", pattern).splitlines()
        return tuple(sorted(line.partition(" ")[0] for line in lines))

    def download(
        self,
        package: str,
        version: str,
        folder: Path,
        *,
        sha256: str = "",
        scratch: Path | None = None,
    ) -> Path:
        """Return the package's file in an empty folder, checked if a checksum is given.

        Where we are killed meanwhile, the folder goes, or the whole of `scratch` around it.
        Never a file of another time: apt holds against the signed index only what it fetches.
        """
        self._progress(f"fetching {package} {version}")
        folder.mkdir()
        # apt writes where it is started.
        self._apt("apt-get", "download", f"{package}={version}", folder=folder, scratch=scratch)
        (file,) = folder.glob("*.deb")
        with file.open("rb") as data:
            found = hashlib.file_digest(data, "sha256").hexdigest()
        if sha256 and found != sha256:
            file.unlink()
            raise FetchError(f"{file.name} has checksum {found}, not the pinned {sha256}")
        return file

    def _apt(self, *command: str, folder: Path | None = None, scratch: Path | None = None) -> str:
        goes = scratch or folder
        return run_tool(*command, options=self._options, folder=folder, scratch=goes)


def need_apt() -> None:
    """Raise MissingToolError where Debian's packages cannot be asked for."""
    for tool in TOOLS:
        if not shutil.which(tool):
            raise MissingToolError(f"fetching a kernel needs {tool} of a Debian: {INSTEAD}")


def run_tool(
    *command: str,
    options: Sequence[str] = (),
    folder: Path | None = None,
    scratch: Path | None = None,
) -> str:
    """Run one of apt's tools, in a folder, and return what it says; FetchError with why it failed.

    `options` go behind the tool and into no error. Where we are killed meanwhile, `scratch` goes.
    """
    tool, *words = command
    there = ["env", f"--chdir={folder}"] if folder else []
    done = run([*there, tool, *options, *words], limit=LIMIT, scratch=scratch)
    if done.is_late:
        raise FetchError(f"{' '.join(command)} was not done in {LIMIT:g} s")
    if done.status:
        lines = done.errors.decode("utf-8", "replace").strip().splitlines()
        why = lines[-1] if lines else "no reason given"
        raise FetchError(f"{' '.join(command)} failed: {why}")
    return done.said.decode("utf-8", "replace")


# A line for each suite, of the first mirror that apt knows by the label.
def _sources(label: str, suites: Sequence[str]) -> list[str]:
    sites = run_tool("apt-get", "indextargets", "--format", "$(SITE)", f"Label: {label}").split()
    if not sites:
        return []
    site = min(sites)
    return [f"deb [signed-by={KEYRING}] {site} {suite}\n" for suite in suites]
