"""Every notebook runs, gives the outputs it is stored with, and keeps to the house rules.

Kernels run one at a time and under a time limit: a Jupyter kernel sometimes never answers.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import notebooks

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NBVAL = [
    "--nbval",
    "--nbval-current-env",
    "--nbval-cell-timeout=60",
    "--nbval-sanitize-with=tests/nbval_sanitize.cfg",
    "-p",
    "no:cacheprovider",
]
TIME_LIMIT_S = 120

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)


def code_cells(path):
    return [cell for cell in notebooks.read(path).cells if cell.cell_type == "code"]


def lines(cell):
    return len(cell.source.splitlines())


def functions(cell):
    plain = "\n".join(line for line in cell.source.splitlines() if line[:1] not in "%!")
    found = [node for node in ast.walk(ast.parse(plain)) if isinstance(node, ast.FunctionDef)]
    return {node.name: node.end_lineno - node.lineno for node in found}


def test_there_are_notebooks():
    assert NOTEBOOKS


def validated(path, folder):
    """Run nbval in a process of its own, away from the settings of whoever runs it."""
    private = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    env = os.environ | {name: str(folder / name) for name in private}
    command = [sys.executable, "-m", "pytest", *NBVAL, str(path)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )


@every_notebook
def test_outputs_are_what_the_cells_give(path, tmp_path):
    try:
        done = validated(path, tmp_path)
    except subprocess.TimeoutExpired:
        done = validated(path, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@every_notebook
def test_stored_as_make_notebooks_stores_it(path):
    assert path.read_text(encoding="utf-8") == notebooks.normal(notebooks.read(path))


@every_notebook
def test_executed_once_from_the_top_without_an_error(path):
    cells = [cell for cell in code_cells(path) if cell.source]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert outputs
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert not [output for output in outputs if output.output_type == "error"]


@every_notebook
def test_cells_are_short(path):
    cells = code_cells(path)
    assert len(cells) <= 25
    assert max(map(lines, cells)) <= 8
    for cell in cells:
        assert max(functions(cell).values(), default=0) <= 10


@every_notebook
def test_file_is_small(path):
    assert path.stat().st_size < 400_000


@every_notebook
def test_no_output_widgets(path):
    """Hold off `Output` and `interact`, whose output nbval cannot follow."""
    source = "\n".join(cell.source for cell in code_cells(path))
    assert "Output(" not in source
    assert "interact" not in source
