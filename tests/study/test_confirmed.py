"""What kernels said is shipped: whole, of this model, and found by cell."""

import random
from importlib import import_module

import pytest

from gmemviz.evidence.confirm.cells import _sampled, made_of
from gmemviz.model import check, design_from_choices
from gmemviz.study.confirmed import confirmed, evidence, file_of, kernel_line, told, write_confirmed
from gmemviz.study.matrix import NAMES, cells

place = import_module("gmemviz.study.confirmed")  # the package has its function under this name

CELL = ("6.12", "own", "i_private", "none", "resv_map")
SHOWN = {"leak": {"run": "last-close", "line": "BUG gv-c1.1-resv_map: Objects remaining"}}


def row(judgement="agrees", model=("leak",), cell=CELL, **more):
    names = ("kernel", "mount", "placement", "cleanup", "metadata")
    return {
        **dict(zip(names, cell, strict=True)), "release": "6.12.0", "judgement": judgement,
        "model": list(model) if model is not None else None, "shown": SHOWN, "missing": [],
        "surplus": [], "not_shown": {}, "not_played": [], "silent": [],
        "trouble": [], "unwritten": "", "runs": 9, "evidence": "", **more,
    }  # fmt: skip


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Return a function that ships rows for 6.12 in place of the package's."""
    monkeypatch.setattr(place, "DATA", tmp_path)

    def ship(*rows):
        confirmed.cache_clear()
        write_confirmed(rows, tmp_path / file_of("6.12"), date="2026-11-23")

    yield ship
    confirmed.cache_clear()


def test_what_was_confirmed_is_found_by_cell(shipped):
    shipped(row())
    found = confirmed("6.12")[CELL]
    assert (found["judgement"], found["shown"], found["runs"]) == ("agrees", SHOWN, 9)
    assert (found["kernel"], found["release"], found["date"]) == ("6.12", "6.12.0", "2026-11-23")
    assert "missing" not in found
    assert confirmed("7.3") == {}


@pytest.mark.parametrize(
    ("judgement", "says"),
    [
        ("agrees", "confirmed on 6.12"),
        ("disagrees", "disagrees on 6.12"),
        ("agrees in part", "model"),
        ("not confirmable", "model"),
    ],
)
def test_the_evidence_of_a_cell(shipped, judgement, says):
    shipped(row(judgement))
    assert evidence(CELL, ("leak",)) == says
    assert evidence(CELL, ("inode-leak", "leak")) == "model"  # the model has changed since
    assert evidence(CELL, None) == "model"
    assert evidence(("6.12", "own", "i_private", "none", "flags"), ()) == "model"


LINE = "leak (last-close): BUG gv-c1.1-resv_map: Objects remaining"


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (row(), ["confirmed on 6.12.0, 2026-11-23", LINE]),
        (row(model=[], shown={}), ["confirmed on 6.12.0, 2026-11-23", "nothing wrong in 9 runs"]),
        (
            row("agrees in part", ["leak", "lock-context"], not_shown={"lock-context": "lockdep"}),
            ["confirmed in part on 6.12.0, 2026-11-23", LINE,
             "lock-context: cannot be shown, lockdep"],
        ),
        (
            row("agrees in part", not_played=["igrab", "hashed"]),
            ["confirmed in part on 6.12.0, 2026-11-23", LINE, "not played by the driver: igrab, hashed"],
        ),
        (
            row("not confirmable", ["crash"], shown={}, runs=0, not_shown={"crash": "no mount"}),
            ["not confirmable on 6.12.0, 2026-11-23", "crash: cannot be shown, no mount"],
        ),
        (
            row("disagrees", ["crash"], missing=["crash"], trouble=["unmount: gmemviz: no inode"]),
            ["disagrees on 6.12.0, 2026-11-23",
             LINE.replace("):", "), which the model does not say:"),
             "crash: the kernel did not show it", "unmount tells nothing: gmemviz: no inode"],
        ),
    ],
)  # fmt: skip
def test_what_was_heard_is_told_a_line_a_fact(shipped, found, lines):
    shipped(found)
    assert told(CELL, found["model"]).splitlines() == lines


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("leak", LINE),
        ("lock-context", "lock-context: cannot be shown, lockdep"),
        ("crash", "crash: the kernel did not show it"),
        ("assertion", LINE),  # nothing is said of it: the first line of all
        (None, LINE),
    ],
)
def test_one_line_is_of_the_code_that_is_asked_for(shipped, code, line):
    model = ["crash", "leak", "lock-context"]
    found = row("agrees in part", model, not_shown={"lock-context": "lockdep"}, missing=["crash"])
    shipped(found)
    assert kernel_line(CELL, model, code) == ("confirmed in part on", line)
    assert kernel_line(CELL, ["crash"], code) == ("", "")  # of another verdict


