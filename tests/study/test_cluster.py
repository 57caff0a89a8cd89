"""A Dask cluster is an executor like any other: the same results in the same order."""

from itertools import islice

import pytest

from gmemviz.study import cells, designs_for, matrix

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    from distributed import Client

    folder = tmp_path_factory.mktemp("dask")
    with Client(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        local_directory=folder,
    ) as client:  # fmt: skip
        yield client.get_executor()


def test_designs_for(executor):
    serial = designs_for(["flags", "rcu-blob"], kernel="7.3", first=20)
    found = designs_for(["flags", "rcu-blob"], kernel="7.3", first=20, executor=executor)
    assert len(serial.correct) == 20
    assert found == serial


def test_matrix(executor, monkeypatch):
    module = __import__("gmemviz.study.matrix", fromlist=["cells"])
    some = tuple(islice(cells(["7.3"]), 0, None, 7))
    monkeypatch.setattr(module, "cells", lambda *_, **__: iter(some))
    assert matrix(executor=executor) == matrix()
