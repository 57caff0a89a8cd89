"""Lay words and boxes out by hand on a sheet the size of a slide: no engine moves them."""

import io
from functools import cached_property
from typing import Final

from gmemviz.errors import MissingToolError
from gmemviz.parts import needs
from gmemviz.render import engine
from gmemviz.render.drawing import UNSEEN, Attributes, Drawing, Node, element_id, image
from gmemviz.render.theme import MARKS
from gmemviz.shown import Text

WIDTH: Final = 952.0
HEIGHT: Final = 532.0
"""13.3 by 7.5 inches with Graphviz's margin; all is in points, y downwards."""

LEFT, RIGHT = "\ue000", "\ue001"
"""End words that begin at their left edge, or end at their right one."""

BOLD: Final = (("fontname", "Helvetica-Bold"),)

SIZES: Final = {3: "7", 4: "6"}
"""Of the longer signs, by their letters."""

Place = tuple[float, float, float, float]
"""Of a node: x and y of its upper left corner, its width and height."""


class Sheet(Drawing):
    """Hold a Drawing whose nodes say where they are; make it with `graph=Sheet.GRAPH`."""

    GRAPH: Final = (("layout", "nop"),)

    @cached_property
    def dot(self) -> str:
        r"""Return the DOT text, with `\l` and `\r`, which `engine.quote` takes for text."""
        return Text(super().dot.replace(LEFT, r"\l").replace(RIGHT, r"\r"))

    @property
    def image(self) -> str:
        """Return the picture as PNG: a ninth of the SVG's size, and a notebook keeps it."""
        try:
            drawn = engine.render(self.dot, "png")
        except MissingToolError:  # a host's engine makes SVG alone
            return super().image
        return Text(image(_small(drawn), "image/png", self.title))


# An opaque PNG of 256 colours is a third as large, and on white it looks the same.
def _small(picture: bytes) -> bytes:
    with needs("lab"):
        from PIL import Image  # only a notebook's picture needs it

    drawn = Image.open(io.BytesIO(picture)).convert("RGBA")
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    written = io.BytesIO()
    # MAXCOVERAGE keeps a colour that only one mark has; the others give it away.
    few = paper.convert("RGB").quantize(
        256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
    )
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


def at(place: Place, *, bottom: float = HEIGHT, margin: str = "0") -> Attributes:
    """Return the attributes of a node that stands at `place`.

    The engine `nop` leaves a node where `pos` says that its centre is, in points, y upwards; its
    size is in inches. `bottom` is where the sheet's lower edge is, from above.
    """
    x, y, width, height = place
    return (
        ("pos", f"{x + width / 2:g},{bottom - y - height / 2:g}"),
        ("width", f"{width / 72:.4f}"),
        ("height", f"{height / 72:.4f}"),
        ("fixedsize", "true"),
        ("margin", margin),
    )


def page() -> Node:
    """Return the unseen node that makes a picture as large as the sheet."""
    return Node("page", "", "note", " ", extra=(*at((0, 0, WIDTH, HEIGHT)), *UNSEEN))


def words(
    text: str, x: float, y: float, width: float, *, size: float = 8.5, bold: bool = False,
    end: str = LEFT,
) -> Node:  # fmt: skip
    """Return a line of words at the left edge of its room, or with `end=RIGHT` at the right."""
    bare = (("style", ""), ("tooltip", ""))
    font = (("fontsize", f"{size:g}"), *(BOLD if bold else ()))
    extra = (*at((x, y, width, 1.4 * size)), *font, *bare)
    name = element_id("words", f"{x:g}", f"{y:g}")
    return Node(name, text + end, "note", shape="plaintext", extra=extra)


def box(name: str, text: str, look: str, tooltip: str, place: Place, *, mark: str = "") -> Node:
    """Return a filled box with a sign in it; `place` is x, y, width and height.

    One that is `confirmed` has a folded corner, one that `disagrees` a thick frame.
    """
    font = (("fontsize", SIZES.get(len(text), "9")), *BOLD)
    extra = (*at(place), ("style", "filled"), *font)
    if worn := MARKS.get(mark):
        frame = (("color", worn.stroke), ("penwidth", f"{worn.width:g}"))
        extra = (*extra, *frame, ("class", f"{look} {mark}"))
    shape = "note" if mark == "confirmed" else "box"
    return Node(name, text, look, tooltip, shape=shape, extra=extra)


def rule(x: float, top: float, bottom: float) -> Node:
    """Return an upright line."""
    line = (("style", "filled"), ("penwidth", "0.5"))
    name = element_id("rule", f"{x:g}", f"{top:g}")
    return Node(name, "", "chip", " ", extra=(*at((x, top, 0.01, bottom - top)), *line))
