"""Every guard of the road has its words, and they are true."""

from gmemviz.facts import load
from gmemviz.model import SCENARIOS
from gmemviz.model.machine import Act
from gmemviz.model.road.waiting import UNTIL
from gmemviz.model.search.world import world_of
from gmemviz.study import designs, gallery


def test_every_guard_has_its_words():
    guards = set()
    for name in designs():
        design, facts = gallery(name), load(gallery(name).kernel)
        for scenario in SCENARIOS.values():
            if scenario.asks(design):
                world = world_of(design, scenario, facts)
                codes = [one for program in world.programs for one in program.code]
                guards |= {one.guard for one in codes if isinstance(one, Act) and one.guard}
    assert guards == set(UNTIL)
