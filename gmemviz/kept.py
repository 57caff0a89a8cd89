"""Keep what was dear to find out in the user's cache folder, by what it was found out from.

    kept = user_cache()
    kept.get(key) or kept.put(key, worked_out())

A key is made of all that an answer depends on (`content_key`), so that nothing is ever out of date:
what has changed has another key. A file that is damaged counts as none and is written anew, and
where nothing can be written nothing is kept, and nobody is told. Below every room.
"""

import hashlib
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeVar

from gmemviz.errors import OutputError
from gmemviz.whole import open_regular, write_whole

VARIABLE: Final = "GMEMVIZ_CACHE"
"""The folder to keep things in; set and empty, nothing is kept."""

MOST: Final = 5_000
"""Files that are kept. Of more, the half that was written longest ago is forgotten: all tables of
some twenty trees have room."""

LARGEST: Final = 50_000_000  # bytes of a file that is still read
PARTS: Final = (".py", ".toml", ".gz", ".xz")
"""Files of the package that an answer may depend on."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class Store:
    """Keep JSON-plain values by key in one folder, or nothing where that is None."""

    folder: Path | None = None

    def get(self, key: str) -> Any:
        """Return what is kept under a key, or None."""
        if self.folder is None:
            return None
        with suppress(OSError, ValueError):
            with open_regular(self.folder / key) as file:
                digest, _, text = file.read(LARGEST).partition(b"\n")
            if digest.decode() == hashlib.sha256(text).hexdigest():
                return json.loads(text)
        return None

    def put(self, key: str, value: Value) -> Value:
        """Keep a value under a key, whole or not at all, and return it."""
        if self.folder is not None:
            text = json.dumps(value).encode()
            with suppress(OSError, OutputError):
                self.folder.mkdir(parents=True, exist_ok=True)
                target = self.folder / key
                write_whole(target, hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        return value

    def prune(self, most: int = MOST) -> None:
        """Forget the older half where there is more than `most`."""
        with suppress(OSError):
            found = sorted(self.folder.iterdir(), key=_age) if self.folder else []
            for old in found[: len(found) // 2 if len(found) > most else 0]:
                old.unlink(missing_ok=True)


def _age(file: Path) -> float:
    return file.stat().st_mtime


def user_cache(room: str) -> Store:
    """Return what is kept for one purpose, in the folder where this system keeps such things."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Store(Path(named) / room if named else None)
    with suppress(RuntimeError):  # nobody's home
        return Store(_folder() / "gmemviz" / room)
    return Store()


# As the freedesktop, Apple and Microsoft rules have it.
def _folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if named.startswith("/") else Path.home() / ".cache"


def content_key(value: object) -> str:
    """Return the key of an answer that JSON-plain `value` and gmemviz's own files decide.

    >>> content_key({"a": 1}) == content_key({"a": 1}) != content_key({"a": 2})
    True
    """
    text = json.dumps([own_files(), value])
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def own_files() -> str:
    """Return the digest of the package: an answer of another version is another answer."""
    digest = hashlib.sha256()
    for name, part in sorted(_parts(files("gmemviz"), "")):
        digest.update(f"{name} {len(part)} ".encode() + part)
    return digest.hexdigest()


def _parts(folder: Traversable, above: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        name = f"{above}/{entry.name}"
        if entry.is_dir():
            found += _parts(entry, name)
        elif name.endswith(PARTS):
            found.append((name, entry.read_bytes()))
    return found