def test_a_clean_cell_has_the_line_that_says_so(shipped):
    shipped(row(model=[], shown={}))
    assert kernel_line(CELL, [], None) == ("confirmed on", "nothing wrong in 9 runs")


def test_nothing_is_told_of_another_verdict(shipped):
    shipped(row())
    assert told(CELL, ["leak"])
    assert told(CELL, []) == ""
    shipped(row(model=[], shown={}))
    assert evidence(CELL, ()) == "confirmed on 6.12"
    assert evidence(CELL, None) == "model"  # no verdict is not a clean one
    assert told(CELL, ["crash"]) == told(CELL, None) == ""
    assert told(("6.12", "own", "i_private", "none", "flags"), []) == ""
    assert told(("7.3", *CELL[1:]), ["leak"]) == ""


def test_what_is_no_design_is_not_shipped(shipped):
    shipped(row(), row(model=None, cell=("6.12", "own", "i_private-flags", "none", "resv_map")))
    assert list(confirmed("6.12")) == [CELL]


def test_the_same_seed_takes_the_same_cells():
    every = list(cells(["6.12"], mounts=["own"]))
    one, again = _sampled(every, 12, 7), _sampled(every, 12, 7)
    assert one == again != _sampled(every, 12, 8)
    assert [every[number] for number, _ in one] == [cell for _, cell in one]
    assert not any(cell[2] == "i_private-flags" and cell[4] != "flags" for _, cell in one)
    assert len(_sampled(every, None, 0)) == len(every)


AT_LEAST = {"6.12": 400, "7.3": 100}


@pytest.mark.parametrize("kernel", AT_LEAST)
def test_what_is_shipped_agrees_and_shows_what_it_says(kernel):
    known = confirmed(kernel)
    said = [evidence(cell, row["model"]) for cell, row in known.items()]
    assert said.count(f"confirmed on {kernel}") >= AT_LEAST[kernel]
    assert said.count(f"disagrees on {kernel}") == 0
    for cell, found in known.items():
        assert told(cell, found["model"]).startswith(("confirmed", "not confirmable"))
        assert found["release"] in told(cell, found["model"])
        if found["judgement"] == "agrees":
            assert sorted(found.get("shown", {})) == found["model"]
        assert all(one["line"] and one["run"] for one in found.get("shown", {}).values())


@pytest.mark.parametrize("kernel", AT_LEAST)
def test_what_is_shipped_is_of_this_model_or_no_evidence(kernel):
    same = 0
    chosen = random.Random(8).sample(sorted(confirmed(kernel)), 60)  # noqa: S311
    shared = {}
    for cell in chosen:
        report = check(design_from_choices(**dict(zip(NAMES, cell, strict=True))), shared=shared)
        if confirmed(kernel)[cell]["model"] == list(report.defects):
            same += 1
        else:  # the verdict has changed since: no kernel was asked about this one
            assert (evidence(cell, report.defects), told(cell, report.defects)) == ("model", "")
    assert same > 40


@pytest.mark.parametrize("kernel", ["6.12", "7.3"])
def test_the_c_that_was_run_is_the_c_of_today(kernel):
    of_then = {row["made_of"] for row in confirmed(kernel).values()}
    assert of_then == {made_of(kernel)}, "the C or the driver has changed: make confirmed"


def test_who_is_not_the_kernel_is_named(shipped):
    shown = {"late-release": {"run": "second-creation", "line": "gmemviz: x is back"}}
    shown["leak"] = {"run": "build", "line": "c1.c:5: 'struct x' has no member named 'y'"}
    shipped(row(shown=shown, model=("late-release", "leak")))
    lines = told(CELL, ("late-release", "leak")).splitlines()
    assert lines[1:] == [
        "late-release (second-creation): our driver: x is back",
        "leak (build): the compiler: c1.c:5: 'struct x' has no member named 'y'",
    ]
