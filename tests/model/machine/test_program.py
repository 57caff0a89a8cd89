"""A program: what an actor passes silently, what it does next, and what two programs share."""

from gmemviz.model.machine.program import Act, Enter, Jump, Place, Program
from gmemviz.model.road.lines import no, nothing, yes
from tests.model.machine.made import target_of

OUTER = Place("iput", "dput", "P", 1)
HOOK = Place("your_drop_inode", "iput_final", "L", 2, "drop_inode")


def program(**changes):
    code = (
        Enter(OUTER, "drops a reference"),
        Act(OUTER, "one", (nothing,)),
        Jump(yes, 5),
        Enter(HOOK, "runs as drop_inode"),
        Act(HOOK, "two", (nothing, nothing)),
        Enter(OUTER, "passes evict_inode by", "evict_inode", "no use"),
        Act(OUTER, "three", (nothing,), no),
    )
    return Program("task", target_of(), changes.get("code", code))


def test_acts_are_counted_and_all_else_rides_along():
    made = program()
    assert made.acts == (1, 4, 6)
    assert [made.act(number).says for number in range(3)] == ["one", "two", "three"]
    assert [line.says for line in made.walk(0, 0)] == ["drops a reference", "one"]


def test_a_jump_goes_by_the_register():
    made = program()
    stays, leaves = made.next(1, 0), made.next(1, 1)
    assert (stays.number, stays.entered, stays.passed) == (1, ("drop_inode",), ())
    assert (leaves.number, leaves.entered, leaves.passed) == (
        2, ("",), (("evict_inode", "no use"),),
    )  # fmt: skip
    assert made.next(3, 0) is None
    assert made.next(1, 0) is stays  # kept


def test_names_of_functions_are_no_part_of_the_meaning():
    made = program()
    other = OUTER._replace(function="iput_other", caller="somebody")
    renamed = tuple(
        line._replace(place=other) if not isinstance(line, Jump) and line.place == OUTER else line
        for line in made.code
    )
    assert program(code=renamed).meaning == made.meaning


def test_context_guard_and_landing_are_part_of_it():
    made = program()
    acts = made.code[6]
    for changed in (
        acts._replace(place=OUTER._replace(context="B")),
        acts._replace(guard=None),
        acts._replace(operations=(nothing, nothing)),
    ):
        assert program(code=(*made.code[:6], changed)).meaning != made.meaning
    elsewhere = Jump(yes, 4)
    code = (*made.code[:2], elsewhere, *made.code[3:])
    assert program(code=code).meaning != made.meaning
    # An Enter that is jumped over or not is silent, so both landings mean the same.
    code = (*made.code[:2], Jump(yes, 6), *made.code[3:])
    assert program(code=code).meaning == made.meaning
