"""One step as one picture: where each picture stands, in which roles, with which rules."""

import base64
import re
import xml.etree.ElementTree as ET

import pytest

from gmemviz.render.films.still import CAPTION, GAP, still_html, still_step, still_svg

SVG = "{http://www.w3.org/2000/svg}"


def picture(name, width, height, inside=""):
    view = f'viewBox="0 0 {width} {height}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {view}>{inside}</svg>'
    return {"name": name, "title": name.title(), "svg": svg, "alt": name}


def film(*pictures, defects=("", "")):
    frames = [
        {"label": f"f{number}", "sentence": "It runs.", "roles": {"here": "now"}, "defect": defect}
        for number, defect in enumerate(defects)
    ]
    return {"title": "T", "origin": "simulated", "pictures": list(pictures), "frames": frames}


@pytest.mark.parametrize(
    ("defects", "step"), [(("", ""), 1), (("leak", "crash"), 0), (("", "leak", ""), 1)]
)
def test_the_step_that_tells_most_is_the_first_defect_or_the_last_step(defects, step):
    assert still_step(film(defects=defects)) == step


def test_a_film_s_own_moment_comes_first():
    told = film(defects=("", "", "leak"))
    assert still_step({**told, "moment": 1}) == 1
    assert still_step({**told, "moment": 7}) == 2


def test_the_headline_stands_above_and_names_the_defect_at_its_moment():
    told = {**film(picture("calls", 400, 300), defects=("", "", "leak")), "moment": 1}
    told["headline"] = "leak: nobody frees it"
    words = [text.text for text in ET.fromstring(still_svg(told, 1)).findall(f"{SVG}text")]
    assert words[:3] == ["leak: nobody frees it", "T (simulated), step 2: f1 ✖ leak", "It runs."]
    assert "leak: nobody frees it T (simulated), step 2 of 3" in still_html(told)


def test_the_legend_has_what_is_worn_at_this_step_and_nothing_else():
    worn = film(picture("calls", 400, 300, '<g id="here" class="node"/><g id="there"/>'))
    worn["frames"][1]["roles"] = {"there": "freed", "elsewhere": "leaked"}
    for step, words in ((0, "▶ now"), (1, "✗ freed")):
        root = ET.fromstring(still_svg(worn, step))
        last = root.findall(f"{SVG}text")[-1]
        assert last.text == words
        assert float(last.get("y")) < float(root.get("viewBox").split()[3])
        assert len(root.findall(f"{SVG}g")) == 1


def places(svg):
    """Return where the pictures stand, in their order: x, y, width and height."""
    inner = ET.fromstring(svg).findall(f"{SVG}svg")
    return [tuple(float(one.get(key)) for key in ("x", "y", "width", "height")) for one in inner]


def test_the_first_stands_left_the_others_right_of_it_and_the_lanes_below():
    shown = film(
        picture("calls", 400, 300), picture("memory", 200, 100), picture("states", 150, 250),
        picture("lanes", 500, 40),
    )  # fmt: skip
    svg = still_svg(shown, 0)
    top, right = 3 * CAPTION + GAP / 2, 2 * GAP + 400
    floor = top + 100 + CAPTION + 250 + CAPTION
    scale = min(1.2, (400 + GAP + 200) / 500)
    assert places(svg) == [
        (GAP, top, 400, 300),
        (right, top, 200, 100),
        (right, top + 100 + CAPTION, 150, 250),
        (GAP, floor, 500 * scale, 40 * scale),
    ]
    high = float(ET.fromstring(svg).get("viewBox").split()[3])
    assert high == pytest.approx(floor + 40 * scale + GAP)


def test_a_long_sentence_pushes_the_pictures_down():
    shown = film(picture("calls", 400, 300))
    shown["frames"][0]["sentence"] = "word " * 40
    lines = len(re.findall("<text", still_svg(shown, 0))) - 2  # the heading, the picture's title
    assert lines > 1
    assert places(still_svg(shown, 0))[0][1] == 3 * CAPTION + GAP / 2 + CAPTION * (lines - 1)


def test_an_element_wears_its_role_and_no_tooltip_is_left():
    wrapped = '<g id="a_here"><a><g id="here" class="node"><title>tip</title></g></a></g>'
    root = ET.fromstring(still_svg(film(picture("calls", 9, 9, wrapped)), 0))
    (inner,) = root.findall(f"{SVG}svg/{SVG}g")
    assert (inner.get("id"), inner.get("class")) == (None, "node role-now")
    assert not list(root.iter(f"{SVG}title"))
    assert not list(root.iter(f"{SVG}a"))


def test_only_the_rules_that_something_follows_are_kept():
    css = ".node.role-now { fill: red }\n.node.role-done { fill: blue }"
    svg = still_svg(film(picture("calls", 9, 9, '<g id="here" class="node"/>')), 0, css=css)
    assert "red" in svg
    assert "blue" not in svg


def test_the_img_says_the_step_in_words_and_carries_the_picture():
    html = still_html(film(picture("calls", 9, 9), defects=("", "leak", "")))
    assert html.endswith(' alt="T (simulated), step 2 of 3: f1 It runs. leak">')
    data = re.search('base64,([^"]+)', html)[1]
    assert "f1 \u2716 leak" in base64.b64decode(data).decode()
