"""gmemviz matrix: counts of verdicts, and of who says them."""

import json

import pytest

from gmemviz.cli import main


@pytest.fixture
def rows(monkeypatch):
    found = [
        {"defects": ["leak"], "evidence": "confirmed on 6.12"},
        {"defects": ["leak"], "evidence": "confirmed on 6.12"},
        {"defects": [], "evidence": "confirmed on 7.3"},
        {"defects": ["crash", "leak"], "evidence": "disagrees on 7.3"},
        {"defects": ["crash"], "evidence": "model"},
        {"defects": None, "evidence": "model"},
    ]
    monkeypatch.setattr("gmemviz.cli.matrix.matrix", lambda *_, **__: found)
    return found


def test_verdicts_and_evidence_are_counted(rows, capsys):
    assert main(["matrix"]) == 1
    verdicts, evidence, assumed = capsys.readouterr().out.split("\n\n")
    assert verdicts.splitlines() == [
        "6 cells, simulated", "    2 leak", "    1 correct", "    1 crash", "    1 crash, leak",
        "    1 not a design",
    ]  # fmt: skip
    assert evidence.splitlines() == [
        "    2 confirmed on 6.12", "    1 confirmed on 7.3", "    1 disagrees on 7.3", "    1 model",
    ]  # fmt: skip
    assert assumed.startswith("assumed: ")


def test_as_data_a_cell_has_its_evidence(rows, capsys):
    assert main(["matrix", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == rows
