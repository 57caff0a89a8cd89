"""gmemviz matrix: counts of verdicts, and of who says them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gmemviz import __version__
from gmemviz.cli import main, matrix

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rows(monkeypatch):
    found = [
        {"defects": ["leak"], "evidence": "confirmed on 6.12", "verdict": "defects"},
        {"defects": ["leak"], "evidence": "confirmed on 6.12", "verdict": "defects"},
        {"defects": [], "evidence": "confirmed on 7.3", "verdict": "correct"},
        {"defects": ["crash", "leak"], "evidence": "disagrees on 7.3", "verdict": "defects"},
        {"defects": ["crash"], "evidence": "model", "verdict": "defects"},
        {"defects": None, "evidence": "model", "verdict": "not-applicable"},
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
    found = json.loads(capsys.readouterr().out)
    assert {row.pop("schema") for row in found} == {"gmemviz.cell/1"}
    assert {row.pop("version") for row in found} == {__version__}
    assert found == rows


ROW = {"defects": [], "evidence": "model", "verdict": "correct"}


@pytest.mark.parametrize(
    ("others", "status"),
    [
        ([], 0),
        ([{"defects": None, "verdict": "not-applicable"}], 0),
        ([{"verdict": "undecided"}], 3),
        ([{"verdict": "not-asked"}], 3),
        ([{"defects": ["leak"], "verdict": "defects"}], 0),
        ([{"verdict": "undecided"}, {"defects": ["leak"], "verdict": "defects"}], 3),
        ([{"evidence": "confirmed on 7.3"}], 0),
        ([{"verdict": "undecided"}, {"evidence": "disagrees on 7.3"}], 1),
    ],
)
def test_a_matrix_counts_what_is_undecided(monkeypatch, capsys, others, status):
    rows = [ROW, *({**ROW, **one} for one in others)]
    monkeypatch.setattr(matrix, "matrix", lambda *_, **__: rows)
    assert main(["matrix"]) == status
    said = capsys.readouterr().out
    for word in ("undecided", "not-asked"):
        open_ones = sum(one.get("verdict") == word for one in others)
        assert said.count(word.replace("-", " ")) == open_ones


def test_some_mounts_of_some_kernels(run):
    status, out, err = run("matrix --kernel 7.3 --mount static-superblock --json")
    rows = json.loads(out)
    assert (status, err) == (0, "")
    assert {(row["kernel"], row["mount"]) for row in rows} == {("7.3", "static-superblock")}
    assert rows == json.loads(run("matrix --kernel 7.3 --json")[1])[2 * len(rows) :]


def test_a_killed_worker_costs_no_answer(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from gmemviz.cli import main, matrix\n"
        "starter = os.getpid()\n"
        "def die(_):\n"
        "    if os.getpid() != starter:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    print('asked here')\n"
        "matrix.matrix = lambda *_, executor, **__: list(executor.map(die, [1, 2])) and []\n"
        "sys.exit(main(['matrix']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("asked here") == 2
