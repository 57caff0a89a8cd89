"""What the engines draw: places, fonts and signs; and a host that draws in place of a program."""

import threading
import xml.etree.ElementTree as ET

import pytest

from gmemviz.errors import MissingToolError
from gmemviz.render import engine
from gmemviz.render.drawing import Drawing, Edge, Node
from gmemviz.render.engine import FONT, render, save, svg, svgs
from gmemviz.render.history import draw_history

SVG = "{http://www.w3.org/2000/svg}"
GRAPH = "digraph { a -> b }"

pytestmark = pytest.mark.usefixtures("fresh")


def test_positions_are_kept_where_the_sheet_says(each_engine):
    drawing = draw_history()
    at = {node.id: dict(node.extra)["pos"].split(",") for node in drawing.nodes}
    boxes = {
        group.get("id"): group.find(f".//{SVG}polygon")
        for group in ET.fromstring(drawing.svg).iter(f"{SVG}g")
        if group.get("id", "").startswith("step__")
    }
    assert len(boxes) > 20
    for name, box in boxes.items():
        xs, ys = zip(*(map(float, p.split(",")) for p in box.get("points").split()), strict=True)
        assert (min(xs) + max(xs)) / 2 == pytest.approx(float(at[name][0]), abs=0.1)
        assert -(min(ys) + max(ys)) / 2 == pytest.approx(float(at[name][1]), abs=0.1)


def test_a_page_without_the_font_has_others(each_engine):
    drawing = Drawing("x", "x", "x", (Node("a", "alpha"),), (Edge("e", "a", "a", label="e"),))
    fonts = {part.get("font-family") for part in ET.fromstring(drawing.svg).iter(f"{SVG}text")}
    assert fonts == {"DejaVu Sans, Helvetica, sans-serif"}


def test_a_box_is_as_wide_as_its_words_in_the_font_shown(monkeypatch, pure):
    """An M of DejaVu Sans is 0.863 of the font's size wide, as its own metrics say."""
    monkeypatch.setenv("GMEMVIZ_DOT", pure)
    node = f'a [shape=box, margin=0, fontsize=11, fontname="{FONT}", label={"M" * 20}]'
    shapes = ET.fromstring(svg(f"digraph {{ {node} }}")).iter(f"{SVG}polygon")
    (box,) = (shape for shape in shapes if shape.get("stroke") == "black")
    xs = [float(point.split(",")[0]) for point in box.get("points").split()]
    assert max(xs) - min(xs) == pytest.approx(20 * 11 * 0.863, rel=0.03)


def test_a_png_of_the_wheel_shows_the_signs_that_its_fonts_lack(monkeypatch, pure):
    monkeypatch.setenv("GMEMVIZ_DOT", pure)

    def seen(label):
        return render(f'digraph {{ a [fontname="{FONT}", label="{label}"] }}', "png")

    blank = seen("\N{HANGUL SYLLABLE GA}")
    signs = [chr(sign) for sign in engine.STAND_INS]
    assert all(seen(sign) != blank for sign in signs)
    assert len({seen(sign) for sign in signs}) == len(signs)


def test_a_host_draws_in_place_of_a_program(no_program, host):
    asked = []
    before = threading.active_count()

    def draw(source):
        asked.append(source)
        return f'<svg><text font-family="{FONT}">{threading.active_count()}</text></svg>'

    host(draw)
    assert "DejaVu Sans, Helvetica" in svg(GRAPH)
    assert svgs([GRAPH, "digraph { b }"])[0] == svg(GRAPH)
    assert f">{before}<" in svgs(["digraph { c }"])[0]
    assert asked == [GRAPH, "digraph { b }", "digraph { c }"]
    assert "data:image/svg" in draw_history()._repr_mimebundle_()["text/html"]
    with pytest.raises(MissingToolError, match="makes SVG, no PNG"):
        render(GRAPH, "png")


def test_a_host_that_goes_leaves_no_picture_behind(host):
    host(lambda _: "<svg/>")
    assert svg(GRAPH) == "<svg />"
    host(None)
    words = [text.text for text in ET.fromstring(svg(GRAPH)).iter(f"{SVG}text")]
    assert words == ["a", "b"]


@pytest.mark.parametrize("drawn", [None, b"<svg/>", "", " \n", 3])
def test_a_host_that_draws_nothing_is_a_sentence_and_no_file(host, tmp_path, drawn):
    host(lambda _: drawn)
    with pytest.raises(ValueError, match="the engine of this host drew no SVG"):
        save(GRAPH, tmp_path / "graph.svg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("draw", ["dot", 3, b"dot", []])
def test_a_host_is_a_function(host, draw):
    with pytest.raises(TypeError, match="draw must be a function from DOT to SVG, not "):
        host(draw)
    assert not engine._HOST
