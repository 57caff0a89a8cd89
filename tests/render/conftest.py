"""Two films, and the engines that a picture is drawn with: each of them, none, or a host's own."""

import shutil
import sysconfig
from pathlib import Path

import pytest

from gmemviz.model import check, design_from_choices
from gmemviz.render import engine, film_of_report
from gmemviz.render.engine import svg
from gmemviz.study import gallery


@pytest.fixture(scope="session")
def merged():
    """Return the film of a correct Design, as it was merged."""
    return film_of_report(check(gallery("guest_memfd-7.3"), keep_moves=True))


@pytest.fixture(scope="session")
def broken():
    """Return the film of a run that ends with freed memory touched."""
    design = design_from_choices(
        kernel="6.12", mount="own", placement="i_private", cleanup="evict-before-truncate",
        metadata="shareability-tree",
    )  # fmt: skip
    return film_of_report(check(design, keep_moves=True))


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
