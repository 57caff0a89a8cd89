"""Draw one step of a film as one picture, for where no widget can run.

In a notebook that is not trusted, on a forge, on paper: only an ``<img>`` with
a data URI survives there, so the look is baked in and the ground is white.
"""

import base64
import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from gmemviz.render.engine import SVG
from gmemviz.render.sheet import Place
from gmemviz.render.theme import legend
from gmemviz.text import one_line, printable, wrap

GAP: Final = 18.0
CAPTION: Final = 26.0
LETTER: Final = 10.0  # of the heading, at its widest
MAX_PIXELS: Final = 1100
TITLE: Final = 120  # characters
SAID: Final = 400  # characters of a headline
SWATCH: Final = 30.0
STRIP: Final = "lanes"
"""The picture that stands below the others, as wide as they are."""

UNSIZED: Final = (300.0, 150.0)
"""What SVG takes for the size of a picture that says none."""


class Picture(NamedTuple):
    """Give a picture in the roles of a step, and how wide and high it is."""

    name: str
    title: str
    svg: ET.Element
    width: float
    height: float


def still_step(film: Mapping[str, Any]) -> int:
    """Choose the step that tells most, counted from 0: the film's own moment, else its defect's.

    A film that says neither, as one of a stranger's making, is told by its last step.
    """
    frames, told = film["frames"], film.get("moment")
    if isinstance(told, int) and 0 <= told < len(frames):
        return told
    defects = [number for number, frame in enumerate(frames) if frame["defect"]]
    return defects[0] if defects else len(frames) - 1


def still_html(film: Mapping[str, Any], css: str = "") -> str:
    """Return one ``<img>`` that shows the film's most telling step."""
    step = still_step(film)
    frame = film["frames"][step]
    title, count = one_line(film["title"], TITLE), len(film["frames"])
    words = " ".join(filter(None, (frame["label"], frame["sentence"], frame["defect"])))
    alt = f"{title} ({film['origin']}), step {step + 1} of {count}: {words}"
    if film.get("headline"):
        alt = f"{one_line(film['headline'], SAID)} {alt}"
    svg = still_svg(film, step, css=css)
    data = base64.b64encode(svg.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(alt)}">'


def still_svg(film: Mapping[str, Any], step: int, *, css: str = "") -> str:
    """Return all pictures at `step`, counted from 0, side by side as one SVG.

    Above them stand the film's headline, where it has one, and what the step does; below, what the
    looks mean that are worn at this step. `film` is as `Film.to_json` gives it, and `css` has a
    rule a line.
    """
    frame = film["frames"][step]
    pictures = [_picture(picture, frame["roles"]) for picture in film["pictures"]]
    pictures.sort(key=lambda picture: picture.name == STRIP)
    width, height, places = _places(pictures)
    heading = _heading(film, step)
    width = max(width, 2 * GAP + LETTER * len(heading))
    room = int((width - 2 * GAP) / LETTER)
    bold = [*wrap(one_line(film.get("headline", ""), SAID), width=room), heading]
    lines = [*bold, *wrap(frame["sentence"], width=room)]
    lower = CAPTION * max(len(lines) - 2, 0)
    height += lower
    looks = _looks(pictures, width)
    height += CAPTION * len({row for _, _, row in looks})
    # The theme's rules are those of a picture of class gm, and the legend stands in none.
    view = {"viewBox": f"0 0 {width:g} {height:g}", "class": "gm"}
    root = ET.Element(f"{{{SVG}}}svg", view)
    scale = min(1.0, MAX_PIXELS / width)
    root.attrib |= {"width": f"{width * scale:.0f}", "height": f"{height * scale:.0f}"}
    style = ET.SubElement(root, f"{{{SVG}}}style")
    ET.SubElement(root, f"{{{SVG}}}rect", {"width": "100%", "height": "100%", "fill": "white"})
    for number, line in enumerate(lines, 1):
        _text(root, GAP, number * CAPTION - 4, line, bold=number <= len(bold))
    for picture, (x, upper, wide, high) in zip(pictures, places, strict=True):
        y = upper + lower
        _text(root, x, y - 6, picture.title)
        picture.svg.attrib |= {"x": f"{x:.1f}", "y": f"{y:.1f}"}
        picture.svg.attrib |= {"width": f"{wide:.1f}", "height": f"{high:.1f}"}
        root.append(picture.svg)
    for entry, x, row in looks:
        _swatch(root, entry, x, height - GAP / 2 - CAPTION * (looks[-1][2] - row))
    style.text = _needed(css, root)
    return ET.tostring(root, encoding="unicode")


