"""Run a DOT program: the one place where Graphviz is called."""

import importlib
import os
import re
import shutil
import subprocess
import sysconfig
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from gmemviz.errors import MissingToolError, choice
from gmemviz.facts.whole import write_whole

__all__ = ("Format", "engine", "quote", "render", "save", "svg", "svgs")

Format = Literal["svg", "png", "pdf"]
"""What an engine can make of DOT."""

FORMATS: Final[dict[str, Format]] = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
PURE: Final = "graphviz-pure"
TIME_LIMIT_S: Final = 60
SVG: Final = "http://www.w3.org/2000/svg"

NO_ENGINE: Final = (
    "no Graphviz engine found: `conda install -c conda-forge graphviz`, "
    "`pip install pygraphviz graphviz-pure` or `apt-get install graphviz` brings one "
    "(or let GMEMVIZ_DOT name a dot program)"
)

# XML has no words for these, so no picture can carry them.
UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# Graphviz's own library is not made for threads.
IN_PROCESS: Final = threading.Lock()


def engine() -> str:
    """Name the engine in use: the path of a program, or ``pygraphviz``.

    The order is GMEMVIZ_DOT, a `dot` on PATH, pygraphviz inside this process, graphviz-pure.
    """
    if named := os.environ.get("GMEMVIZ_DOT"):
        found = shutil.which(named)
        if found is None:
            raise MissingToolError(f"GMEMVIZ_DOT={named} is not a program; {NO_ENGINE}")
        return found
    if found := shutil.which("dot"):
        return found
    if _wheel():
        return "pygraphviz"
    # Its wheel puts the program beside Python, which an unactivated environment leaves off PATH.
    if found := shutil.which(PURE) or shutil.which(PURE, path=sysconfig.get_path("scripts")):
        return found
    raise MissingToolError(NO_ENGINE)


def _wheel() -> Any:
    # Installed is not enough: on a bare system the wheel misses libraries and does not load.
    try:
        return importlib.import_module("pygraphviz")
    except ImportError:
        return None


def render(source: str, fmt: Format) -> bytes:
    """Lay out the DOT program `source` and return the picture as the engine wrote it."""
    choice("format", fmt, FORMATS.values())
    name = engine()
    if fmt == "pdf" and Path(name).name == PURE:
        raise MissingToolError(
            f"{PURE} makes no PDF; `apt-get install graphviz` brings a dot that does"
        )
    return _in_process(source, fmt) if name == "pygraphviz" else _program(name, source, fmt)


def _in_process(source: str, fmt: Format) -> bytes:
    wheel = _wheel()
    try:
        with IN_PROCESS:
            picture: bytes = wheel.AGraph(string=source).draw(format=fmt, prog="dot")
    except (wheel.DotError, ValueError, OSError) as error:
        raise ValueError(f"pygraphviz refused the drawing: {error}") from error
    return picture


def _program(path: str, source: str, fmt: Format) -> bytes:
    try:
        done = subprocess.run(
            [path, f"-T{fmt}"],
            input=source.encode(),
            capture_output=True,
            timeout=TIME_LIMIT_S,
            check=False,
        )
    except OSError as error:
        raise MissingToolError(f"{path} does not run: {error.strerror}; {NO_ENGINE}") from error
    except subprocess.TimeoutExpired:
        raise ValueError(f"{path} had no picture after {TIME_LIMIT_S} seconds") from None
    if done.returncode or not done.stdout:
        said = " ".join(done.stderr.decode(errors="replace").split()) or "it drew nothing"
        raise ValueError(f"{path} refused the drawing: {said}")
    return done.stdout


@lru_cache(maxsize=512)
def svg(source: str) -> str:
    """Return the picture of `source` as one ``<svg>`` element to be put into a page.

    It carries ids and classes as given, no comment, and a viewBox in place of a size.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ET.fromstring(render(source, "svg"))
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    return ET.tostring(root, encoding="unicode")


def svgs(sources: Iterable[str]) -> list[str]:
    """Return `svg` of each source, several at once."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(svg, sources))


def save(source: str, path: str | os.PathLike[str]) -> None:
    """Write the picture of `source` to `path`, whose suffix says in which format.

    The file appears whole or not at all.
    """
    target = Path(path)
    suffix = choice(f"suffix of {target}", target.suffix.lower(), (*FORMATS, ".dot"))
    picture = source.encode() if suffix == ".dot" else render(source, FORMATS[suffix])
    write_whole(target, picture)


def quote(text: str) -> str:
    r"""Return `text` as a DOT string that shows exactly this text, whatever is in it.

    >>> quote('<b> & "so"')
    '"<b> &amp; \\"so\\""'
    """
    from graphviz import escape, quoting  # needed only when drawing

    plain = UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text).replace("&", "&amp;")
    quoted: str = quoting.quote(escape(plain))
    return quoted.replace("\n", r"\n")
