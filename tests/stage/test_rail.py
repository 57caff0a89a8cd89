"""The rail's marks are the verdicts of the Designs that they stand for."""

import pytest

from gmemviz import check, design_from_choices
from gmemviz.stage import AXES, headline, tints

CELL = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "cleanup": "free-all",
    "metadata": "hugetlb-subpool",
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return tints(CELL)


def test_every_word_has_a_mark(found):
    assert {axis: tuple(words) for axis, words in found.items()} == dict(AXES)


@pytest.mark.parametrize("axis", AXES)
def test_a_mark_is_what_a_check_of_its_own_says(found, axis):
    """Neighbours share their searches; that must change nothing."""
    for word, tint in found[axis].items():
        report = check(design_from_choices(**CELL | {axis: word}))
        said = headline(report)
        assert tint["mark"] == said.mark, word
        assert tint["short"] == ("n/a" if not report.applicable else said.short), word


def test_the_way_out_is_there(found):
    assert found["cleanup"]["evict-after-truncate"] == {"mark": "correct", "short": "correct"}
    assert found["placement"]["i_private-flags"]["mark"] == "none"
