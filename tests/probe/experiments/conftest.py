"""Let an experiment run without /dev/kvm."""

import pytest

from gmemviz.probe.experiments import freed, rounds
from tests.probe.benches import FakeBench, open_fds


@pytest.fixture
def nothing_is_left_open():
    before = open_fds()
    yield
    assert open_fds() == before


@pytest.fixture
def fake_bench(monkeypatch):
    monkeypatch.setattr(rounds, "Bench", FakeBench)
    monkeypatch.setattr(freed, "Bench", FakeBench)
    monkeypatch.setattr(rounds, "PAUSE", 0.0)
    return FakeBench
