"""Words and boxes laid out by hand: where they say, and in a notebook as a small PNG."""

import base64
import io
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from gmemviz.render.history import draw_history
from gmemviz.render.sheet import HEIGHT, LEFT, RIGHT, WIDTH, Sheet, at, box, page, rule, words

SVG = "{http://www.w3.org/2000/svg}"


def sheet(*nodes):
    return Sheet("x", "one & two", "x", nodes, graph=Sheet.GRAPH)


def test_a_place_is_counted_from_above_and_graphviz_counts_from_below():
    assert dict(at((10, 20, 72, 36))) == {
        "pos": f"46,{HEIGHT - 38:g}", "width": "1.0000", "height": "0.5000", "fixedsize": "true",
        "margin": "0",
    }  # fmt: skip
    assert dict(at((10, 20, 72, 36), bottom=0, margin="1"))["pos"] == "46,-38"


@pytest.mark.usefixtures("fresh")
def test_positions_are_kept_where_the_sheet_says(each_engine):
    drawing = draw_history()
    places = {node.id: dict(node.extra)["pos"].split(",") for node in drawing.nodes}
    boxes = {
        group.get("id"): group.find(f".//{SVG}polygon")
        for group in ET.fromstring(drawing.svg).iter(f"{SVG}g")
        if group.get("id", "").startswith("step__")
    }
    assert len(boxes) > 20
    for name, shape in boxes.items():
        points = [map(float, p.split(",")) for p in shape.get("points").split()]
        xs, ys = zip(*points, strict=True)
        assert (min(xs) + max(xs)) / 2 == pytest.approx(float(places[name][0]), abs=0.1)
        assert -(min(ys) + max(ys)) / 2 == pytest.approx(float(places[name][1]), abs=0.1)


def test_words_end_at_the_edge_that_they_are_at():
    left, right = words("a", 0, 0, 50), words("b", 0, 20, 50, end=RIGHT)
    assert (left.label, right.label) == (f"a{LEFT}", f"b{RIGHT}")
    dot = sheet(left, right).dot
    assert 'label="a\\l"' in dot
    assert 'label="b\\r"' in dot


@pytest.mark.parametrize(
    ("mark", "shape", "stroke"),
    [("", "box", None), ("confirmed", "note", "#111111"), ("disagrees", "box", "#b02e00")],
)
def test_a_box_wears_its_mark(mark, shape, stroke):
    node = box("b", "L", "leak", "tip", (0, 0, 20, 10), mark=mark)
    assert node.shape == shape
    assert dict(node.extra).get("color") == stroke
    assert dict(node.extra).get("class") == (f"leak {mark}" if mark else None)


@pytest.mark.parametrize(("sign", "size"), [("L", "9"), ("L+", "9"), ("(✓)", "7"), ("(✓)≠", "6")])
def test_longer_signs_are_smaller(sign, size):
    assert dict(box("b", sign, "leak", "tip", (0, 0, 20, 10)).extra)["fontsize"] == size


def test_a_rule_is_an_upright_line():
    extra = dict(rule(10, 20, 56).extra)
    assert (float(extra["width"]), extra["height"]) == (pytest.approx(0, abs=0.001), "0.5000")


def test_a_notebook_keeps_a_png_as_large_as_the_sheet_with_the_title():
    html = sheet(page(), box("b", "L", "leak", "tip", (0, 0, 20, 10))).image
    assert html.startswith('<img alt="one &amp; two" ')
    data = base64.b64decode(html.partition("base64,")[2].rstrip('">'))
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "PNG"
        assert picture.width / picture.height == pytest.approx(WIDTH / HEIGHT, abs=0.02)
        assert len(picture.getcolors()) <= 256


def test_where_a_host_draws_it_is_an_svg(host):
    host(lambda _: "<svg/>")
    assert "data:image/svg+xml" in sheet(page()).image
