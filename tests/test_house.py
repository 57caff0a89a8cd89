"""Hold the package to what CONTRIBUTING says of its text: density, words, names, tests."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "gmemviz"
FILES = sorted(PACKAGE.rglob("*.py"))
DENSE = (
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.IfExp, ast.NamedExpr,
)  # fmt: skip
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
HOUSES_OF_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}


def tree_of(file):
    return ast.parse(file.read_bytes())


def lines_of_words(file):
    """Return the lines that a comment or a docstring has for itself."""
    text = file.read_text(encoding="utf-8")
    words = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            words |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#"):
            words.add(token.start[0])
    return words


def lines_of_heads(file):
    """Return the lines of imports and of `__all__`, which are neither words nor code."""
    heads = set()
    for node in tree_of(file).body:
        is_list = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
        if is_list or isinstance(node, ast.Import | ast.ImportFrom):
            heads |= set(range(node.lineno, node.end_lineno + 1))
    return heads


def test_a_fifth_of_the_text_is_words():
    """Comments and docstrings against code: reasons, sources in the kernel, examples."""
    words = code = 0
    for file in FILES:
        own = lines_of_words(file)
        lines = file.read_text(encoding="utf-8").splitlines()
        blank = {number for number, line in enumerate(lines, 1) if not line.strip()}
        words += len(own)
        code += len(lines) - len(own | blank | lines_of_heads(file))
    assert words >= 0.2 * (words + code)


def is_nested(node):
    return any(isinstance(inner, DENSE) for inner in ast.walk(node) if inner is not node)


def is_long(node):
    return node.end_lineno - node.lineno >= 3


def has_two_loops(node):
    return len(getattr(node, "generators", ())) > 1


@pytest.mark.parametrize("is_dense", [is_nested, is_long, has_two_loops])
def test_hardly_a_comprehension_is_dense(is_dense):
    """At most one of a thousand lines; what says more than a sentence is named steps."""
    places = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, DENSE) and is_dense(node)
    ]
    lines = sum(len(file.read_bytes().splitlines()) for file in FILES)
    assert len(places) <= lines / 1000, places


def does_something(file):
    """Return whether a module has a function of its own: a table needs no test beside it."""
    return file.name not in ("__init__.py", "__main__.py") and any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree_of(file))
    )


def test_tests_mirror_the_package():
    """A module's tests are in the file of its name in the folder of its name."""
    doing = [file.relative_to(PACKAGE) for file in FILES if does_something(file)]
    alone = [
        str(file)
        for file in doing
        if not (ROOT / "tests" / file.parent / f"test_{file.stem}.py").is_file()
    ]
    assert len(alone) <= 0.15 * len(doing), alone


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_module_has_a_name_of_its_own(file):
    assert file.stem not in HOUSES_OF_NOTHING


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_local_names_say_what_they_name(file):
    named = {
        f"{node.id}:{node.lineno}"
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        if node.id in ("one", "thing", "stuff", "foo", "tmp")
    }
    assert sorted(named) == []


def test_contributing_names_tests_that_are_there():
    """What CONTRIBUTING says is held by a test has one."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:tests|gmemviz|scripts)/[\w/.]+)`", text))
    assert named
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_a_class_has_a_name_of_its_own():
    """Two that share a name are the line of a road and the record of the facts that it stands for."""
    homes = {}
    for file in FILES:
        for node in tree_of(file).body:
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(file.relative_to(PACKAGE).as_posix())
    twice = {name: files for name, files in homes.items() if len(files) > 1}
    assert twice == {
        name: ["facts/records.py", "model/road/lines.py"] for name in ("Call", "Function")
    }


EMPTY = re.compile(
    r"defects\s*(==|!=)\s*(\(\)|\[\])|not\s+(?!here\.)[\w.()\[\]\"']*\.defects\b"
    r"|\.defects\)?\s+or\s+\\?[\"']correct"
)
"""How one would conclude from no defect that a Design is correct; `here` is a moment of a run."""


def sources_of_verdicts():
    for folder, pattern in (("gmemviz", "**/*.py"), ("scripts", "*.py"), ("notebooks", "*.ipynb")):
        yield from sorted(ROOT.joinpath(folder).glob(pattern))
    yield ROOT / "README.md"


def test_nobody_calls_a_design_correct_for_want_of_a_defect():
    """An actor that never ran leaves no defect: `Report.verdict` alone says what is correct."""
    said = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in sources_of_verdicts()
        for found in EMPTY.finditer(path.read_text(encoding="utf-8"))
    ]
    assert said == []
    assert EMPTY.search("assert check(design).defects == ()")
    assert EMPTY.search("if not report.defects:")
    assert EMPTY.search('", ".join(report.defects) or "correct"')
