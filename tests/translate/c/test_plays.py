"""A play has a stop at each place of a body, and one scenario of the model that it asks about."""

import pytest

from gmemviz import Design
from gmemviz.translate.c.plays import beside_reader, lines_of, plays_of, stops_of
from tests.model.test_language import design_of

READER = 'actors.reader = {{ holds = "rcu", {}does = ["if blob set: read blob untested"] }}'


def names(line, **basic):
    return [play.name for play in plays_of(design_of(line), basic, "your")]


def test_each_body_has_its_own_numbers():
    design = design_of(READER.format(""))
    numbers = [number for lines in lines_of(design).values() for number in lines]
    assert numbers == list(range(1, len(numbers) + 1))
    (action,) = design.actors[0].does
    assert stops_of(action) == 3  # before it, once it is asked, once the pointer is loaded


def test_an_actor_stops_at_each_of_its_places():
    found = names(READER.format(""))
    assert found == [name for at in range(1, 5) for name in (f"reader@{at}", f"reader@{at}+umount")]


@pytest.mark.parametrize(
    ("begins", "stop"),
    [("close", ".close_stop = 1001"), ("umount", ".close_stop = 1002")],
)
def test_who_begins_late_waits_for_that_moment(begins, stop):
    design = design_of(READER.format(f'from = "{begins}", '))
    assert all(stop in play.row for play in plays_of(design, {}, "your"))


def test_what_changes_something_is_there_twice():
    line = 'actors.freer = { holds = "inode", does = ["free blob", "clear blob"] }'
    assert "freer@2+freer-first" in names(line)
    assert not [name for name in names(READER.format("")) if name.endswith("-first")]


def test_the_drivers_own_plays_come_first_once_a_kind():
    line = 'kinds = ["regular", "symlink"]\n' + READER.format("")
    plays = plays_of(design_of(line), {"last-close": ("last-close",)}, "your")
    assert next(play.name for play in plays) == "last-close-regular"
    assert "last-close-symlink" in [play.name for play in plays]
    assert {play.scenario for play in plays} == {"last-close", "actor reader"}


def test_the_order_of_a_table_changes_nothing():
    design = design_of(READER.format(""))
    again = Design.from_table("again", {"kernel": "6.12", "mount": "own"})
    assert plays_of(design, {}, "a") == plays_of(design, {}, "a")
    assert plays_of(again, {}, "a") == ()


TIMER = (
    'callbacks.tick = { runs = "timer", does = ["read blob"] }\n'
    'hooks.destroy_inode = ["cancel tick"]\n'
)


def test_a_timer_may_come_when_all_the_rest_is_over():
    plays = plays_of(design_of(f'{TIMER}hooks.release = ["queue tick"]'), {}, "your")
    assert [play.name for play in plays][-2:] == ["timers", "timers+umount"]
    assert all(".timers_are_late = true" in play.row for play in plays)
    assert all(".timers = your_timers" in play.row for play in plays)


def test_a_timer_may_interrupt_who_stands_at_a_line_of_a_hook():
    design = design_of(f'{TIMER}hooks.release = ["queue tick"]')
    lines = [*lines_of(design)["release"], *lines_of(design)["destroy_inode"]]
    rows = {play.name: play.row for play in plays_of(design, {}, "your")}
    assert [name for name in rows if "-in-" in name] == [f"timers-in-{line}" for line in lines]
    assert all(f".close_stop = {line}," in rows[f"timers-in-{line}"] for line in lines)


def test_a_timer_that_an_actor_arms_may_come_late_too():
    line = f'{TIMER}actors.armer = {{ holds = "inode", does = ["queue tick"] }}'
    plays = {play.name: play for play in plays_of(design_of(line), {}, "your")}
    assert plays["armer+timers"].scenario == "actor armer"
    assert "armer@1" in plays
    assert ".timers_are_late" not in plays["armer@1"].row


def test_others_come_between_a_load_and_the_count():
    (action,) = design_of('hooks.release = ["get blob"]').body("release")
    assert stops_of(action) == 2


ATTACHER = 'actors.opener = { holds = "inode", until = "umount", does = ["attach blob"] }\n'


def test_who_attaches_has_been_there_when_others_are_stopped():
    line = f'{ATTACHER}actors.freer = {{ does = ["free blob"] }}\n' + READER.format("")
    at = {actor.name: f"&your_actors[{n}]" for n, actor in enumerate(design_of(line).actors)}
    plays = {play.name: play for play in plays_of(design_of(line), {}, "your")}
    alone, third = plays["reader@3-after-opener"], plays["reader@3+freer-after-opener"]
    assert f".before = {at['opener']}" in alone.row
    assert ".second" not in alone.row
    assert f".second = {at['freer']}" in third.row
    assert third.scenario == "all actors"
    assert not [name for name in plays if name.endswith("-after-reader")]


def test_a_reader_of_the_drivers_comes_behind_who_attaches():
    (actor,) = design_of(ATTACHER).actors
    asked = {beside_reader(actor): ("rcu-reader",)}
    play = plays_of(design_of(ATTACHER), asked, "your")[0]
    assert (play.name, play.scenario) == ("rcu-reader-after-opener", "actor opener, reader")
    assert '.basic = "rcu-reader", .before = &your_actors[0]' in play.row
