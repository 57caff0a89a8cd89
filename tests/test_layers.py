"""Hold the package to its rooms: who may import whom, no circles, no long files."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "gmemviz").rglob("*.py"))
MAX_LINES = 300

MAY_IMPORT = {
    "text": set(),
    "errors": {"text"},
    "shown": {"text", "errors"},
    "facts": {"text", "errors", "shown"},
    "processes": {"text", "errors"},
    "extract": {"text", "errors", "shown", "facts"},
    "probe": {"text", "errors", "shown", "facts", "processes"},
    "record": {"text", "errors", "shown", "facts", "processes"},
    "model": {"text", "errors", "shown", "facts"},
    "study": {"text", "errors", "shown", "facts", "model", "processes", "record"},
    "render": {"text", "errors", "shown", "facts", "model", "processes", "record", "study"},
    "widget": {
        "text",
        "errors",
        "shown",
        "facts",
        "model",
        "processes",
        "record",
        "study",
        "render",
    },
}
ROOMS = {*MAY_IMPORT, "cli"}
MAY_IMPORT["cli"] = MAY_IMPORT["__main__"] = ROOMS | {""}  # the package itself has the version
MAY_IMPORT[""] = {"shown"}  # it says which rooms show results; other rooms it imports when asked


def module_name(file):
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in FILES}


def room(module):
    return [*module.split("."), ""][1]


def imported_from(node, package):
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    base = ".".join([*above, *filter(None, [node.module])])
    for alias in node.names:
        inner = f"{base}.{alias.name}"
        yield inner if inner in MODULES else base


def imports(module):
    """Yield every gmemviz module that `module` imports, wherever in its text."""
    file = MODULES[module]
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            yield from (name for name in imported_from(node, package) if name in MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_only_up_the_table(module):
    others = {room(name) for name in imports(module)} - {room(module)}
    allowed = MAY_IMPORT.get(room(module), set())
    assert others <= allowed, f"{module} may import only {sorted(allowed)}"


def test_every_room_is_in_the_table():
    assert {room(module) for module in MODULES} <= set(MAY_IMPORT)


def test_imports_make_no_circle():
    list(TopologicalSorter({name: set(imports(name)) for name in MODULES}).static_order())


@pytest.mark.parametrize(
    "file",
    [*FILES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_a_file_is_short_enough_to_read(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MAX_LINES
