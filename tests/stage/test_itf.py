"""A run as an ITF trace: the rules of the format (ADR-015 of Apalache), and the run itself."""

import json
import re

import pytest

from gmemviz import check, design_from_choices, gallery
from gmemviz.errors import DesignError
from gmemviz.model.search import steps
from gmemviz.stage import itf
from gmemviz.stage.itf import NULL
from gmemviz.study import designs

TRACE = {"#meta", "params", "vars", "states", "loop"}
LEAKS = {
    "kernel": "7.3", "mount": "own", "placement": "i_private", "cleanup": "none",
    "metadata": "resv_map",
}  # fmt: skip


def is_expression(value):
    """Tell whether a value is one of the format's expressions."""
    if isinstance(value, str | bool):
        return True
    if isinstance(value, list):
        return all(map(is_expression, value))
    if not isinstance(value, dict):
        return False
    if special := [key for key in value if key.startswith("#")]:
        return special == ["#bigint"] == list(value) and bool(
            re.fullmatch("-?[0-9]+", value["#bigint"])
        )
    return all(map(is_expression, value.values()))


@pytest.mark.parametrize("wrong", [None, 1, 1.5, {"#bigint": "x"}, {"#x": "1"}, [None]])
def test_what_the_format_does_not_have_is_no_expression(wrong):
    assert not is_expression(wrong)


def is_well_formed(found):
    assert json.loads(json.dumps(found)) == found
    assert found.keys() <= TRACE
    assert found.keys() >= {"vars", "states"}
    assert found["vars"] == sorted(set(found["vars"]))
    assert not [name for name in found["vars"] if name.startswith("#")]
    for number, state in enumerate(found["states"]):
        assert state["#meta"]["index"] == number
        values = {name: value for name, value in state.items() if name != "#meta"}
        assert list(values) == found["vars"]
        assert all(map(is_expression, values.values()))


@pytest.mark.parametrize("name", designs())
def test_each_run_of_the_gallery_is_a_trace(name):
    report = check(gallery(name))
    for code in report.found or (None,):
        found = itf(report, code)
        is_well_formed(found)
        assert found["#meta"]["status"] == ("violation" if code else "ok")
        assert found["#meta"].get("defect") == code


def test_the_states_are_those_of_the_run():
    report = check(design_from_choices(**LEAKS))
    found = itf(report)
    run = tuple(steps(report.counterexample, report.facts))
    first, *others = found["states"]
    assert len(others) == len(run)
    assert first["#meta"] == {"index": 0}
    assert (first["inode"], first["inode.i_count"]) == ("absent", NULL)
    for state, step in zip(others, run, strict=True):
        assert state["#meta"]["sentence"] == step.event.sentence
        assert state["resv_map"] == step.cells["resv_map"]
    counts = [state["inode.i_count"] for state in others]
    assert {"#bigint": "1"} in counts
    assert others[-1]["resv_map"] == "allocated"  # nobody has freed it


def test_who_is_inside_is_a_list():
    found = itf(gallery("guest_memfd-7.3"))
    assert {type(state["readers"]) for state in found["states"]} == {list}


def test_a_choice_that_makes_no_design_has_no_run():
    with pytest.raises(DesignError, match="has no run to write: Not a design"):
        itf(design_from_choices(**{**LEAKS, "placement": "i_private-flags"}))


def test_the_same_run_gives_the_same_bytes():
    texts = {json.dumps(itf(check(gallery("rfc-v2")))) for _ in range(2)}
    assert len(texts) == 1
