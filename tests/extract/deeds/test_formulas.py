"""Formulas are held against what they mean: every answer to every question."""

import random
from itertools import product

import pytest

from gmemviz.extract.deeds.formulas import (
    FALSE,
    TRUE,
    Atom,
    atom,
    both,
    bounded,
    coarse,
    either,
    literal,
    negated,
    replaced,
    said_by,
    simplified,
)

ATOMS = [Atom("if", None, letter) for letter in "abcd"]


def holds(ways, answers):
    return any(all(answers[test] == answer for test, answer in map(said_by, way)) for way in ways)


def any_ways(rng):
    return {
        frozenset(
            literal(test, rng.random() < 0.5) for test in rng.sample(ATOMS, rng.randint(0, 4))
        )
        for _ in range(rng.randint(1, 6))
    }


@pytest.mark.parametrize("seed", range(40))
def test_formulas_mean_what_they_say(seed):
    rng = random.Random(seed)  # noqa: S311 - shapes, not secrets
    left, right = simplified(any_ways(rng)), simplified(any_ways(rng))
    for values in product((False, True), repeat=len(ATOMS)):
        answers = dict(zip(ATOMS, values, strict=True))
        one, other = holds(left, answers), holds(right, answers)
        assert holds(both(left, right), answers) == (one and other)
        assert holds(either(left, right), answers) == (one or other)
        assert holds(negated(left), answers) != one


def test_an_if_and_its_else_leave_nothing_of_the_test():
    yes, no = atom(ATOMS[0])
    assert either(yes, no) == TRUE
    assert both(yes, no) == FALSE
    assert either(yes, both(no, atom(ATOMS[1])[0])) == either(yes, atom(ATOMS[1])[0])


def test_what_has_a_class_stays_and_the_rest_is_one_question():
    bad = literal(Atom("bad"), True)
    others = {literal(ATOMS[0], True), literal(ATOMS[1], False)}
    formula = frozenset({frozenset({bad, *others})})
    (way,) = coarse(formula)
    assert bad in way
    assert len(way) == 2
    assert coarse(formula) == coarse(formula)


def test_a_small_formula_is_left_alone():
    formula = either(atom(ATOMS[0])[0], atom(ATOMS[1])[0])
    assert bounded(formula, 2) == formula
    assert len(bounded(formula, 1)) == 1


def test_a_question_may_be_answered_by_the_caller():
    yes, _ = atom(ATOMS[0])
    assert replaced(yes, lambda test: (TRUE, FALSE)) == TRUE
    assert replaced(yes, lambda test: (FALSE, TRUE)) == FALSE
