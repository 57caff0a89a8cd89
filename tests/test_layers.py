"""Hold the package to its rooms: who may import whom, through which door, and no circles."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "gmemviz").rglob("*.py"))
FULLEST = 20  # modules in a folder

BELOW = {"text", "errors", "whole", "shown", "kept", "parts", "address", "version"}
"""Files below every room."""

MAY_IMPORT = {
    "text": set(),
    "errors": {"text"},
    "whole": {"text", "errors"},
    "shown": {"text", "errors"},
    "kept": {"text", "errors", "whole"},
    "parts": {"text", "errors"},
    "address": {"text", "errors"},
    "version": set(),
    "facts": BELOW,
    "processes": BELOW,
    "extract": BELOW | {"facts"},
    "probe": BELOW | {"facts", "processes"},
    "record": BELOW | {"facts", "processes"},
    "model": BELOW | {"facts"},
    "derive": BELOW | {"facts", "extract", "model"},
    "translate": BELOW | {"facts", "model"},
    "study": BELOW | {"facts", "model", "processes", "record", "extract", "derive"},
}
MAY_IMPORT["evidence"] = MAY_IMPORT["study"] | {"study", "translate"}
MAY_IMPORT["stage"] = MAY_IMPORT["study"] | {"study", "translate"}
MAY_IMPORT["render"] = MAY_IMPORT["evidence"] | {"evidence"}
MAY_IMPORT["frontend"] = MAY_IMPORT["render"] | {"render"}
MAY_IMPORT["widget"] = MAY_IMPORT["frontend"] | {"frontend", "stage"}
MAY_IMPORT["page"] = MAY_IMPORT["frontend"] | {"frontend", "stage"}
ROOMS = {*MAY_IMPORT, "cli"}
MAY_IMPORT["cli"] = MAY_IMPORT["__main__"] = ROOMS
MAY_IMPORT[""] = {"parts", "version"}  # it imports a room when it is asked for a name of it


def module_name(file):
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in FILES}


def is_face(module):
    return MODULES[module].name == "__init__.py"


def room(module):
    return [*module.split("."), ""][1]


def home(module):
    """Return the room or sub-room that a module stands in."""
    return module if is_face(module) else module.rpartition(".")[0]


def imported_from(node, package):
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    base = ".".join([*above, *filter(None, [node.module])])
    is_own = f"{package}.".startswith(f"{base}.")
    for alias in node.names:
        inner = f"{base}.{alias.name}"
        # What a face gives to others is the face's, also where it is a module.
        is_module = inner in MODULES and (is_own or alias.name not in names_of(base))
        yield inner if is_module else base


def names_of(module):
    """Return the names that a face takes from its modules."""
    tree = ast.parse(MODULES[module].read_bytes()) if module in MODULES else ast.Module([], [])
    taken = (node for node in tree.body if isinstance(node, ast.ImportFrom))
    return {alias.asname or alias.name for node in taken for alias in node.names}


def imports(module):
    """Yield every gmemviz module that `module` imports, wherever in its text."""
    package = module if is_face(module) else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(MODULES[module].read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            yield from (name for name in imported_from(node, package) if name in MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_only_up_the_table(module):
    others = {room(name) for name in imports(module)} - {room(module)}
    allowed = MAY_IMPORT.get(room(module), set())
    assert others <= allowed, f"{module} may import only {sorted(allowed)}"


@pytest.mark.parametrize("module", MODULES)
def test_nobody_reaches_past_a_face(module):
    """Who is outside a room or sub-room takes what its `__init__` has."""
    for name in imports(module):
        is_inside = f"{home(module)}.".startswith(f"{home(name)}.")
        assert is_inside or is_face(name), f"{module} takes {name}; its face is {home(name)}"


@pytest.mark.parametrize(
    "module", [name for name in MODULES if is_face(name) and name != "gmemviz"]
)
def test_a_face_has_only_what_it_says(module):
    tree = ast.parse(MODULES[module].read_bytes())
    assert len((ast.get_docstring(tree) or "").splitlines()) >= 3
    named = {
        word.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
        for word in node.value.elts
        if isinstance(word, ast.Constant)
    }
    taken = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{module}.")
        for alias in node.names
    }
    assert taken <= named, f"{module} takes and does not name {sorted(taken - named)}"


JUDGES = {"check", "confirm", "confirm_cells", "conform", "explore", "heard", "judge", "validate"}


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) == "render"])
def test_render_draws_and_never_judges(module):
    """It draws what it is given: who searches, holds and judges stands in the rooms above."""
    named = set()
    for node in ast.walk(ast.parse(MODULES[module].read_bytes())):
        named |= {getattr(node, key, None) for key in ("id", "attr")}
        named |= {
            alias.name for alias in getattr(node, "names", ()) if isinstance(alias, ast.alias)
        }
    assert not named & JUDGES


def test_every_room_is_in_the_table():
    assert {room(module) for module in MODULES} - {""} <= set(MAY_IMPORT)


def test_imports_make_no_circle():
    list(TopologicalSorter({name: set(imports(name)) - {name} for name in MODULES}).static_order())


def test_no_folder_is_crowded():
    folders = [file.parent for file in FILES]
    crowded = {str(folder) for folder in folders if folders.count(folder) > FULLEST}
    assert not crowded


@pytest.mark.parametrize("module", MODULES)
def test_no_module_counts_the_folders_above_it(module):
    """A path that is counted from the file breaks when the file moves."""
    counted = (
        node.lineno
        for node in ast.walk(ast.parse(MODULES[module].read_bytes()))
        if isinstance(node, ast.Attribute) and node.attr == "parents"
        if isinstance(node.value, ast.Call) and "__file__" in ast.dump(node.value)
    )
    assert not list(counted)


@pytest.mark.parametrize("module", [name for name in MODULES if not is_face(name)])
def test_only_a_face_lists_its_names(module):
    """Elsewhere a name is the module's own if it begins with an underscore."""
    tree = ast.parse(MODULES[module].read_bytes())
    assert "__all__" not in {getattr(name, "id", "") for name in assigned(tree)}


def assigned(tree):
    return [name for node in tree.body if isinstance(node, ast.Assign) for name in node.targets]
