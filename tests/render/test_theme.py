"""The palette by WCAG's arithmetic: words at 4.5:1, lines at 3:1, on a light page and a dark one."""

import re
from itertools import combinations

import pytest

from gmemviz.render.theme import CLASSES, READINGS, ROLES, VERDICTS, css, node_style

PAPERS = {"light": "#ffffff", "JupyterLab dark": "#111111", "a dark page": "#121212"}
LOOKS = {**ROLES, **CLASSES, **VERDICTS, **READINGS}
FILLED = {name: look for name, look in LOOKS.items() if look.fill != "none"}


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_arithmetic_is_wcag_s():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", FILLED)
def test_words_are_read_on_every_fill(name):
    assert contrast(node_style(name)["fontcolor"], FILLED[name].fill) >= 4.5


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("name", FILLED)
def test_a_shape_is_seen_by_its_frame_or_by_its_fill(name, paper):
    look = FILLED[name]
    assert max(contrast(one, PAPERS[paper]) for one in (look.fill, look.stroke)) >= 3


@pytest.mark.parametrize("name", [name for name, look in FILLED.items() if look.dash])
def test_a_dash_that_means_something_is_seen_on_its_fill_or_around_it(name):
    look = FILLED[name]
    on_dark = min(contrast(look.stroke, PAPERS["a dark page"]), contrast(look.fill, look.stroke))
    if name not in ("dangling", "unknown"):  # of lines alone
        assert on_dark >= 3 or contrast(look.stroke, look.fill) >= 3


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("role", ROLES)
def test_a_line_is_seen(role, paper):
    assert contrast(ROLES[role].line, PAPERS[paper]) >= 3


def test_lines_and_frames_are_drawn_in_these_colours():
    text = css()
    for role, look in ROLES.items():
        assert f".edge.role-{role} > path {{ stroke: {look.line};" in text
    for line in re.findall(
        r"\.cluster\.role-\w[\w-]* > :is\(path, polygon\) \{ stroke: (\S+);", text
    ):
        assert line in {look.line for look in ROLES.values()}


def test_no_role_is_told_by_colour_alone():
    for one, other in combinations(ROLES, 2):
        a, b = ROLES[one], ROLES[other]
        assert (a.dash, a.width, a.symbol) != (b.dash, b.width, b.symbol), (one, other)
    assert len({look.symbol for look in VERDICTS.values()}) == len(VERDICTS)
