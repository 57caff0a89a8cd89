"""Who says a verdict stands in each cell of the matrix: in shape, in words, and in numbers."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.render import draw_matrix
from gmemviz.render import matrix as picture
from gmemviz.render.theme import MARKS, VERDICTS, css
from tests.render.test_matrix import CELL, row

SVG = "{http://www.w3.org/2000/svg}"
AGREES = ("7.3", "own", "i_private", "none", "rcu-blob")
PARTS = ("7.3", "own", "i_private", "none", "resv_map")
DIFFERS = ("7.3", "own", "i_private", "none", "shared_policy")
NEITHER = ("7.3", "own", "i_private-flags", "none", "attributes-tree")


@pytest.fixture
def rows(monkeypatch):
    """Return a row of each kind, and let the kernel have said so."""
    about = {"release": "7.3.4+deb13-amd64", "date": "2026-11-23"}
    lines = {
        AGREES: ("confirmed on", "leak (last-close): it is <left>"),
        PARTS: ("confirmed in part on", "leak: cannot be shown, why"),
        DIFFERS: ("disagrees on", "crash (unmount): Oops"),
    }
    monkeypatch.setattr(
        picture, "confirmed", lambda kernel: {AGREES: about} if kernel == "7.3" else {}
    )
    monkeypatch.setattr(picture, "kernel_line", lambda cell, *_: lines.get(cell, ("", "")))
    return [
        row(AGREES, "leak", evidence="confirmed on 7.3"),
        row(PARTS, "leak", evidence="model"),
        row(DIFFERS, "unconventional", evidence="disagrees on 7.3"),
        row(NEITHER, "inapplicable", evidence="model"),
    ]


def cell(drawing, where):
    name = picture.cell_id(
        dict(zip(("kernel", "mount", "placement", "cleanup", "metadata"), where, strict=True))
    )
    return next(node for node in drawing.nodes if node.id == name)


def test_the_title_says_how_many_are_confirmed_where_and_when(rows):
    drawing = draw_matrix(rows)
    said = "Kernel 7.3, own mount: 4 cells, simulated; 1 confirmed on 7.3.4 (2026-11-23)"
    assert drawing.title == said
    assert draw_matrix([rows[1], rows[3]]).title == "Kernel 7.3, own mount: 2 cells, simulated"


def test_what_is_no_longer_shipped_is_still_counted(rows, monkeypatch):
    monkeypatch.setattr(picture, "confirmed", lambda _: {})
    assert draw_matrix(rows).title.endswith("; 1 confirmed on 7.3 (undated)")


def shape(root, drawing, where):
    """Return the classes, the number of shapes, the frame's stroke and width, and the sign."""
    name = cell(drawing, where).id
    group = next(one for one in root.iter(f"{SVG}g") if one.get("id") == name)
    shapes = [one for one in group.iter() if one.tag.startswith(f"{SVG}poly")]
    sign = "".join(one.text for one in group.iter(f"{SVG}text"))
    frame = shapes[0].get("stroke"), shapes[0].get("stroke-width")
    return group.get("class").split()[1:], len(shapes), *frame, sign


def test_a_shape_says_who_says_it(rows):
    drawing = draw_matrix(rows)
    root = ET.fromstring(drawing.svg)
    ink, red = MARKS["confirmed"].stroke, MARKS["disagrees"].stroke
    assert shape(root, drawing, AGREES) == (["leak", "confirmed"], 3, ink, "0.6", "L")
    assert shape(root, drawing, PARTS) == (["leak"], 1, VERDICTS["leak"].stroke, "0.6", "L")
    assert shape(root, drawing, DIFFERS) == (["unconventional", "disagrees"], 1, red, "2.4", "(✓)≠")


def test_a_name_says_what_the_kernel_said_of_its_letter(rows):
    drawing = draw_matrix(rows)
    said = "i_private, none, rcu-blob: leak. Since leak."
    assert (
        cell(drawing, AGREES).tooltip == f"{said} Confirmed on 7.3: leak (last-close): it is <left>"
    )
    assert cell(drawing, PARTS).tooltip.endswith(
        " Confirmed in part on 7.3: leak: cannot be shown, why"
    )
    assert cell(drawing, DIFFERS).tooltip.endswith(" Disagrees on 7.3: crash (unmount): Oops")
    assert cell(drawing, NEITHER).tooltip.endswith("Since inapplicable.")


def test_the_legend_counts_verdicts_by_who_says_them(rows):
    drawing = draw_matrix(rows)
    words = [node.label.strip("\ue000\ue001") for node in drawing.nodes]
    for says, count in (("confirmed on 7.3", "1"), ("disagrees on 7.3", "1"), ("model only", "1")):
        assert words[words.index(says) + 1] == count
    lines = drawing.alt.splitlines()
    assert "•      1     confirmed on 7.3" in lines
    assert "≠      1     disagrees on 7.3" in lines
    assert "       1     model only" in lines
    samples = [
        node for node in drawing.nodes if node.id.startswith("key__") and node.look == "chip"
    ]
    assert [node.shape for node in samples] == ["note", "box", "box"]


def test_the_legend_stays_on_the_sheet(rows):
    undecided = row(CELL, "undecided", evidence="model")
    for shown in (rows, [*rows, undecided]):
        nodes = draw_matrix(shown).nodes
        at = {n.id: float(dict(n.extra)["pos"].partition(",")[2]) for n in nodes}
        assert min(at[n.id] - 36 * float(dict(n.extra)["height"]) for n in nodes) > -1
        keys = sorted(at[name] for name in at if name.startswith("key"))
        assert all(above - below > 12.7 for below, above in pairwise(keys))


def test_the_text_has_a_sign_a_cell(rows):
    lines = draw_matrix(rows).alt.splitlines()
    line = lines[lines.index(next(one for one in lines if one.startswith("i_private:"))) + 1]
    assert line.split() == ["none", "L", "(✓)≠", "L•"]


def test_where_no_kernel_was_asked_there_is_no_mark(rows):
    drawing = draw_matrix([rows[1], rows[3]])
    assert not any("model only" in node.label for node in drawing.nodes)
    assert not any(node.shape == "note" for node in drawing.nodes)
    assert "model only" not in drawing.alt


@pytest.mark.parametrize("evidence", ["gremlin", "confirmed on 6.12", "confirmed"])
def test_evidence_that_is_none_is_refused(rows, evidence):
    with pytest.raises(UnknownNameError, match=f"unknown evidence: '{re.escape(evidence)}'"):
        draw_matrix([{**rows[0], "evidence": evidence}])


def test_a_mark_is_no_colour_alone_on_the_page(rows):
    strokes = re.findall(
        r"svg\.gm \.node\.(\w+) > polygon { stroke: \S+; stroke-width: (\S+) }", css()
    )
    assert dict(strokes) == {name: f"{look.width:g}" for name, look in MARKS.items()}
    assert len({look.symbol for look in MARKS.values()}) == len(MARKS)
