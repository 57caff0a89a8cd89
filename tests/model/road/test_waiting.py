"""Every guard of the road has its words, and they are true."""

from gmemviz.facts import load
from gmemviz.model import SCENARIOS
from gmemviz.model.machine import Act, NoFunction, Place, Target
from gmemviz.model.machine.stands_for import STANDS_FOR
from gmemviz.model.road.waiting import UNTIL, reason, waits
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


def test_words_may_depend_on_what_is_waited_for():
    t = Target(gallery("shmem-7.3"), load("7.3"))

    @waits(lambda cells, _: f"held by {cells['lock']}", NoFunction("lock", "tried here"))
    def may_go(machine, target):
        return False

    try:
        act = Act(Place("f", "", "P", 0), "goes", (), may_go)
        assert reason(act, {"lock": "task"}, t) == "held by task"
        assert STANDS_FOR[may_go].instead == "lock"
    finally:
        del UNTIL[may_go], STANDS_FOR[may_go]
