"""An Explorer whose kernel is a fake one."""

import pytest

from gmemviz.widget import Explorer, ask_linux
from tests.widget.fake_kernel import LEAK, NAMES, FakeKernel, over, threads


@pytest.fixture
def fake(monkeypatch):
    fake = FakeKernel()
    monkeypatch.setattr(ask_linux, "confirm", fake.confirm)
    monkeypatch.setattr(ask_linux, "cannot_ask", lambda _: "")
    monkeypatch.setattr(ask_linux, "film_of_confirmation", fake.film_of)
    yield fake
    fake.may_answer.set()
    over(threads())


@pytest.fixture
def explorer(fake):
    explorer = Explorer(**dict(zip(NAMES, LEAK, strict=True)))
    yield explorer
    explorer.close()
