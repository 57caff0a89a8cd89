"""What the Driver's panel shows of a walk, and the same as text."""

import json

import pytest

from gmemviz.model.drive import drive, until_change, with_walk
from gmemviz.study import gallery
from gmemviz.widget.panel import view_of, words_of


@pytest.fixture(scope="module")
def start():
    return drive(gallery("guest_memfd-7.3"), "gup-fast")


def both_open(here):
    """Go on as the task until gup can go, too."""
    while {offer.actor for offer in here.offers} == {"task"}:
        here = until_change(here, "task")
    return here


def test_at_the_start_one_can_go_and_the_others_say_why_not(start):
    shown = view_of(start, start, [start])
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["at"], shown["where"], shown["end"]) == (0, "nothing has happened yet", "")
    task, rcu, gup = shown["actors"]
    assert [offer["tried"] for offer in task["offers"]] == [False]
    assert (task["why"], rcu["offers"], gup["offers"]) == ("", [], [])
    assert gup["why"] == "no PTE leads to a folio"
    assert shown["said"].startswith("Can happen: 1, task, ")
    assert "Cannot: rcu, " in shown["said"]


def test_the_same_as_text(start):
    lines = words_of(start).splitlines()
    assert lines[0] == "What can happen next:"
    assert lines[1].startswith("  1 task ")
    assert "[include/linux/fs.h:" in lines[1]
    assert lines[2] == "What cannot happen now:"
    assert [line.split()[0] for line in lines[3:]] == ["rcu", "gup"]


def test_what_was_tried_from_here_is_marked_and_the_branches_are_listed(start):
    here = both_open(start)
    walks = ()
    for actor in ("task", "gup"):
        walks = with_walk(walks, here.take(actor))
    shown = view_of(here, walks[0], walks)
    tried = {
        actor["name"]: actor["offers"][0]["tried"] for actor in shown["actors"] if actor["offers"]
    }
    assert tried == {"task": True, "gup": True}
    trunk, branch = shown["walks"]
    assert (trunk["is_tip"], trunk["depth"], branch["is_tip"], branch["depth"]) == (
        True,
        0,
        False,
        1,
    )
    assert branch["after"] == here.ends[-1]
    assert [turn["is_here"] for turn in trunk["turns"]] == [True]
    assert [(turn["actor"], turn["is_here"]) for turn in branch["turns"]] == [("gup", False)]


def test_a_turn_counts_the_steps_of_the_player(start):
    here = both_open(start)
    (turn,) = view_of(here, here, [here])["walks"][0]["turns"]
    assert turn["text"] == f"1-{here.ends[-1]}"
    first = start.take("task")
    (turn,) = view_of(first, first, [first])["walks"][0]["turns"]
    assert turn["text"] == ("1" if first.ends[0] == 1 else f"1-{first.ends[0]}")


def test_a_run_that_is_over_says_so_or_names_its_defect():
    clean = drive(gallery("secretmem-7.3"), "last-close")
    while clean.offers:
        clean = clean.take(clean.offers[0].actor)
    shown = view_of(clean, clean, [clean])
    assert shown["end"] == shown["said"] == "The run is over; no defect has shown."
    assert (shown["is_bad"], shown["walks"][0]["end"]) == (False, "over")
    assert words_of(clean).splitlines()[0] == shown["end"]
