"""The picture of every filesystem: each table counted once, few names, and nothing too small."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.facts import census, load, snapshots
from gmemviz.render.sheet import HEIGHT, WIDTH
from gmemviz.render.survey import KEY, TEXT, draw_survey
from gmemviz.study.tables import survey, suspects

POINTS_OF_20_PX = 20 * WIDTH / 1280

every_kernel = pytest.mark.parametrize("kernel", snapshots())


def place(node):
    extra = dict(node.extra)
    x, y = map(float, extra["pos"].split(","))
    return x, HEIGHT - y, float(extra["width"]) * 72, float(extra["height"]) * 72


def nodes_of(kernel, kind):
    return [node for node in draw_survey(kernel).nodes if node.id.startswith(f"{kind}__")]


@every_kernel
def test_every_table_stands_in_one_box(kernel):
    counted = census(load(kernel))
    assert sum(int(node.label) for node in nodes_of(kernel, "bar")) == counted.tables
    assert sum(int(node.tooltip.split()[0]) for node in nodes_of(kernel, "key")) == counted.tables
    lines = draw_survey(kernel).alt.splitlines()
    assert len(lines) == len(counted.combinations) + 2
    dots = nodes_of(kernel, "set")
    assert len(dots) == 5 * len(counted.combinations)
    assert sum(node.look == "hook" for node in dots) == sum(map(len, counted.combinations))


@every_kernel
def test_named_is_only_of_whom_there_is_a_finding_and_in_this_kernels_words(kernel):
    rows = {row.name: row for row in survey(kernel) if row.table in suspects()}
    marks = nodes_of(kernel, "of")
    assert sorted(node.tooltip.partition(": ")[0] for node in marks) == sorted(rows)
    for node in marks:
        name, _, verdict = node.tooltip.partition(": ")
        assert verdict == str(rows[name].found)
        assert (node.look == "allows-defects") == (rows[name].found.verdict == "defects")


@every_kernel
def test_words_are_large_enough_for_a_slide_and_nothing_is_beyond_it(kernel):
    assert TEXT >= POINTS_OF_20_PX
    for node in draw_survey(kernel).nodes:
        x, y, width, height = place(node)
        assert x - width / 2 + 0.01 >= 0
        assert x + width / 2 <= WIDTH + 0.01
        assert y + height / 2 <= HEIGHT + 0.01
        if re.search(r"\w", node.label):
            assert float(dict(node.extra)["fontsize"]) >= POINTS_OF_20_PX


@every_kernel
def test_no_box_lies_on_another_and_all_stand_above_the_key(kernel):
    boxes = [place(node) for kind in ("bar", "of", "set") for node in nodes_of(kernel, kind)]
    assert max(y + height / 2 for _, y, _, height in boxes) <= KEY
    for (x, y, wide, high), (x2, y2, wide2, high2) in combinations(boxes, 2):
        assert abs(x - x2) >= (wide + wide2) / 2 - 0.01 or abs(y - y2) >= (high + high2) / 2 - 0.01


def test_it_is_the_same_each_time_and_drawn():
    drawing = draw_survey("7.3")
    assert drawing.dot == draw_survey("7.3").dot
    words = {"".join(text.itertext()) for text in ET.fromstring(drawing.svg).iter() if text.text}
    assert {"alloc", "destroy", "jffs2", "proc"} <= words


def test_another_kernel_is_refused():
    with pytest.raises(UnknownNameError):
        draw_survey("5.4")
