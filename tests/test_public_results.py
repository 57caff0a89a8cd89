"""Every result of every public name prints itself in one line, and shows itself in a notebook."""

import inspect
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from types import GenericAlias

import ipywidgets
import pandas as pd
import pytest

import gmemviz
from tests.public_results import RESULTS, results

MOST = 200


def public():
    """Name what can be called: what the package exports, and what a room gives by a row here."""
    names = {f"{home.rpartition('.')[-1]}.{name}" for name, home in gmemviz.EXPORTS.items()}
    names |= set(RESULTS)
    return sorted(name for name in names if is_called(name))


def is_called(name):
    room, _, word = name.partition(".")
    thing = getattr(import_module(f"gmemviz.{room}"), word)
    is_error = inspect.isclass(thing) and issubclass(thing, Exception)
    return callable(thing) and not isinstance(thing, GenericAlias) and not is_error


def is_ours(value):
    return type(value).__module__.startswith("gmemviz")


def short(value, whose):
    line = repr(value)
    assert len(line) < MOST, f"the repr of {whose} has {len(line)} characters: {line[:99]}"
    assert line.isprintable(), f"the repr of {whose} is no line: {line}"
    assert " at 0x" not in line, f"the repr of {whose} has an address: {line}"


def returned(value):
    """Yield by name what a result computes, or returns to who asks for nothing more."""
    for name in dir(type(value)):
        thing = inspect.getattr_static(type(value), name)
        home = getattr(getattr(thing, "fget", getattr(thing, "func", thing)), "__module__", "")
        if name.startswith("_") or not (home or "").startswith("gmemviz"):
            continue
        if isinstance(thing, property | cached_property):
            yield name, getattr(value, name)
        elif inspect.isfunction(thing) and asks_for_nothing(thing):
            yield name, getattr(value, name)()


def asks_for_nothing(function):
    _, *others = inspect.signature(function).parameters.values()
    return all(other.default is not other.empty for other in others)


def drawn(*rooms):
    """Name them all; what makes pictures needs an engine."""
    dot = pytest.mark.dot
    return [pytest.param(name, marks=dot) if name.startswith(rooms) else name for name in public()]


def test_every_public_name_has_a_row_and_every_row_a_name():
    assert sorted(RESULTS) == public()


@pytest.mark.parametrize("name", drawn("widget"))
def test_a_result_prints_itself_in_one_line(name):
    for value in results(name):
        if not isinstance(value, pd.DataFrame):  # pandas shows its own
            short(value, name)


@pytest.mark.parametrize("name", drawn("widget", "render"))
def test_what_a_result_returns_prints_itself_in_one_line(name):
    for value in results(name):
        if not is_ours(value) or isinstance(value, ipywidgets.Widget):
            continue
        for what, given in returned(value):
            if not isinstance(given, pd.DataFrame | Iterator):
                short(given, f"{name}: {what}")


@pytest.mark.parametrize("name", drawn("widget"))
def test_a_result_shows_itself_in_a_notebook(name):
    for value in results(name):
        if isinstance(value, pd.DataFrame | bool) or (type(value) in (str, tuple)):
            continue
        shown = value._repr_mimebundle_()
        data = shown[0] if isinstance(shown, tuple) else shown
        assert data["text/plain"].strip() or value == ""
        lines = data["text/plain"].split("\n")
        assert all(map(str.isprintable, lines)), f"{name} shows what a terminal would obey"
        assert "<script" not in data.get("text/html", "")
