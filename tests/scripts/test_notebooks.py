"""`python -m scripts.notebooks` tries a notebook once more where its kernel is lost, and says so."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
ONCE = "import os, pathlib; mark = pathlib.Path('mark'); new = not mark.exists(); mark.touch()"


def executed(folder, source):
    file = folder / "told.ipynb"
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), file)
    done = subprocess.run(
        [sys.executable, "-m", "scripts.notebooks", file],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "status", "times"),
    [
        (f"{ONCE}\nif new: os.kill(os.getpid(), 9)\n6 * 7", 0, 1),
        ("import os; os.kill(os.getpid(), 9)", 1, 2),
        ("1 / 0", 1, 0),
    ],
)
def test_a_dead_kernel_is_tried_once_more_and_a_wrong_cell_is_not(tmp_path, source, status, times):
    ended, said, text = executed(tmp_path, source)
    assert (ended, said.count("told.ipynb: its kernel is lost")) == (status, times), said
    assert ('"42"' in text) == (status == 0)
