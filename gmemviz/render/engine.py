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
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, Literal

from gmemviz.errors import DrawingError, MissingToolError, choice, shown
from gmemviz.parts import needs
from gmemviz.whole import write_whole

Format = Literal["svg", "png", "pdf"]

Draw = Callable[[str], str]
"""A host's own engine: it is given DOT and returns SVG, or raises ValueError."""

FONT: Final = "DejaVu Sans"
"""The font that pictures are laid out in: graphviz-pure knows its widths wherever it runs."""

FORMATS: Final[dict[str, Format]] = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
PURE: Final = "graphviz-pure"
TIME_LIMIT_S: Final = 60
COMPLAINT: Final = 300
"""Characters of what an engine wrote on stderr, in an error of ours."""

LARGEST: Final = 100_000_000
"""Bytes of a picture; an engine that goes on writing is ended."""

A_LOOK: Final = 0.2
"""Seconds after which it is seen at the latest that an engine writes without end."""

SIGNS: Final[dict[Format, bytes]] = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}
"""What a picture has near its beginning; an engine's status alone does not tell that it drew."""

SIGN_WITHIN: Final = 4096
SVG: Final = "http://www.w3.org/2000/svg"
ET.register_namespace("", SVG)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")

NO_ENGINE: Final = (
    "no Graphviz engine found: `pip install 'gmemviz[draw]'`, "
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
_DRAWING: Final[set["subprocess.Popen[bytes]"]] = set()


def draw_with(draw: Draw | None) -> None:
    """Let `draw` turn DOT into SVG from now on, or a program of this machine again with None.

    It is for a host that can start no process, such as Python in a browser: no program is looked
    for, nothing is drawn in another thread, and a PNG or PDF is refused with MissingToolError.
    """
    given: object = draw
    if given is not None and not callable(given):
        raise TypeError(f"draw must be a function from DOT to SVG, not {shown(given)}")
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

    DrawingError says in a sentence what the engine did instead of drawing, MissingToolError how
    to get one that makes `fmt`.
    """
    choice("format", fmt, FORMATS.values())
    maker = _maker(fmt)
    if not isinstance(maker, str):
        return _by_host(maker, source).replace(IN_SVG, WITH_OTHERS)
    if fmt == "png" and _is_pure(maker):
        # A quote in a string is escaped, so no label is taken for an attribute.
        source = source.replace(f'fontname="{FONT}"', 'fontname="Helvetica"').translate(STAND_INS)
    picture = _drawn(maker, source, fmt)
    return picture.replace(IN_SVG, WITH_OTHERS) if fmt == "svg" else picture


def _by_host(draw: Draw, source: str) -> bytes:
    picture: object = draw(source)
    if not isinstance(picture, str) or not picture.strip():
        raise ValueError(f"the engine of this host drew no SVG: it returned {shown(picture)}")
    return picture.encode()


def _maker(fmt: Format) -> str | Draw:
    # A program's path, or the host's own engine.
    if not _HOST:
        return engine(fmt)
    if fmt != "svg":
        raise MissingToolError(HOST_MAKES_SVG.format(fmt.upper()))
    return _HOST[0]


def _drawn(path: str, source: str, fmt: Format) -> bytes:
    # Files, not pipes: a program that a script left behind would hold a pipe open.
    with TemporaryFile() as dot, TemporaryFile() as picture, TemporaryFile() as complaint:
        dot.write(source.encode())
        dot.seek(0)
        status = _run([path, f"-T{fmt}"], dot, picture, complaint)
        picture.seek(0)
        complaint.seek(0)
        drawn, said = picture.read(), complaint.read().decode(errors="replace")
    if status < 0:
        raise DrawingError(f"{path} died of {_signal(-status)} while it drew")
    if status or not drawn:
        nothing = f"it ended with status {status}" if status else "it drew nothing"
        raise DrawingError(
            f"{path} refused the drawing: {textwrap.shorten(said, COMPLAINT) or nothing}"
        )
    if SIGNS[fmt] not in drawn[:SIGN_WITHIN]:
        raise DrawingError(f"what {path} drew is no {fmt.upper()}")
    return drawn


# Returns the status once the program has ended; then nothing that it started is left, in whatever
# way we get out of here.
def _run(command: list[str], dot: IO[bytes], picture: IO[bytes], complaint: IO[bytes]) -> int:
    path = command[0]
    try:
        process = subprocess.Popen(
            command, stdin=dot, stdout=picture, stderr=complaint, start_new_session=True
        )
    except OSError as error:
        raise MissingToolError(f"{path} does not run: {error.strerror}; {NO_ENGINE}") from error
    _DRAWING.add(process)
    deadline = time.monotonic() + TIME_LIMIT_S
    try:
        while process.returncode is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(min(A_LOOK, TIME_LIMIT_S))
            if max(os.fstat(file.fileno()).st_size for file in (picture, complaint)) > LARGEST:
                raise DrawingError(f"{path} wrote more than {LARGEST:,} bytes")
            if process.returncode is None and time.monotonic() >= deadline:
                raise DrawingError(f"{path} had no picture after {TIME_LIMIT_S} seconds")
    finally:
        _end(process)
        process.wait()
        _DRAWING.discard(process)
    return process.returncode


# Its session too, which is a process group: a script may have started others.
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

    It carries ids and classes as given, no comment, and a viewBox in place of a size. The same
    source is drawn once.
    """
    try:
        root = ET.fromstring(render(source, "svg"))
    except ET.ParseError as error:
        raise DrawingError(f"what the engine drew is no SVG: {error}") from None
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    return ET.tostring(root, encoding="unicode")


def svgs(sources: Iterable[str]) -> list[str]:
    """Return `svg` of each source, several at once where programs draw."""
    if _HOST:
        return list(map(svg, sources))
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        futures = [pool.submit(svg, source) for source in sources]
        try:
            return [future.result() for future in futures]
        except BaseException as end:
            for future in futures:
                future.cancel()
            # The pool waits for what is being drawn; one may have begun since the last look.
            while isinstance(end, KeyboardInterrupt) and any(map(Future.running, futures)):
                for process in tuple(_DRAWING):
                    _end(process)
                time.sleep(A_LOOK / 10)
            raise


def save(source: str, path: str | os.PathLike[str]) -> None:
    """Write the picture of `source` to `path`, whose suffix says in which format.

    The file appears whole or not at all.
    """
    target = Path(path)
    suffix = _suffix(target)
    picture = source.encode() if suffix == ".dot" else render(source, FORMATS[suffix])
    write_whole(target, picture)


def refuse_unmakable(path: Path) -> None:
    """Raise what `save` would for the suffix of `path`, before there is anything to draw.

    UnknownNameError where it is none of a picture, MissingToolError where nothing makes such.
    """
    with needs("draw"):
        import graphviz  # noqa: F401 (`quote` needs it, once there is something to draw)

    if (suffix := _suffix(path)) != ".dot":
        _maker(FORMATS[suffix])


def _suffix(target: Path) -> str:
    return choice(f"suffix of {target}", target.suffix.lower(), (*FORMATS, ".dot"))


def quote(text: str) -> str:
    r"""Return `text` as a DOT string that shows exactly this text, whatever is in it.

    >>> quote('<b> & "so"')
    '"<b> &amp; \\"so\\""'
    """
    with needs("draw"):
        from graphviz import escape, quoting  # needed only when drawing

    plain = UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text).replace("&", "&amp;")
    quoted: str = quoting.quote(escape(plain))
    return quoted.replace("\n", r"\n")
