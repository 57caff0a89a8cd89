"""Every notebook runs, gives the outputs it is stored with, and keeps to the house rules.

Kernels run one at a time and under a time limit: a Jupyter kernel sometimes never answers.
"""

import ast
import html
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from scripts import notebooks

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ENGINES = {
    "graphviz-pure": shutil.which("graphviz-pure", path=sysconfig.get_path("scripts")),
    "dot": shutil.which("dot"),
}
TIMES = 20
TIME_LIMIT_S = 140

# Run by IPython as a kernel starts: whatever is drawn in it is noted, as JSON, one a line.
NOTE = """
import json
from gmemviz.render import engine

def noted(path, source, fmt, *, draw=engine._drawn):
    line = json.dumps([fmt, source]) + "\\n"
    with open({file!r}, "ab", buffering=0) as file:
        file.write(line.encode())  # at once: several draw side by side
    return draw(path, source, fmt)

engine._drawn = noted
del engine, noted
"""

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
    """Run nbval as it is typed, in a process of its own, away from whoever runs it.

    The DOT of what the notebook draws is then in `folder`, see `drawn`.
    """
    private = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    env = os.environ | {name: str(folder / name) for name in private}
    startup = folder / "IPYTHONDIR" / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "note.py").write_text(NOTE.format(file=str(folder / "drawn")), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", str(path)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )


def drawn(folder):
    """Return the format and the DOT of each picture, once."""
    file = folder / "drawn"
    noted = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in sorted(set(noted))]


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.name)
def run(request, tmp_path_factory):
    """Return a notebook, what nbval said of it, and what it drew."""
    folder = tmp_path_factory.mktemp("run")
    try:
        done = validated(request.param, folder)
    except subprocess.TimeoutExpired:
        warnings.warn(f"{request.param.name}: no end; it is tried once more", stacklevel=1)
        done = validated(request.param, folder)
    return request.param, done, drawn(folder)


def test_outputs_are_what_the_cells_give(run):
    _, done, _ = run
    assert done.returncode == 0, done.stdout + done.stderr


def status(engine, picture):
    """Return how an engine ended that was given DOT, or "empty" if it ended well with nothing."""
    fmt, source = picture
    command = [ENGINES[engine], f"-T{fmt}"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=False)
    return done.returncode or ("empty" if not done.stdout else 0)


@pytest.mark.parametrize("engine", ["graphviz-pure", pytest.param("dot", marks=pytest.mark.dot)])
def test_each_engine_draws_each_picture_every_time(run, engine):
    path, _, pictures = run
    assert bool(pictures) == ("data:image" in path.read_text(encoding="utf-8"))
    asked = [picture for picture in pictures for _ in range(TIMES)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        assert not [ended for ended in pool.map(partial(status, engine), asked) if ended]


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


# --- outputs are read, in a notebook 840 px wide ------------------------------------------

PANE = 840
LETTER = 7.85
"""Pixels of a letter of JupyterLab's output text, of 13 px."""

WORD, PAD = 6.6, 12
"""Of a table's, of 12 px, and what stands left and right of it."""

RAW = re.compile(r"^[\[({<]|^\w+\(.*=|dtype: |^(True|False|None|-?[\d.]+)$", re.MULTILINE)
"""How a list, a dict, an object or a number begins that nobody made a sentence of."""


def outputs(path):
    return [output for cell in code_cells(path) for output in cell.outputs]


def cells_of(row):
    return re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)


def width(table):
    """Return how wide a table has to be: a column is as wide as its longest word."""
    columns = {}
    for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
        for number, cell in enumerate(cells_of(row)):
            plain = html.unescape(re.sub("<[^>]+>", " ", cell))
            longest = max(map(len, re.split(r"\s|(?<=-)", plain)))
            columns[number] = max(columns.get(number, 0), longest)
    return sum(WORD * longest + PAD for longest in columns.values())


@every_notebook
def test_each_output_is_a_picture_a_table_or_a_sentence(path):
    for output in outputs(path):
        data = output.get("data", {})
        if "image/png" in data or "<img" in data.get("text/html", ""):
            continue
        words = output.get("text") or re.sub("<[^>]+>", "", data.get("text/html", "")).strip()
        assert words, f"a raw repr: {data.get('text/plain', '')[:80]}"
        if output.output_type == "stream":
            assert not RAW.search(words), words[:80]


@every_notebook
def test_each_output_is_as_wide_as_a_notebook_at_most(path):
    for output in outputs(path):
        said = output.get("text", "").splitlines()
        assert LETTER * max(map(len, said), default=0) <= PANE, max(said, key=len)
        table = output.get("data", {}).get("text/html", "")
        if "<table" in table:
            assert width(table) <= PANE, table[:300]


def test_a_table_that_is_too_wide_is_found_and_so_is_a_raw_repr():
    row = "".join(f"<td>{'x' * 20}</td>" for _ in range(6))
    assert width(f"<table><tr>{row}</tr></table>") > PANE
    assert width(f"<table><tr>{row[: len(row) // 2]}</tr></table>") < PANE
    for raw in (
        "[1, 2]",
        "{'a': 1}",
        "<Figure at 0x1>",
        "Standing(after='x')",
        "27",
        "a\ndtype: str",
    ):
        assert RAW.search(raw), raw
    for said in ("correct", "At rank 27: 0 allocations.", "130 pairs of verdicts, all alike"):
        assert not RAW.search(said), said


@every_notebook
def test_helpers_hide_their_source(path):
    """Leave in sight what is to be read: code that shows something, or that a reader edits."""
    for cell in code_cells(path):
        is_hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        is_helper = not cell.outputs and "edit" not in cell.metadata.get("tags", ())
        assert is_hidden or not is_helper, cell.source[:80]


def test_code_folds_behind_the_answers():
    [path] = [path for path in NOTEBOOKS if path.name == "09_answers.ipynb"]
    assert all(cell.metadata.jupyter.source_hidden for cell in code_cells(path))


@every_notebook
def test_no_output_widgets(path):
    """Hold off `Output` and `interact`, whose output nbval cannot follow."""
    source = "\n".join(cell.source for cell in code_cells(path))
    assert "Output(" not in source
    assert "interact" not in source
