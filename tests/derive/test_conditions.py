from gmemviz.derive.conditions import (
    all_answers,
    conditions,
    going_together,
    questions_of,
    sorted_out,
    spelled,
    taken,
)
from gmemviz.derive.metadata import owned
from tests.derive.conftest import asked, deed


def test_two_ways_of_the_language_are_never_both():
    ways = (asked("bad"),), (asked("nlink 0", negated=True),)
    found = conditions(deed("clears", "inode", *ways), (), {})
    assert [spelled(words) for words in found] == ["if bad: ", "if not bad and not nlink 0: "]


def test_a_question_is_answered():
    cleared = deed("clears", "inode", (asked("if", "", key="x"),))
    (question,) = questions_of([cleared], ())
    assert conditions(cleared, (), {question: True}) == ((),)
    assert conditions(cleared, (), {question: False}) == ()


def test_one_case_of_a_switch_is_the_case():
    cases = [deed("clears", "inode", (asked("case", "", key=f"type == {n}"),)) for n in "ab"]
    answers = list(all_answers(questions_of(cases, ()), {}))
    assert len(answers) == 3


def test_a_count_of_its_own_decides_what_is_given_back():
    freed = deed("given back", "container.a", (asked("member", "container.a.count"),))
    assert list(taken([freed]).values()) == [True]


def test_a_pointer_is_asked_about_by_name():
    kinds = owned([deed("given back", "container.a")])
    held = conditions(
        deed("clears", "inode", (asked("set", "container.a", negated=True),)), kinds, {}
    )
    assert [spelled(words) for words in held] == ["if a not set: "]


def test_answers_that_go_together():
    """Who has jumped has not come by what lies behind the jump: no set of answers does both."""
    gone, stayed = asked("branch", "", key="1"), asked("branch", "", negated=True, key="1")
    deeds = [
        deed("clears", "inode", (stayed, asked("if", "", key="2"))),
        deed("clears", "inode", (gone,)),
    ]
    ways = [sorted_out(way, ()).questions for each in deeds for way in each.ways]
    found = going_together(questions_of(deeds, ()), {}, ways)
    assert len(found) == 2
    for answers in found:
        assert sum(len(conditions(each, (), answers)) for each in deeds) == 1


def test_a_pointer_that_was_set_anew_is_taken_to_be_set():
    freed = deed("given back", "container.a", (asked("set", "container.a", key="1"),))
    assert list(taken([freed]).values()) == [True]
