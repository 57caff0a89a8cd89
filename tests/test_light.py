"""What is asked and answered in text or JSON needs nothing but Python; the rest says what it needs."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import gmemviz
from tests.light import OWN

ROOT = Path(__file__).parent.parent
LIGHT = ROOT / "tests" / "light.py"
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
SHOWN = tomllib.loads((ROOT / "scripts" / "commands.toml").read_text(encoding="utf-8"))["part"]
LINES = [line["typed"] for part in SHOWN for line in part["lines"]]
# A kernel's tree, a kernel to boot, a file that the lines before have written, or more time.
NEED_MORE = ("~/linux", "confirm ", "record ", "kernels fetch", "mine.toml", "matrix ")
PICTURES = ("draw ", "export ")
ANSWERED = [line for line in LINES if not any(need in line for need in (*NEED_MORE, *PICTURES))]
DRAWN = [line for line in LINES if line.startswith(PICTURES)]
ANSWERED += [
    "new", "check guest_memfd-7.3 --json", "check rfc-v2", "check rfc-v2 --perfetto run.json",
    "check rfc-v2 --itf run.itf.json",
    "check rfc-v2 --stage stage.html", "derive ext4 --kernel 7.3", "list", "kernels",
    "matrix --kernel 7.3 --mount static-superblock",
]  # fmt: skip


def run(*command, cwd, said=()):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("line", ANSWERED)
def test_it_answers_without_any_package(line, tmp_path):
    done = run(LIGHT, *line.split(), cwd=tmp_path)
    assert (done.returncode in (0, 1, 3), done.stderr) == (True, "")


@pytest.mark.parametrize("line", DRAWN)
def test_a_picture_says_what_draws_it(line, tmp_path):
    done = run(LIGHT, *line.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install 'gmemviz[draw]' brings it" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


NAMES = """
import sys
sys.path.insert(0, {root!r})
from tests.light import NothingElse
sys.meta_path.insert(0, NothingElse())
import gmemviz
from gmemviz.errors import MissingToolError
for name in gmemviz.EXPORTS:
    try:
        getattr(gmemviz, name)
    except MissingToolError as error:
        assert "pip install 'gmemviz[lab]'" in str(error), error
        print(name)
try:
    gmemviz.compare("rfc-v1-hugetlb", "guest_memfd-7.3").frame()
except MissingToolError as error:
    print(error)
"""


def test_of_all_public_names_only_widgets_need_a_package(tmp_path):
    done = run("-c", NAMES.format(root=str(ROOT)), cwd=tmp_path)
    *names, table = done.stdout.splitlines()
    widgets = [name for name, room in gmemviz.EXPORTS.items() if room == "gmemviz.widget"]
    assert (names, done.stderr) == (widgets, "")
    assert (
        table == "this needs pandas, which is not installed: pip install 'gmemviz[lab]' brings it"
    )


def others(node):
    """Yield the packages, neither Python's nor ours, that a statement imports."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
    for first in (name.partition(".")[0] for name in names):
        if first not in sys.stdlib_module_names | OWN | {"__future__"}:
            yield first


def imported(file):
    """Yield the packages that a file imports, each with the part that stands around the import."""

    def walk(node, part):
        if isinstance(node, ast.With) and getattr(node.items[0].context_expr, "func", None):
            call = node.items[0].context_expr
            part = call.args[0].value if getattr(call.func, "id", "") == "needs" else part
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            return
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
            yield from ((package, part) for package in others(node))
        for child in ast.iter_child_nodes(node):
            yield from walk(child, part)

    room = file.relative_to(ROOT / "gmemviz").parts[0]
    yield from walk(ast.parse(file.read_bytes()), "lab" if room == "widget" else "")


# What comes along with one that is named.
BROUGHT = {"IPython": "ipywidgets", "PIL": "pillow", "traitlets": "ipywidgets"}


def test_each_package_is_of_the_part_that_is_said_to_bring_it():
    found = {pair for file in (ROOT / "gmemviz").rglob("*.py") for pair in imported(file)}
    assert len(found) > 5
    for package, part in found:
        named = {Requirement(line).name for line in EXTRAS[part]}
        assert BROUGHT.get(package, package) in named, (package, part)


def test_no_package_comes_with_the_core():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dependencies"] == []
