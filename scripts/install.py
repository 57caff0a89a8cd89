"""Install gmemviz into a virtual environment, once: `make setup`, with nothing but python3.

install.py FOLDER EXTRAS renews the environment where pyproject.toml asks for what it has not.
Without a network an environment that was whole once goes on being used, with a sentence about
what could not be renewed. A second one waits, so that no two install into one folder.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Final

__all__ = ("main",)

ROOT: Final = Path(__file__).resolve().parent.parent
SETTINGS: Final = ROOT / "scripts" / "lab_settings.json"
QUICK: Final = ("--retries", "1", "--timeout", "10")
"""Who has something to go on with does not wait long for a network."""
OFFLINE: Final = ("--no-index", "--no-deps", "--no-build-isolation")

OWN: Final = re.compile(r"gmemviz\[(\w+)\]")

# Run by the environment's own Python: the requirements on its standard input that it does not meet.
UNMET: Final = """
import sys
from importlib.metadata import PackageNotFoundError, version
from packaging.requirements import Requirement
for asked in map(Requirement, sys.stdin.read().splitlines()):
    if asked.marker and not asked.marker.evaluate():
        continue
    try:
        there = version(asked.name)
    except PackageNotFoundError:
        print(f"{asked} is not there")
    else:
        if not asked.specifier.contains(there, prereleases=True):
            print(f"{asked} is there as {there}")
"""


def python_of(folder: Path) -> str:
    """Return the Python of an environment."""
    return str(folder / "bin" / "python")


@contextmanager
def alone(folder: Path) -> Iterator[int]:
    """Wait until nobody else installs into the folder; yield what pip holds on to as well.

    The kernel lets go of the lock when its last holder has ended, however it did.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another make that installs into {folder}", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def requirements(project: dict[str, object], extras: Sequence[str]) -> list[str]:
    """Return what pyproject.toml asks for, by itself and for the extras."""
    optional = project["optional-dependencies"]
    assert isinstance(optional, dict)
    for extra in extras:
        if extra not in optional:
            near = get_close_matches(extra, optional, 1)
            meant = f" (did you mean {near[0]!r}?)" if near else ""
            sys.exit(f"no extra is called {extra!r}{meant}; there are {', '.join(optional)}")
    own = project["dependencies"]
    assert isinstance(own, list)
    lines = list(own)
    for extra in extras:
        for line in optional[extra]:
            # An extra may bring another one of the project's own, as `gmemviz[draw]`.
            inner = OWN.fullmatch(line)
            lines += requirements({**project, "dependencies": []}, [inner[1]]) if inner else [line]
    return lines


def asked_of(folder: Path, *arguments: str, given: str = "") -> str | None:
    """Return what the environment's Python prints; None where it does not run or fails."""
    command = [python_of(folder), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return None if done.returncode else done.stdout


def make_environment(folder: Path) -> None:
    """Make the environment anew; a folder that is none is left alone."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").is_file():
        sys.exit(f"{folder} is no virtual environment: name another one with VENV=FOLDER")
    command = [sys.executable, "-m", "venv", "--clear", str(folder)]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"no environment could be made in {folder}: apt-get install python3-venv")


def pip_says(folder: Path, extras: str, *options: str, lock: int) -> str:
    """Let pip install the checkout with its extras; return why it could not, or nothing."""
    command = [
        python_of(folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        *options, "--editable", f"{ROOT}[{extras}]",
    ]  # fmt: skip
    done = subprocess.run(command, pass_fds=[lock], capture_output=True, text=True, check=False)
    return (done.stderr.strip() or "pip failed") if done.returncode else ""


def fill(folder: Path, extras: str, *, lock: int) -> None:
    """Install into an environment that was never whole."""
    if asked_of(folder, "-m", "pip", "--version") is None:
        make_environment(folder)
    print(
        f"installing gmemviz[{extras}] into {folder}; the first time takes a minute or two",
        flush=True,
    )
    if why := pip_says(folder, extras, lock=lock):
        sys.exit(f"{why}\n{folder} could not be filled: the first time needs the network")


def renew(folder: Path, extras: str, missing: Sequence[str], *, lock: int) -> bool:
    """Bring an environment that was whole to what is asked for; return whether it is."""
    if not missing and not pip_says(folder, extras, *OFFLINE, lock=lock):
        return True  # a pyproject.toml that asks for nothing new needs no network
    print(f"renewing gmemviz[{extras}] in {folder}", flush=True)
    if why := pip_says(folder, extras, *QUICK, lock=lock):
        left = ", ".join(missing) or why.splitlines()[-1]
        print(f"{folder} could not be renewed and is used as it is: {left}", file=sys.stderr)
    return not why


def stamp_of(folder: Path) -> Path:
    """Return the file that says for what the environment was made."""
    return folder / ".installed"


def install(folder: Path, extras: str, asked: Sequence[str], *, lock: int) -> bool:
    """Fill or renew the environment; return whether it is what is asked for now."""
    said = asked_of(folder, "-I", "-c", UNMET, given="\n".join(asked))
    if said is not None and stamp_of(folder).is_file():
        return renew(folder, extras, said.splitlines(), lock=lock)
    fill(folder, extras, lock=lock)
    return True


def wanted(project: object, build: object, extras: str) -> str:
    """Return a sum of all that decides what is installed, and where."""
    everything = [str(ROOT), extras, build, project]
    return hashlib.sha256(json.dumps(everything).encode()).hexdigest()


def is_made(folder: Path, text: str) -> bool:
    """Return whether nothing is to be done; a Python that has gone takes the environment along."""
    stamp = stamp_of(folder)
    has_python = Path(python_of(folder)).exists()
    return has_python and stamp.is_file() and stamp.read_text(encoding="utf-8") == text


def put_settings(folder: Path) -> None:
    """Give JupyterLab the settings that the notebooks are shown with."""
    place = folder / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    if not place.is_file() or place.read_bytes() != SETTINGS.read_bytes():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SETTINGS, place)


def main() -> int:
    """Install where something is to be installed."""
    folder, extras = Path(sys.argv[1]).absolute(), sys.argv[2]
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = requirements(config["project"], [name for name in extras.split(",") if name])
    text = wanted(config["project"], config["build-system"], extras)
    with alone(folder) as lock:
        if not is_made(folder, text) and install(folder, extras, asked, lock=lock):
            stamp_of(folder).write_text(text, encoding="utf-8")
        put_settings(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
