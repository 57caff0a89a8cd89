"""Answers: the keys that tools rely on, and text that fits a mail."""

import json
from itertools import product

import pytest

from gmemviz.model import CLEANUPS, METADATA, check, design_from_choices
from gmemviz.study import answer, gallery, mail

KEYS = {
    "kernel", "mount", "placement", "cleanup", "metadata", "applicable", "defects", "conventional",
    "why", "scenario", "counterexample", "states", "edges",
}  # fmt: skip


def report_of(cleanup, metadata, placement="i_private"):
    design = design_from_choices(
        kernel="6.12", mount="own", placement=placement, cleanup=cleanup, metadata=metadata
    )
    return check(design)


@pytest.mark.parametrize(("cleanup", "metadata"), list(product(CLEANUPS, ["flags", "resv_map"])))
def test_an_answer_is_plain_json_with_all_its_keys(cleanup, metadata):
    said = answer(report_of(cleanup, metadata))
    assert said.keys() >= KEYS
    assert json.loads(json.dumps(said)) == said
    assert said["defects"] == sorted(said["defects"])
    assert bool(said["counterexample"]) == bool(said["defects"])
    assert [step["step"] for step in said["counterexample"]] == list(
        range(1, len(said["counterexample"]) + 1)
    )


def test_choices_that_do_not_go_together_have_no_verdict():
    said = answer(report_of("none", "resv_map", "i_private-flags"))
    assert said["applicable"] is False
    assert said["defects"] is None
    assert said["conventional"] is None
    assert "holds bits" in said["why"]


@pytest.mark.parametrize(("cleanup", "metadata"), list(product(CLEANUPS, METADATA)))
def test_mail_is_at_most_72_columns_wide(cleanup, metadata):
    for placement in ("i_private", "containing-struct", "i_private-flags"):
        text, _, below = mail(report_of(cleanup, metadata, placement)).partition("\n-- \n")
        assert max(map(len, text.splitlines())) <= 72
        assert below.count("\n") == 2  # who answered, and what to type, whole
        assert text.isascii() or "⚠" not in text


def test_why_says_what_was_freed_where_and_who_came_then():
    why = answer(report_of("evict-before-truncate", "resv_map"))["why"]
    assert why.startswith("resv_map is freed in evict_inode; then truncate_inode_pages_final reads")


def test_the_answer_says_how_far_the_search_went():
    said = answer(check(gallery("guest_memfd-7.3")))
    assert (said["states"], said["edges"], said["complete"]) == (489, 728, True)
    assert 20 < said["depth"] < said["states"]
    assert set(said["witnesses"]) == set(said["scenarios"])
    assert all(seen for scenario in said["witnesses"].values() for seen in scenario.values())
