"""Every guard of the road has its words, and they are true."""

from functools import partial

from gmemviz.facts import load
from gmemviz.model import SCENARIOS, Design
from gmemviz.model.machine import Act, NoFunction, Place, Target
from gmemviz.model.machine.stands_for import STANDS_FOR
from gmemviz.model.road import bodies
from gmemviz.model.road.waiting import UNTIL, reason, waits
from gmemviz.model.scenarios import by_default, of_design
from gmemviz.model.search.world import world_of
from gmemviz.study import designs, gallery
from tests.bugs.test_bugs import CASES


def test_every_guard_has_its_words():
    guards = set()
    declaring = [Design.from_table(key, case["broken"]) for key, case in CASES.items()]
    for design in (*map(gallery, designs()), *declaring):
        facts = load(design.kernel)
        for scenario in (*SCENARIOS.values(), *of_design(design), *by_default(design)):
            if scenario.asks(design):
                world = world_of(design, scenario, facts)
                codes = [line for program in world.programs for line in program.code]
                found = {line.guard for line in codes if isinstance(line, Act) and line.guard}
                guards |= {getattr(guard, "func", guard) for guard in found}
    assert guards == set(UNTIL)


def test_a_guard_that_was_given_a_name_has_the_words_of_its_function():
    act = Act(Place("f", "", "P", 0), "takes it", (), partial(bodies.is_free, name="guard"))
    held = {"lock guard": "actor:opener"}
    assert reason(act, held, Target(gallery("shmem-7.3"), load("7.3"))) == ("opener holds guard")


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
