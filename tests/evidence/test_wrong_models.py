"""How many wrong models the kernels' own words give away: a share is asked here, of all cells by
`make power`."""

import json
from pathlib import Path

import pytest

from tests.evidence.wrong_models import SKELETON, WRONG, asked, checksum, gives_away, held_against

RATES = json.loads(Path(__file__).with_name("wrong_models.json").read_text(encoding="utf-8"))
SHARE = 40
"""Cells of which a wrong model is asked here; all are some 1,300."""


def test_the_rates_are_of_what_the_kernels_said():
    assert RATES["of"] == checksum(), "make power: the kernels have been asked anew"
    assert set(RATES["given_away_in"]) == set(WRONG)
    assert RATES["cells"] == len(asked())


def test_nineteen_of_twenty_wrong_models_are_given_away():
    counts = RATES["given_away_in"].values()
    assert len(counts) >= 20
    assert sum(count > 0 for count in counts) / len(counts) >= 0.95


def test_the_right_model_is_not_given_away():
    shared = {}
    cells = asked()[:SHARE]
    assert not [cell for cell, row in cells if gives_away(row, cell, SKELETON, shared)]


@pytest.mark.parametrize("name", [name for name in WRONG if RATES["given_away_in"][name] > 300])
def test_what_is_wrong_in_many_cells_shows_in_a_few(name):
    (count, reasons) = held_against(name, asked()[:SHARE])
    assert count, "the rates say that a share of this size shows it"
    assert reasons[0][1]
