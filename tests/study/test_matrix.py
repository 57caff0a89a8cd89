"""The matrix: all cells once, the same with any executor, and as a table."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.study import cells, matrix, matrix_frame
from gmemviz.study import matrix as whole


@pytest.fixture
def few(monkeypatch):
    module = __import__("gmemviz.study.matrix", fromlist=["cells"])
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
    assert {row["evidence"] for row in rows} == {"model"}
    assert all("counterexample" not in row for row in rows)
    assert all(bool(row["steps"]) == bool(row["defects"]) for row in rows)


def test_any_executor_gives_the_same(few):
    with ThreadPoolExecutor(2) as executor:
        assert matrix(executor=executor) == whole()


def test_as_a_table(few):
    table = matrix_frame(matrix())
    assert len(table) == len(few)
    assert table["defects"].isna().sum() == sum(row["defects"] is None for row in matrix())


def test_an_unknown_kernel_is_refused():
    with pytest.raises(UnknownNameError, match="unknown kernel: '9'"):
        matrix(["9"])
    with pytest.raises(UnknownNameError, match="unknown mount: 'home'"):
        matrix(mounts=["home"])