def _heading(film: Mapping[str, Any], step: int) -> str:
    frame, title = film["frames"][step], one_line(film["title"], TITLE)
    # Of a leak the step that tells is not the one at which nothing is left to run.
    codes = [each["defect"] for each in film["frames"] if each["defect"]]
    defect = f" \u2716 {codes[0]}" if codes and step == still_step(film) else ""
    return f"{title} ({film['origin']}), step {step + 1}: {frame['label']}{defect}"


# The legend that these pictures need, each entry with its place from the left and its row: what
# nobody wears at this step is not explained.
def _looks(pictures: Sequence[Picture], width: float) -> list[tuple[dict[str, str], float, int]]:
    worn: set[str] = set()
    for picture in pictures:
        for element in picture.svg.iter():
            worn |= {name[5:] for name in element.get("class", "").split() if name[:5] == "role-"}
    places: list[tuple[dict[str, str], float, int]] = []
    x, row = GAP, 0
    for entry in legend(*worn):
        wide = SWATCH + 8 * len(entry["label"]) + 2 * GAP
        if x + wide > width and x > GAP:
            x, row = GAP, row + 1
        places.append((entry, x, row))
        x += wide
    return places


def _swatch(root: ET.Element, entry: Mapping[str, str], x: float, y: float) -> None:
    worn = ET.SubElement(root, f"{{{SVG}}}g", {"class": f"node role-{entry['role']}"})
    corners = f"{x:g},{y - 13:g} {x + 24:g},{y - 13:g} {x + 24:g},{y:g} {x:g},{y:g}"
    ET.SubElement(worn, f"{{{SVG}}}polygon", {"points": corners})
    _text(root, x + SWATCH, y - 1, f"{entry['symbol']} {entry['label']}")


# A notebook keeps many of these pictures: the rules, one a line, that none of their elements
# follows are left out, as are the empty lines between elements.
def _needed(css: str, root: ET.Element) -> str:
    there: set[str] = set()
    for element in root.iter():
        there.update(element.get("class", "").split())
        element.tail = None
    return "\n".join(line for line in css.splitlines() if _classes(line) <= there)


def _classes(rule: str) -> set[str]:
    shared = {"gm", "node", "edge", "cluster"}
    return set(re.findall(r"\.([a-z][\w-]*)", rule.partition("{")[0])) - shared


def _picture(picture: Mapping[str, str], roles: Mapping[str, str]) -> Picture:
    svg = ET.fromstring(picture["svg"])
    _unwrap(svg)
    for element in list(svg.iter()):
        role = roles.get(element.attrib.pop("id", ""))  # a picture has no other use for it
        if role:
            element.set("class", f"{element.get('class', '')} role-{role}".strip())
        for title in element.findall(f"{{{SVG}}}title"):
            element.remove(title)
    numbers = svg.get("viewBox", "").replace(",", " ").split()
    size = (float(numbers[2]), float(numbers[3])) if len(numbers) == 4 else UNSIZED
    return Picture(picture["name"], picture["title"], svg, *size)


# Graphviz wraps what has a tooltip in <g id="a_..."><a>; the theme's rules want it as a child.
def _unwrap(element: ET.Element) -> None:
    children: list[ET.Element] = []
    for child in element:
        _unwrap(child)
        is_wrapper = child.tag == f"{{{SVG}}}a" or child.get("id", "").startswith("a_")
        children += child if is_wrapper else [child]
    element[:] = children


# First picture left, the others stacked right of it, the strip below: what player.js does, in sizes
# of the drawings' own points. Returns the width and the height of all, and the place of each.
def _places(pictures: Sequence[Picture]) -> tuple[float, float, list[Place]]:
    upper = [picture for picture in pictures if picture.name != STRIP]
    left = upper[0].width if upper else 600.0
    beside = max((picture.width for picture in upper[1:]), default=0.0)
    width = GAP + left + (GAP + beside if beside else 0) + GAP
    top = floor = stacked = 3 * CAPTION + GAP / 2
    places: list[Place] = []
    for picture in upper:
        if not places:
            places.append((GAP, top, picture.width, picture.height))
            floor = top + picture.height
        else:
            places.append((2 * GAP + left, stacked, picture.width, picture.height))
            floor = max(floor, stacked + picture.height)
            stacked += picture.height + CAPTION
    if len(upper) < len(pictures):
        floor += CAPTION
    lowest = floor
    for strip in pictures[len(upper) :]:
        scale = min(1.2, (width - 2 * GAP) / strip.width)
        places.append((GAP, floor, scale * strip.width, scale * strip.height))
        lowest = max(lowest, floor + scale * strip.height)
    return width, lowest + GAP, places


def _text(root: ET.Element, x: float, y: float, words: str, *, bold: bool = False) -> None:
    look = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-family": "sans-serif", "font-size": "14"}
    if bold:
        look |= {"font-weight": "bold", "font-size": "16"}
    # XML has no words for what a terminal obeys.
    ET.SubElement(root, f"{{{SVG}}}text", look).text = printable(words)
