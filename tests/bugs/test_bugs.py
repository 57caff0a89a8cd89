"""Ask about real bugs: the broken form shows its code, the mended form is correct."""

import tomllib
from pathlib import Path

import pytest

from gmemviz import Design, check

CASES = {}
for file in sorted(Path(__file__).parent.glob("*.toml")):
    CASES |= tomllib.loads(file.read_text(encoding="utf-8"))


def over(base, change):
    """Return a table with another laid over it, table by table."""
    both = dict(base)
    for key, value in change.items():
        both[key] = over(base.get(key, {}), value) if value and isinstance(value, dict) else value
    return both


def report(key, form):
    case = CASES[key]
    table = case["broken"] if form == "broken" else over(case["broken"], case["mended"])
    return check(Design.from_table(f"{key}, {form}", table))


@pytest.mark.parametrize("key", CASES)
def test_the_broken_form_shows_its_code(key):
    assert set(CASES[key]["gives"]) <= set(report(key, "broken").defects)


@pytest.mark.parametrize("key", CASES)
def test_the_mended_form_is_correct(key):
    mended = report(key, "mended")
    assert mended.verdict == "correct", mended.not_asked or mended.reasons
