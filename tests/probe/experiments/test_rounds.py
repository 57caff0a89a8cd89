"""What the rounds of an experiment come to: made-up readings."""

import pytest

from gmemviz.probe.experiments import rounds as experiments_round
from gmemviz.probe.experiments.rounds import Round, SlabLevel, judge

MIB = experiments_round.MEBIBYTES


def rounds(*goods, noise=0.0):
    return [
        Round([
            SlabLevel("before", False, 0.0, noise),
            SlabLevel("fallocate", True, 32.0, 0.0),
            SlabLevel("close", False, 0.0 if good else 32.0, 0.0),
        ])
        for good in goods
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("good", "holds"),
    [
        ((True,) * 5, True),
        ((True, True, False, True, True), True),
        ((True, False, True, False, True), None),
        ((False, True, False, True, False), None),
        ((False, False, True, False, False), False),
        ((False,) * 5, False),
    ],
)
def test_the_rounds_vote(good, holds):
    assert judge(rounds(*good))[0] is holds


def test_rounds_that_waver_do_not_count():
    wavering = rounds(False, False, noise=MIB / 4)
    assert judge(rounds(True, True, True) + wavering)[0] is True
    holds, words = judge(rounds(True, True) + wavering)
    assert holds is None
    assert words.startswith("Other processes moved Unevictable by up to 8.0 MiB within a step")


def test_half_the_size_is_the_border():
    step = [
        SlabLevel("fallocate", True, MIB / 2, 0.0),
        SlabLevel("close", False, MIB / 2 - 0.1, 0.0),
    ]
    assert Round(step).bears_out
    assert not Round([step[0], SlabLevel("close", False, MIB / 2, 0.0)]).bears_out
    assert not Round([SlabLevel("fallocate", True, MIB / 2 - 0.1, 0.0)]).bears_out
    assert not Round(step, "it was otherwise").bears_out
