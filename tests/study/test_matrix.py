"""The matrix: all cells once, the same with any executor, and as a table."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib import import_module
from itertools import islice
from multiprocessing import get_context

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.model import check
from gmemviz.model.search import bounds_from, most
from gmemviz.study import bounds_of_rows, cells, design_of_cell, evidence, matrix, matrix_frame
from gmemviz.study import matrix as whole

module = import_module("gmemviz.study.matrix")  # the package has functions under these names
place = import_module("gmemviz.study.confirmed")


@pytest.fixture
def few(monkeypatch):
    some = tuple(islice(cells(["7.3"]), 0, None, 37))
    monkeypatch.setattr(module, "cells", lambda *_, **__: iter(some))
    return some


def test_every_cell_is_there_once():
    every = list(cells())
    assert len(every) == len(set(every)) == 4680
    assert len(list(cells(["7.3"]))) == 2340
    assert list(cells(["7.3"], mounts=["own"])) == [c for c in every if c[:2] == ("7.3", "own")]


def test_rows_say_what_a_check_says_without_its_steps(few):
    rows = matrix()
    assert [
        (r["kernel"], r["mount"], r["placement"], r["cleanup"], r["metadata"]) for r in rows
    ] == [*few]
    assert all(row["code"] in (row["defects"] or [None]) for row in rows)
    assert [row["evidence"] for row in rows] == [
        evidence(c, r["defects"]) for c, r in zip(few, rows, strict=True)
    ]
    assert all("counterexample" not in row for row in rows)
    bounds = [bounds_from(row["bounds"]) for row in rows]
    assert bounds == [check(design_of_cell(cell)).bounds for cell in few]
    assert bounds_of_rows(rows) == f"At most {most(bounds)}."
    assert bounds_of_rows([]) == ""
    assert all(bool(row["steps"]) == bool(row["defects"]) for row in rows)


CELLS = (
    ("6.12", "own", "i_private", "none", "resv_map"),
    ("7.3", "own", "i_private", "none", "resv_map"),
    ("6.12", "anon-inode", "i_private", "none", "resv_map"),
    ("6.12", "own", "i_private-flags", "none", "resv_map"),
)


@pytest.fixture
def said(monkeypatch):
    """Let one kernel have said something of one cell alone."""

    def say(**row):
        monkeypatch.setattr(place, "confirmed", lambda _: {CELLS[0]: row})
        monkeypatch.setattr(module, "cells", lambda *_, **__: iter(CELLS))

    return say


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"judgement": "agrees", "model": ["leak"]}, "confirmed on 6.12"),
        ({"judgement": "disagrees", "model": ["leak"]}, "disagrees on 6.12"),
        ({"judgement": "agrees in part", "model": ["leak"]}, "model"),
        ({"judgement": "agrees", "model": []}, "model"),
    ],
)
def test_a_cell_has_the_evidence_of_its_own_kernel_and_verdict(said, row, says):
    said(**row)
    assert [row["evidence"] for row in matrix()] == [says, "model", "model", "model"]


def test_the_evidence_is_not_read_by_workers(said):
    said(judgement="agrees", model=["leak"])
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        assert matrix(executor=executor)[0]["evidence"] == "confirmed on 6.12"


def test_any_executor_gives_the_same(few):
    with ThreadPoolExecutor(2) as executor:
        assert matrix(executor=executor) == whole()


def test_as_a_table(few):
    table = matrix_frame(matrix())
    assert len(table) == len(few)
    counts = table[table.applicable].groupby(["kernel", "mount"])["evidence"].value_counts()
    assert set(counts.loc["7.3", "own"].index) == {"confirmed on 7.3", "model"}
    assert counts.sum() == sum(row["defects"] is not None for row in matrix())
    assert table["defects"].isna().sum() == sum(row["defects"] is None for row in matrix())


def test_an_unknown_kernel_is_refused():
    with pytest.raises(UnknownNameError, match="unknown kernel: '9'"):
        matrix(["9"])
    with pytest.raises(UnknownNameError, match="unknown mount: 'home'"):
        matrix(mounts=["home"])
