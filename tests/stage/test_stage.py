"""One value says what a run shows: in its last frame what is wrong is marked, and who does it."""

import json

import pytest

from gmemviz import check, design_from_choices, gallery
from gmemviz.stage import Headline, stage
from gmemviz.study import designs
from tests.model.test_mutants import WITNESS, asked

LATE = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "cleanup": "free-all",
    "metadata": "hugetlb-subpool",
}  # fmt: skip


def memory(value, at=-1):
    """Return the objects after a step: the value has only what changes."""
    objects = {}
    frames = value["memory"]["frames"]
    for frame in frames[: at % len(frames) + 1]:
        objects |= frame
    return objects


def runs():
    """Every code and scenario of the witnesses and of the gallery, each once."""
    reports = [asked(code) for code in WITNESS]
    reports += [check(gallery(name)) for name in designs()]
    seen = {}
    for report in reports:
        for code in report.found:
            scenario = report.path(code).world.scenario.name
            seen.setdefault((code, scenario, report.findings[code].object), (report, code))
    return seen


@pytest.fixture(scope="module")
def shown():
    return {key: stage(report, code) for key, (report, code) in runs().items()}


def test_every_code_of_the_model_is_among_them(shown):
    assert {code for code, *_ in shown} >= set(WITNESS)
    assert len(shown) > 30


def test_in_the_last_frame_the_defect_is_marked_and_drawn(shown):
    for key, value in shown.items():
        name, member = value["steps"][-1]["wrong"]
        if name == "who":
            continue
        marked = memory(value)[name]
        assert marked["status"] != "absent", key
        assert not member or member in [row[0] for row in marked["members"]], key


def test_who_does_it_points_there_with_a_verb(shown):
    for key, value in shown.items():
        wrong = [arrow for arrow in value["steps"][-1]["touches"] if arrow["wrong"]]
        assert value["steps"][-1]["actor"], key
        assert [arrow["verb"] for arrow in wrong] != [""], key
        assert wrong or value["steps"][-1]["wrong"][0] == "who", key


def test_the_timeline_has_the_defect_in_a_column_of_its_own_step(shown):
    for key, value in shown.items():
        time = value["timeline"]
        step = time["wrong"]["step"]
        assert any(begin <= step <= end for begin, end in time["columns"]), key
        assert time["wrong"]["object"], key
        assert value["steps"][value["moment"]]["wrong"], key


def test_columns_cover_every_step_once(shown):
    for key, value in shown.items():
        covered = [
            step
            for begin, end in value["timeline"]["columns"]
            for step in range(begin, end + 1)
        ]  # fmt: skip
        assert covered == list(range(len(value["steps"]))), key


def test_a_value_is_plain_and_always_the_same(shown):
    design = design_from_choices(**LATE)
    assert json.dumps(stage(design)) == json.dumps(stage(check(design)))


def test_the_threads_question_opens_at_the_refusal():
    value = stage(design_from_choices(**LATE))
    step = value["steps"][value["moment"]]
    assert (value["moment"] + 1, len(value["steps"])) == (40, 43)
    assert step["says"].endswith("but is refused: inode still holds hugetlb-subpool")
    assert step["wrong"] == ["pool of hugetlb-subpool", "left"]
    assert memory(value, value["moment"])["inode"]["note"] == "waits for RCU"
    assert value["source"][step["line"] - 1].startswith("static int your_attach(")
    assert value["headline"]["others"] == ["sleep-in-softirq"]


def test_a_step_of_a_hook_has_its_line_of_the_generated_c():
    cell = LATE | {"cleanup": "evict-before-truncate", "metadata": "resv_map"}
    value = stage(design_from_choices(**cell))
    lines = {step["function"]: value["source"][step["line"] - 1] for step in value["steps"]}
    assert lines["truncate_inode_pages_final"].strip().startswith("truncate_inode_pages_final(")
    assert lines["your_evict_inode"].strip() == "your_resv_map_free(map);"


def test_a_correct_run_opens_where_the_last_thing_is_freed():
    value = stage(gallery("guest_memfd-7.3"))
    assert value["headline"]["mark"] == "correct"
    assert value["steps"][value["moment"]]["function"] == "kmem_cache_free"
    assert not any(step["wrong"] for step in value["steps"])
    assert value["timeline"]["wrong"] == {}


def test_what_is_no_design_has_a_headline_alone():
    value = stage(design_from_choices(**LATE | {"placement": "i_private-flags"}))
    assert value["headline"]["mark"] == "none"
    assert value["steps"] == []


def test_anything_else_is_refused():
    with pytest.raises(TypeError, match="shown must be a Design or a Report"):
        stage("guest_memfd-7.3")


def test_of_a_source_read_in_part_no_run_is_shown_and_no_defect_is_claimed():
    told = Headline("unknown", "Undecided: leak on 2 of 2 ways", "", "undecided")
    report = check(design_from_choices(**LATE))
    value = stage(report, told=told, has_run=False)
    assert value["headline"] == {**told._asdict(), "others": []}
    assert value["steps"] == []
    assert value["reason"].startswith("No run is shown")
    assert stage(report, told=told)["reason"] == told.sentence
