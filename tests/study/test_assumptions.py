"""What a verdict rests on: each sentence is said where it holds, and nowhere else."""

import pytest

from gmemviz.model import check
from gmemviz.study import LEFT_OUT, answer, assumed, bounded, designs, gallery, mail
from gmemviz.study.assumptions import KERNEL
from tests.model.search.designs import READ_IN_TIME, made

TESTS = "tests its pointer for NULL."
ERROR_PATH = "The creator's error path is iput alone."
STAYS = "its module stays loaded"
FRESH = "The container's slab object is fresh"
MAPS = "User space maps its pages."


def said(**changes):
    return " ".join(assumed(made(READ_IN_TIME, **changes)))


def test_of_a_plain_design_all_is_assumed():
    for words in (f"A body {TESTS}", ERROR_PATH, STAYS, FRESH, MAPS, KERNEL):
        assert words in said()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"error_path": '["free blob", "clear blob"]'}, ERROR_PATH),
        ({"unwinds": '["blob"]'}, ERROR_PATH),
        ({"module": "true", "owner": "true"}, STAYS),
        ({"mappable": "false"}, MAPS),
        ({"filled": "false"}, MAPS),
    ],
)
def test_what_the_design_says_itself_is_not_assumed(changes, words):
    assert words in said()
    assert words not in said(**changes)


def test_what_is_untested_is_not_said_to_be_tested():
    one = made(READ_IN_TIME.replace("if blob set: read blob", "read blob untested"))
    assert f"Where it does not say untested, a body {TESTS}" in assumed(one)
    every = READ_IN_TIME.replace("if blob set: read blob", "read blob untested").replace(
        '"init blob"', '"sleep"'
    )
    all_untested = made(every.replace('"free blob"', '"free blob untested"'))
    assert TESTS not in " ".join(assumed(all_untested))


def test_a_member_that_nobody_sets_is_no_fresh_object():
    unset = READ_IN_TIME.replace(', "init blob"', "")
    assert FRESH not in " ".join(assumed(made(unset)))


@pytest.mark.parametrize("name", designs()[::5])
def test_each_answer_says_its_bounds_what_it_assumes_and_what_is_left_out(name):
    report = check(gallery(name))
    data, text = answer(report), " ".join(mail(report).split())
    assert data["assumptions"] == list(assumed(report.design))
    assert data["left_out"] == list(LEFT_OUT)
    assert data["bounds"]["inodes"] == report.bounds.inodes
    for sentence in (bounded(report), *assumed(report.design), *LEFT_OUT):
        assert sentence in text


def test_who_sets_the_members_is_said_as_it_is():
    assert "alloc_inode sets every member of it" in " ".join(assumed(gallery("guest_memfd-7.3")))
    others = " ".join(assumed(gallery("shmem-7.3")))
    assert "whoever released it left it empty" in others
    assert "sets every member of it" not in others
