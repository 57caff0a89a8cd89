"""What the package promises by name is there and says what it is; importing it is quick."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
import time

import pytest

import gmemviz

MODULES = [
    "gmemviz",
    *(found.name for found in pkgutil.walk_packages(gmemviz.__path__, "gmemviz.")),
]
HEAVY = {"IPython", "anywidget", "graphviz", "ipywidgets", "jupyterlab", "pandas"}


def public(module):
    """Return the names of a face, or what a module has of its own without an underscore."""
    own = [name for name, thing in vars(module).items() if not name.startswith("_")
           and getattr(thing, "__module__", "") == module.__name__]  # fmt: skip
    return [(name, getattr(module, name)) for name in getattr(module, "__all__", own)]


@pytest.mark.parametrize("name", MODULES)
def test_module_says_what_it_is_for(name):
    assert inspect.getdoc(importlib.import_module(name))


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_exists_and_is_documented(name):
    for word, thing in public(importlib.import_module(name)):
        if inspect.isclass(thing) or inspect.isroutine(thing):
            assert inspect.getdoc(thing), f"{name}.{word} has no docstring"


@pytest.mark.parametrize("name", gmemviz.EXPORTS)
def test_exports_are_public_where_they_come_from(name):
    assert getattr(gmemviz, name) is not None
    assert name in dict(public(importlib.import_module(gmemviz.EXPORTS[name])))


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        gmemviz.nonsense  # noqa: B018


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_import_brings_nothing_heavy():
    modules = set(run("import gmemviz, sys; print(*sys.modules)").split())
    assert not modules & HEAVY


def test_import_is_quick():
    code = "import time; t = time.perf_counter(); import gmemviz; print(time.perf_counter() - t)"
    assert min(float(run(code)) for _ in range(3)) < 0.150


def test_command_line_starts_without_jupyter():
    started = time.perf_counter()
    modules = set(run("import gmemviz.cli, sys; print(*sys.modules)").split())
    assert not modules & HEAVY
    assert time.perf_counter() - started < 5
