"""A kernel that dies or falls silent costs one more try, and a sentence; a wrong cell costs none."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from scripts.notebooks import sanitized

ROOT = Path(__file__).parents[2]
ONCE = (
    "import os, pathlib, time; mark = pathlib.Path('mark'); new = not mark.exists(); mark.touch()"
)
NAME = "told.ipynb"


def validated(folder, *cells):
    """Run cells, each a source and the text that it prints, under nbval as it is typed."""
    notebook = nbformat.v4.new_notebook()
    for source, said in cells:
        cell = nbformat.v4.new_code_cell(source, execution_count=1)
        cell.outputs = [nbformat.v4.new_output("stream", text=f"{said}\n")] if said else []
        notebook.cells.append(cell)
    nbformat.write(notebook, folder / NAME)
    (folder / "conftest.py").write_text('pytest_plugins = ["scripts.lost_kernels"]\n')
    command = [sys.executable, "-m", "pytest", "--nbval", NAME, "--nbval-cell-timeout=2"]
    env = os.environ | {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder / "ipython")}
    return subprocess.run(
        [*command, "-c", os.devnull, "--rootdir=.", "-p", "no:cacheprovider"],
        cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ending", "said"),
    [("os.kill(os.getpid(), 9)", "died|fell silent"), ("time.sleep(60)", "fell silent")],
)
def test_a_kernel_lost_once_is_tried_once_more(tmp_path, ending, said):
    done = validated(
        tmp_path, ("x = 5", ""), (f"{ONCE}\nif new: {ending}\nprint(x)", "5"), ("print(x + 1)", "6")
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
    words = [
        f"told.ipynb: the kernel {how} in cell 1; it is tried once more" for how in said.split("|")
    ]
    assert sum(done.stdout.count(word) for word in words) == 1


def test_a_kernel_lost_twice_is_said_in_a_sentence(tmp_path):
    done = validated(tmp_path, ("import os; os.kill(os.getpid(), 9)", ""), ("print(1)", "1"))
    assert done.returncode == 1, done.stdout
    assert "in cell 0, and so did the next one" in done.stdout
    assert done.stdout.count("it is tried once more") == 1


def test_a_cell_that_says_something_else_is_tried_once(tmp_path):
    counted = "open('count', 'a').write('.');"
    wrong = [(f"{counted} print(6)", "5"), (f"{counted} raise ValueError(5)", "")]
    done = validated(tmp_path, *wrong)
    assert done.returncode == 1, done.stdout
    assert "2 failed" in done.stdout
    assert (tmp_path / "count").read_text() == ".."
    assert "once more" not in done.stdout


@pytest.mark.parametrize(
    ("stored", "shown", "is_same"),
    [
        ('<img alt="x" src="data:image/png;base64,AA+/==">', '<img alt="x" src="data:image/png;base64,BB">', True),
        ('<img alt="x" src="data:image/svg+xml;base64,AA">', '<img alt="x" src="data:image/svg+xml;base64,BB">', True),
        ('a <svg id="a">\n</svg> b', 'a <svg id="b"><g/></svg> b', True),
        ('<img alt="one edge" src="data:image/png;base64,AA">', '<img alt="no edge" src="data:image/png;base64,AA">', False),
        ('a <svg id="a"></svg> b', 'a <svg id="a"></svg> c', False),
    ],
)  # fmt: skip
def test_of_a_picture_the_words_are_compared_and_not_the_bytes(stored, shown, is_same):
    assert (sanitized(stored) == sanitized(shown)) == is_same
