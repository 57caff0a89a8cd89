"""Calls and states beside memory: every step changes what runs, and only what is drawn."""

import re

import pytest

from gmemviz.errors import MissingToolError
from gmemviz.model import check, design_from_choices
from gmemviz.render import tabs_of_run
from gmemviz.stage import run_shown
from gmemviz.study import gallery, run_of

LATE = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "metadata": "hugetlb-subpool",
}  # fmt: skip


def tabs(cleanup, run=""):
    report = check(design_from_choices(**LATE, cleanup=cleanup))
    return tabs_of_run(report, run_of(report, run) if run else run_shown(report))


def whole(steps):
    roles, shown = {}, []
    for step in steps:
        roles = {name: role for name, role in {**roles, **step}.items() if role}
        shown.append(roles)
    return shown


@pytest.fixture(scope="module")
def late():
    return tabs("free-all")


def test_each_picture_has_a_step_for_each_of_the_run(late):
    assert list(late) == ["calls", "whole", "states"]
    assert {len(each["steps"]) for each in late.values()} == {43}
    for picture in late.values():
        ids = re.findall(r' id="([^"]+)"', picture["svg"])
        assert {name for step in picture["steps"] for name in step} <= set(ids)


def test_hooks_only_leaves_out_who_merely_passes_on(late):
    calls, every = late["calls"]["svg"], late["whole"]["svg"]
    for function in ("your_free_inode", "iput_final", "i_callback", "grace period"):
        assert f">{function}<" in calls
    for function in ("__fput", "dput", "__destroy_inode"):
        assert f">{function}<" not in calls
        assert f">{function}<" in every


def test_for_what_is_left_out_stands_its_caller_in_this_run(late):
    calls, every = whole(late["calls"]["steps"]), whole(late["whole"]["steps"])
    at = next(i for i, step in enumerate(every) if step.get("calls__dput") == "now")
    assert calls[at]["calls__close_2_"] == "now"
    assert "calls__error_path" not in calls[-1]  # another road leads to iput_final as well
    assert calls[-1]["calls_e__close_2___iput_final"] == "done"


def test_what_is_queued_waits_until_it_runs(late):
    steps = [step.get("calls__i_callback", "") for step in whole(late["calls"]["steps"])]
    order = list(dict.fromkeys(steps))
    assert order == ["", "awaiting", "now", "done"]
    assert steps[39] == "awaiting"  # the step of the refusal


def test_the_states_go_one_way_and_a_defect_ends_them(late):
    found = whole(late["states"]["steps"])
    assert found[0]["state__not_there"] == "now"
    assert found[-1]["state__late_release"] == "defect"
    correct = whole(tabs("evict-after-truncate")["states"]["steps"])
    assert correct[-1]["state__freed"] == "now"


def test_where_the_defect_is_the_function_says_so():
    report = check(gallery("rfc-v1-free_inode"))
    found = tabs_of_run(report, run_shown(report))
    assert "defect" in whole(found["whole"]["steps"])[-1].values()


def test_without_an_engine_it_is_said_how_to_get_one(fresh, no_program):
    with pytest.raises(MissingToolError, match="no Graphviz engine found"):
        tabs("free-all")
