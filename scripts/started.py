"""Start Python once, when the site is made, and keep its memory, so that a browser need not.

Node.js runs scripts/site_files/started.mjs for that, with Pyodide: it compiles what Python imports,
imports gmemviz, and writes down what memory is then. A browser lays it over a memory of its own.
"""

import gzip
import io
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from gmemviz.errors import GmemvizError, MissingToolError
from gmemviz.facts import kernels
from gmemviz.whole import write_whole

FILES: Final = Path(__file__).resolve().parent / "site_files"
STAMP: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip: equal input gives equal bytes."""

LATER: Final = ("gmemviz/facts/data/", "gmemviz/derive/")
"""Data that the first answer does not need, but for the facts of the newest kernel."""

PATIENCE: Final = 300  # seconds: it takes fifteen on a machine with nothing else to do


class Started(NamedTuple):
    """Hold the files of a Python that has started, by name, and what a browser must know of them.

    `kept` is what memory.mjs reads: how much memory there is, and what it began as.
    """

    files: Mapping[str, bytes]
    kept: Mapping[str, Any]


def started(pyodide: Mapping[str, bytes], package: bytes) -> Started:
    """Return what starts `package`, a zip, under a Pyodide whose files are given by name.

    MissingToolError where there is no Node.js; GmemvizError says what of Pyodide failed.
    """
    node = shutil.which("node")
    if not node:
        raise MissingToolError("the site starts Python once: apt-get install nodejs")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyodide").mkdir()
        for inside, content in pyodide.items():
            write_whole(folder / "pyodide" / inside, content)
        write_whole(folder / "package.zip", package)
        command: list[str | Path] = [
            node,
            FILES / "started.mjs",
            folder / "pyodide",
            folder / "package.zip",
        ]
        command += [FILES / "compiled.py", folder]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        if done.returncode:
            raise GmemvizError(f"Python did not start: {done.stderr.strip()[-500:]}")
        made = {each: (folder / each).read_bytes() for each in ("python.zip", "gmemviz.zip")}
        memory = (folder / "memory.bin").read_bytes()
        kept = json.loads((folder / "memory.json").read_text(encoding="utf-8"))
    made["memory.gz"] = gzip.compress(memory, 9, mtime=0)
    made["first.zip"] = first(package)
    made["none.zip"] = _zipped({})
    return Started(made, kept)


def first(package: bytes) -> bytes:
    """Return the data that a package's first answer may read, as a zip; its modules are started."""
    newest = f"gmemviz/facts/data/{kernels()[-1]}.json.gz"
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        wanted = (
            name
            for name in archive.namelist()
            if name == newest or not (name.endswith(".py") or name.startswith(LATER))
        )
        return _zipped({name: archive.read(name) for name in wanted})


def _zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, STAMP), files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()
