"""Draw one step of a film as one picture, for where no widget can run.

In a notebook that is not trusted, on a forge, on paper: only an ``<img>`` with
a data URI survives there, so the look is baked in and the ground is white.
"""

import base64
import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any, Final

from gmemviz.text import one_line, printable, wrap

SVG: Final = "http://www.w3.org/2000/svg"
GAP: Final = 18.0
CAPTION: Final = 26.0
LETTER: Final = 10.0  # of the heading, at its widest
MAX_PIXELS: Final = 1100
TITLE: Final = 120  # characters

ET.register_namespace("", SVG)


def still_step(film: Mapping[str, Any]) -> int:
    """Choose the step that tells most: the first defect, else the last."""
    frames = film["frames"]
    defects = [number for number, frame in enumerate(frames) if frame["defect"]]
    return defects[0] if defects else len(frames) - 1


def still_html(film: Mapping[str, Any], css: str = "") -> str:
    """Return one ``<img>`` that shows the film's most telling step."""
    step = still_step(film)
    frame = film["frames"][step]
    title, count = one_line(film["title"], TITLE), len(film["frames"])
    told = " ".join(filter(None, (frame["label"], frame["sentence"], frame["defect"])))
    alt = f"{title} ({film['origin']}), step {step + 1} of {count}: {told}"
    svg = still_svg(film, step, css=css)
    data = base64.b64encode(svg.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(alt)}">'


def still_svg(film: Mapping[str, Any], step: int, *, css: str = "") -> str:
    """Return all pictures at `step` side by side as one SVG."""
    frame = film["frames"][step]
    pictures = [_restyled(picture, frame["roles"]) for picture in film["pictures"]]
    width, height, places = _places([(name, _size(svg)) for name, _, svg in pictures])
    heading = (
        f"{one_line(film['title'], TITLE)} ({film['origin']}), step {step + 1}: {frame['label']}"
    )
    if frame["defect"]:
        heading += f" \u2716 {frame['defect']}"
    width = max(width, 2 * GAP + LETTER * len(heading))
    told = wrap(frame["sentence"], width=int((width - 2 * GAP) / LETTER))
    lower = CAPTION * max(len(told) - 1, 0)
    height, places = height + lower, [(x, y + lower, w, h) for x, y, w, h in places]
    root = ET.Element(f"{{{SVG}}}svg", {"viewBox": f"0 0 {width:g} {height:g}"})
    scale = min(1.0, MAX_PIXELS / width)
    root.attrib |= {"width": f"{width * scale:.0f}", "height": f"{height * scale:.0f}"}
    style = ET.SubElement(root, f"{{{SVG}}}style")
    ET.SubElement(root, f"{{{SVG}}}rect", {"width": "100%", "height": "100%", "fill": "white"})
    _text(root, GAP, CAPTION, heading, bold=True)
    for number, line in enumerate(told, 2):
        _text(root, GAP, number * CAPTION - 4, line)
    for (_, title, svg), (x, y, w, h) in zip(pictures, places, strict=True):
        _text(root, x, y - 6, title)
        svg.attrib |= {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{w:.1f}", "height": f"{h:.1f}"}
        root.append(svg)
    style.text = _needed(css, root)
    return ET.tostring(root, encoding="unicode")


# A notebook keeps many of these pictures: the rules, one a line, that none of their elements
# follows are left out, as are the empty lines between elements.
def _needed(css: str, root: ET.Element) -> str:
    there = {name for element in root.iter() for name in element.get("class", "").split()}
    for element in root.iter():
        element.tail = None
    return "\n".join(line for line in css.splitlines() if _classes(line) <= there)


def _classes(rule: str) -> set[str]:
    shared = {"gm", "node", "edge", "cluster"}
    return set(re.findall(r"\.([a-z][\w-]*)", rule.partition("{")[0])) - shared


def _restyled(picture: Mapping[str, str], roles: Mapping[str, str]) -> tuple[str, str, ET.Element]:
    svg = ET.fromstring(picture["svg"])
    _unwrap(svg)
    for element in list(svg.iter()):
        role = roles.get(element.get("id", ""))
        if role:
            element.set("class", f"{element.get('class', '')} role-{role}".strip())
        for title in element.findall(f"{{{SVG}}}title"):
            element.remove(title)
    return picture["name"], picture["title"], svg


# Graphviz wraps what has a tooltip in <g id="a_..."><a>; the theme's rules want it as a child.
def _unwrap(element: ET.Element) -> None:
    children = []
    for child in element:
        _unwrap(child)
        is_wrapper = child.tag == f"{{{SVG}}}a" or child.get("id", "").startswith("a_")
        children += list(child) if is_wrapper else [child]
    element[:] = children


def _size(svg: ET.Element) -> tuple[float, float]:
    numbers = svg.get("viewBox", "").replace(",", " ").split()
    return (float(numbers[2]), float(numbers[3])) if len(numbers) == 4 else (300.0, 150.0)


# First picture left, the others stacked right of it, "lanes" as a strip below:
# what player.js does, in sizes of the drawings' own points.
def _places(
    sizes: list[tuple[str, tuple[float, float]]],
) -> tuple[float, float, list[tuple[float, float, float, float]]]:
    places: list[tuple[float, float, float, float]] = []
    upper = [size for name, size in sizes if name != "lanes"]
    left = upper[0][0] if upper else 600.0
    beside = max((w for w, _ in upper[1:]), default=0.0)
    width = GAP + left + (GAP + beside if beside else 0) + GAP
    top = 3 * CAPTION + GAP / 2
    right, floor, is_first = top, top, True
    for name, (w, h) in sizes:
        if name == "lanes":
            scale = min(1.2, (width - 2 * GAP) / w)
            places.append((GAP, -1.0, scale * w, scale * h))
        elif is_first:
            places.append((GAP, top, w, h))
            floor, is_first = max(floor, top + h), False
        else:
            places.append((2 * GAP + left, right, w, h))
            floor, right = max(floor, right + h), right + h + CAPTION
    strips = [place for place in places if place[1] < 0]
    if strips:
        floor += CAPTION
    settled = [(x, floor if y < 0 else y, w, h) for x, y, w, h in places]
    floor += max((h for _, _, _, h in strips), default=0.0)
    return width, floor + GAP, settled


def _text(root: ET.Element, x: float, y: float, words: str, *, bold: bool = False) -> None:
    look = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-family": "sans-serif", "font-size": "14"}
    if bold:
        look |= {"font-weight": "bold", "font-size": "16"}
    # XML has no words for what a terminal obeys.
    ET.SubElement(root, f"{{{SVG}}}text", look).text = printable(words)
