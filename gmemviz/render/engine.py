"""Turn DOT into pictures: the one place where Graphviz runs, always as a process of its own.

Here is which program draws, and what becomes of one that does not. `render` alone asks for a
picture, so a host that can start no process puts an engine of its own there with `draw_with`.
"""

import os
import re
import shutil
import signal
import subprocess
import sysconfig
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from gmemviz.errors import MissingToolError, choice
from gmemviz.facts.whole import write_whole

__all__ = (
    "FONT", "Draw", "Format", "draw_with", "engine", "quote", "render", "save", "svg", "svgs"
)  # fmt: skip

Format = Literal["svg", "png", "pdf"]
"""What an engine can make of DOT."""

Draw = Callable[[str], str]
"""A host's own engine: it is given DOT and returns SVG, or raises ValueError."""

FONT: Final = "DejaVu Sans"
"""The font that pictures are laid out in: graphviz-pure knows its widths wherever it runs."""

FORMATS: Final[dict[str, Format]] = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
PURE: Final = "graphviz-pure"
TIME_LIMIT_S: Final = 60
SAID_AT_MOST: Final = 300
SVG: Final = "http://www.w3.org/2000/svg"

NO_ENGINE: Final = (
    "no Graphviz engine found: `pip install graphviz-pure`, "
    "`conda install -c conda-forge graphviz` or `apt-get install graphviz` brings one "
    "(or let GMEMVIZ_DOT name a dot program)"
)
NO_PDF: Final = (
    "graphviz-pure makes no PDF: `apt-get install graphviz` or "
    "`conda install -c conda-forge graphviz` brings a dot that does "
    "(or let GMEMVIZ_DOT name one); .svg and .png need none"
)
HOST_MAKES_SVG: Final = "the engine of this host makes SVG, no {}: save the picture as .svg"

# XML has no words for these, so no picture can carry them.
UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# Where a page has no such font, a like one; layout asks for the one alone, whose widths are known.
IN_SVG: Final = f'font-family="{FONT}"'.encode()
WITH_OTHERS: Final = f'font-family="{FONT}, Helvetica, sans-serif"'.encode()

# A PNG by graphviz-pure is set in the fonts that it carries: one is like Helvetica, and these
# signs, which it lacks, have one in it that is nearest.
STAND_INS: Final = str.maketrans("✓◆▷⊣▣⋯⇢", "√♦►┤■…→")

_HOST: Final[list[Draw]] = []


def draw_with(draw: Draw | None) -> None:
    """Let `draw` turn DOT into SVG from now on, or a program of this machine again with None.

    It is for a host that can start no process, such as Python in a browser: no program is looked
    for, nothing is drawn in another thread, and a PNG or PDF is refused with MissingToolError.
    """
    _HOST[:] = [draw] if draw else []
    svg.cache_clear()


def engine(fmt: Format = "svg") -> str:
    """Return the path of the program that makes `fmt`.

    The order is what GMEMVIZ_DOT names, graphviz-pure, a `dot` on PATH; a PDF is made by the
    first of them that is another than graphviz-pure. MissingToolError says how to get one.
    """
    found = list(_programs())
    able = [path for path in found if fmt != "pdf" or not _is_pure(path)]
    if not able:
        raise MissingToolError(NO_PDF if found else NO_ENGINE)
    return able[0]


def _programs() -> Iterator[str]:
    if named := os.environ.get("GMEMVIZ_DOT"):
        found = shutil.which(named)
        if found is None:
            raise MissingToolError(f"GMEMVIZ_DOT={named} is not a program; {NO_ENGINE}")
        yield found
    # Its wheel puts it beside Python, which an unactivated environment leaves off PATH.
    if found := shutil.which(PURE, path=sysconfig.get_path("scripts")) or shutil.which(PURE):
        yield found
    if found := shutil.which("dot"):
        yield found


def _is_pure(path: str) -> bool:
    return Path(path).stem == PURE


def render(source: str, fmt: Format) -> bytes:
    """Lay out the DOT program `source` and return the picture in `fmt`.

    ValueError says in a sentence what the engine did instead of drawing.
    """
    choice("format", fmt, FORMATS.values())
    if _HOST:
        return _by_host(_HOST[0], source, fmt)
    path = engine(fmt)
    if fmt == "png" and _is_pure(path):
        source = _in_its_fonts(source)
    picture = _drawn(path, source, fmt)
    return picture.replace(IN_SVG, WITH_OTHERS) if fmt == "svg" else picture


def _by_host(draw: Draw, source: str, fmt: Format) -> bytes:
    if fmt != "svg":
        raise MissingToolError(HOST_MAKES_SVG.format(fmt.upper()))
    return draw(source).encode().replace(IN_SVG, WITH_OTHERS)


# In DOT a quotation mark within a string is escaped, so no label is taken for an attribute.
def _in_its_fonts(source: str) -> str:
    return source.replace(f'fontname="{FONT}"', 'fontname="Helvetica"').translate(STAND_INS)


def _drawn(path: str, source: str, fmt: Format) -> bytes:
    try:
        status, picture, said = _run([path, f"-T{fmt}"], source.encode())
    except OSError as error:
        raise MissingToolError(f"{path} does not run: {error.strerror}; {NO_ENGINE}") from error
    except subprocess.TimeoutExpired:
        raise ValueError(f"{path} had no picture after {TIME_LIMIT_S} seconds") from None
    if status < 0:
        raise ValueError(f"{path} died of {_signal(-status)} while it drew")
    if status or not picture:
        nothing = f"it ended with status {status}" if status else "it drew nothing"
        words = textwrap.shorten(said.decode(errors="replace"), SAID_AT_MOST) or nothing
        raise ValueError(f"{path} refused the drawing: {words}")
    return picture


# A script that GMEMVIZ_DOT names may start others, which hold its pipes: all of them are ended.
def _run(command: list[str], given: bytes) -> tuple[int, bytes, bytes]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
    ) as process:
        try:
            written, said = process.communicate(given, timeout=TIME_LIMIT_S)
        finally:
            if process.poll() is None:
                _end(process)
    return process.returncode, written, said


def _end(process: "subprocess.Popen[bytes]") -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _signal(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


@lru_cache(maxsize=512)
def svg(source: str) -> str:
    """Return the picture of `source` as one ``<svg>`` element to be put into a page.

    It carries ids and classes as given, no comment, and a viewBox in place of a size.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = _root(render(source, "svg"))
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    return ET.tostring(root, encoding="unicode")


def _root(picture: bytes) -> ET.Element:
    try:
        return ET.fromstring(picture)
    except ET.ParseError as error:
        raise ValueError(f"what the engine drew is no SVG: {error}") from None


def svgs(sources: Iterable[str]) -> list[str]:
    """Return `svg` of each source, several at once where programs draw."""
    if _HOST:
        return list(map(svg, sources))
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
