"""Nothing in the package starts a process but by the one way there is for its kind."""

import ast
from pathlib import Path

import pytest

import gmemviz

PACKAGE = Path(gmemviz.__file__).parent
STARTS = {"Popen", "ProcessPoolExecutor", "call", "check_call", "check_output", "fork", "run"}
STARTS |= {"popen", "posix_spawn", "posix_spawnp", "system"}
OF = {"subprocess", "os", "multiprocessing", "concurrent"}
ELSEWHERE = {
    "probe/child.py": {"fork"},  # what may fault is a copy of the process itself
    "probe/run.py": {"Popen"},  # its worker dies with it by the same means, and its children too
    "render/engine.py": {"Popen"},  # ends by itself when its input does, or by its group
}


def starts(text):
    """Return the names by which a module's text starts processes."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in OF:
                yield from (alias.name for alias in node.names if alias.name in STARTS)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)):
                yield from {name} & STARTS if module in OF else ()


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(PACKAGE.rglob("*.py")) if file.parent.name != "processes"],
    ids=lambda file: str(file.relative_to(PACKAGE)),
)
def test_a_process_is_started_in_one_place(file):
    allowed = ELSEWHERE.get(str(file.relative_to(PACKAGE)), set())
    assert set(starts(file.read_text(encoding="utf-8"))) <= allowed


@pytest.mark.parametrize(
    "text",
    [
        "import subprocess\nsubprocess.run(['ls'])",
        "import os\nos.fork()",
        "from concurrent.futures import ProcessPoolExecutor",
        "from subprocess import Popen",
    ],
)
def test_one_would_be_found(text):
    assert list(starts(text))
