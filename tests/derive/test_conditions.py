from gmemviz.derive.conditions import all_answers, conditions, questions_of, spelled, taken
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
