"""The engines that a picture is drawn with: each of them, none, or a host's own."""

import shutil
import sysconfig
from pathlib import Path

import pytest

from gmemviz.render import engine
from gmemviz.render.engine import svg


@pytest.fixture
def fresh():
    svg.cache_clear()
    yield
    svg.cache_clear()


@pytest.fixture
def no_program(monkeypatch, tmp_path):
    """Hide every program, graphviz-pure too."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GMEMVIZ_DOT", raising=False)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))


@pytest.fixture
def pure():
    """Return the program that a dependency of ours brings."""
    return shutil.which("graphviz-pure", path=sysconfig.get_path("scripts"))


@pytest.fixture(params=["graphviz-pure", pytest.param("dot", marks=pytest.mark.dot)])
def each_engine(request, monkeypatch):
    path = shutil.which("dot") if request.param == "dot" else request.getfixturevalue("pure")
    monkeypatch.setenv("GMEMVIZ_DOT", path)
    assert Path(engine.engine()).stem == request.param
    return request.param


@pytest.fixture
def host():
    """Return a function that lets something else draw, for the time of the test."""
    yield engine.draw_with
    engine.draw_with(None)
