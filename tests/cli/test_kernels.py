"""gmemviz kernels: what it lists, hands on and refuses."""

import json
from pathlib import Path

import pytest

from gmemviz.cli import kernels as place
from gmemviz.facts import kernels
from gmemviz.record.kernels import KernelHere
from tests.record.boot.images import image


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path / "kernels"))
    return tmp_path / "kernels"


def test_the_list_is_what_nothing_more_asks_for(run, here):
    status, out, err = run("kernels")
    assert (status, err) == (0, "")
    assert [line.partition(":")[0] for line in out.splitlines()] == list(kernels())
    assert run("kernels list") == (status, out, err)
    _, out, _ = run("kernels --json")
    assert [kernel["name"] for kernel in json.loads(out)] == list(kernels())


def test_an_image_is_added_and_listed(run, here, tmp_path):
    file = image(tmp_path)
    status, out, _ = run("kernels add --name mine", file)
    assert (status, out.count("\n")) == (0, 1)
    assert out.startswith(f"mine: 7.3.4+deb13-amd64, added from {file}, for record alone: ")
    assert run("kernels")[1].endswith(out)


def test_fetching_hands_on_what_was_typed(run, monkeypatch):
    asked = []

    def fetch(names, *, take_nearest, progress):
        progress("fetching")
        asked.append((names, take_nearest))
        return (KernelHere("7.3", "7.3.4", "fetched", records=True, confirms=True, why_not=""),)

    monkeypatch.setattr(place, "fetch_kernels", fetch)
    assert run("kernels fetch 7.3 --nearest") == (
        0, "7.3: 7.3.4, fetched, for record and confirm\n", "fetching\n",
    )  # fmt: skip
    run("kernels fetch")
    assert asked == [(["7.3"], True), ([], False)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kernels lsit", "did you mean list?"),
        ("kernels list 7.3", "list takes no more words, and 7.3 is one"),
        ("kernels list --name a", "it takes no name, which is for add"),
        ("kernels list --nearest", "it takes no nearest, which is for fetch"),
        ("kernels fetch 7.3 --modules a", "it takes no modules, which is for add"),
        ("kernels fetch 7.4", "did you mean 7.3?"),
        ("kernels fetch 7.3 7.3", "'7.3' is named twice"),
        ("kernels add", "say which IMAGE"),
        ("kernels add a b", "say which IMAGE"),
        ("kernels add a --nearest", "it takes no nearest, which is for fetch"),
        ("kernels add a", "'a' is no file"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(run, here, line, said):
    status, out, err = run(line)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not Path(here).exists()
