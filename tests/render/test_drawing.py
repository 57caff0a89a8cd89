"""One picture: DOT text that is the same each time, names that stay text, a bundle for notebooks."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from gmemviz.render.drawing import Arrow, Cluster, Drawing, Node, element_id, image


def test_an_id_is_plain_and_tells_words_apart():
    assert element_id("calls", "a-b (2)") == "calls__a_b__2_"
    assert element_id("calls", "a", "b") == "calls__a__b"


def test_the_dot_text_of_a_small_picture():
    drawing = Drawing(
        "x", "t", "alt", (Node("a", "A"),), (Arrow("e", "a", "b"),),
        (Cluster("c", "C", (Node("b", "B"),)),), ranks=(("a", "b"),), roles={"a": "now"},
    )  # fmt: skip
    lines = drawing.dot.splitlines()
    assert lines[0] == "digraph {"
    assert lines[-1] == "}"
    assert "  subgraph cluster_c {" in lines
    assert "  { rank=same; a; b }" in lines
    (node,) = [line for line in lines if line.startswith("  a [")]
    assert 'class=vfs, color="#a34300"' in node  # the class stays, the role has the colour
    assert [line.split()[0] for line in lines[1:4]] == ["graph", "node", "edge"]
    assert lines.index("  { rank=same; a; b }") < lines.index(
        next(line for line in lines if line.startswith("  a -> b ["))
    )


def test_what_a_node_brings_wins_over_its_look():
    drawing = Drawing("x", "t", "alt", (Node("a", "A", extra=(("style", "invis"),)),))
    assert "style=invis" in drawing.dot
    assert "rounded" not in drawing.dot


def test_an_image_carries_its_picture():
    assert image(b"<svg/>", "image/svg+xml", 'a "b"') == (
        '<img alt="a &quot;b&quot;" style="background: white; max-width: 100%" '
        'src="data:image/svg+xml;base64,PHN2Zy8+">'
    )


@pytest.mark.usefixtures("no_program", "fresh")
def test_who_cannot_draw_can_read():
    drawing = Drawing("x", "title", "words", (Node("a", "A"),))
    assert drawing._repr_mimebundle_() == {"text/plain": "title\n\nwords"}


def test_hostile_names_stay_text():
    name = '<script>alert(1)</script>"]; evil [label="\\N\n&amp;'
    drawing = Drawing("x", "x", "x", (Node(element_id(name), name, tooltip=name),))
    root = ET.fromstring(drawing.svg)
    words = "".join(root.itertext())
    assert "<script>alert(1)</script>" in words
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert len([e for e in root.iter() if e.get("class", "").startswith("node")]) == 1


def test_a_drawing_says_itself_without_a_browser(merged):
    bundle = merged.drawings[0]._repr_mimebundle_()
    assert bundle["text/html"].startswith('<img alt="')
    assert "destroy_inode -> kvm_gmem_destroy_inode as destroy_inode" in bundle["text/plain"]


def test_dressing_keeps_the_layout(merged):
    calls = merged.drawings[0]
    dressed = calls.dressed({"calls__evict": "now"})
    assert dressed.dot != calls.dot
    assert replace(dressed, roles={}) == calls
