"""Every code has a rank and a short word."""

from gmemviz.model.design import DEFECTS
from gmemviz.study import SHORT, ranked

LONGEST = 11  # characters that a row of choices has room for


def test_every_code_has_one():
    assert set(SHORT) == set(DEFECTS)
    assert all(0 < len(word) <= LONGEST for word in SHORT.values())


def test_what_ends_a_kernel_comes_before_what_it_warns_of():
    fatal = [code for code in SHORT if DEFECTS[code].weight == "fatal"]
    assert ranked(DEFECTS)[: len(fatal)] == tuple(fatal)


def test_the_threads_answer_comes_before_what_a_worker_would_mend():
    assert ranked(["sleep-in-softirq", "late-release"]) == ("late-release", "sleep-in-softirq")
