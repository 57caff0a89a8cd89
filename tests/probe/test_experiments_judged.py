"""What the experiments make of their readings, made-up ones here."""

import pytest

from gmemviz.probe.experiments import freed
from gmemviz.probe.experiments import rounds as experiments_round
from gmemviz.probe.experiments.freed import Sample, Series, judge_freed, judge_slab
from gmemviz.probe.experiments.rounds import Level, Round, judge

MIB = experiments_round.MEBIBYTES


def rounds(*goods, noise=0.0):
    return [
        Round([
            Level("before", False, 0.0, noise),
            Level("fallocate", True, 32.0, 0.0),
            Level("close", False, 0.0 if good else 32.0, 0.0),
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
    step = [Level("fallocate", True, MIB / 2, 0.0), Level("close", False, MIB / 2 - 0.1, 0.0)]
    assert Round(step).bears_out
    assert not Round([step[0], Level("close", False, MIB / 2, 0.0)]).bears_out
    assert not Round([Level("fallocate", True, MIB / 2 - 0.1, 0.0)]).bears_out
    assert not Round(step, "it was otherwise").bears_out


def series(*, closed, later, inodes=2000, control=2000, quantity="inode_cache"):
    """Return a round in which 2000 were made, and as many are back as the arguments say."""

    def sample(ms, inodes, back, dentries):
        memory = {quantity: 5000.0 - back}
        if quantity != freed.PAGES:
            memory[freed.CONTROL] = 9000.0 - dentries
        return Sample(ms / 1000, 7000.0 - inodes, memory)

    return Series(
        sample(-20, 2000, 2000, 2000),
        sample(-5, 0, 0, 0),
        sample(0, inodes, closed, control),
        [sample(10 * (place + 1), 2000, back, 2000) for place, back in enumerate(later)],
    )


LATE = {"closed": 0, "later": [0, 900, 1900]}


@pytest.mark.parametrize(
    ("changed", "holds", "words"),
    [
        ({}, True, "Half of inode_cache was back after 35 ms (5 to 35), and it is not the way"),
        ({"quantity": "kvm_gmem_inode_cache"}, True, "Half of kvm_gmem_inode_cache"),
        ({"quantity": "Slab"}, True, "whose they were was not read"),
        ({"inodes": 900}, False, "The inodes were not gone at once"),
        ({"control": 900}, None, "What needs no grace period was late too"),
        ({"closed": 1000}, None, "as short as the first reading"),
        ({"later": [0, 0, 900]}, False, "Half of it was not back after 80 ms"),
        ({"later": [0, 0, 900], "quantity": "Slab"}, None, "Half of it was not back after 80 ms"),
    ],
)
def test_destroy_and_free_are_told_by_the_readings(changed, holds, words):
    one = series(**{**LATE, **changed})
    odd = series(closed=1900, later=[1900], inodes=-70, control=-200, **quantity_of(changed))
    got, said = judge_freed([one, odd, one], 2000)  # another process's noise does not decide
    assert got is holds, said
    assert words in said


def quantity_of(changed):
    return {"quantity": changed["quantity"]} if "quantity" in changed else {}


def test_the_rounds_that_were_read_the_soonest_are_judged():
    quick = series(**LATE)
    slow = series(closed=1900, later=[1900])
    slow = slow._replace(closed=slow.closed._replace(seconds=0.005))
    enough = [quick] * freed.JUDGED
    assert judge_freed([slow] * 8 + enough, 2000)[0] is True
    assert judge_freed([slow] * 8 + enough[:2], 2000)[0] is None


def test_no_cache_that_grew_tells_nothing():
    one = series(**LATE)
    still = one._replace(before=one.opened)
    assert judge_freed([still], 2000)[0] is None


@pytest.mark.parametrize(
    ("grown", "own_mount", "fits"),
    [
        ({"inode_cache": 1900, "filp": 2000}, False, True),
        ({"inode_cache": 1900}, True, False),
        ({"kvm_gmem_inode_cache": 2000, "inode_cache": 40}, True, True),
        ({"kvm_gmem_inode_cache": 2000, "inode_cache": 1000}, True, False),
        ({"inode_cache": 999}, False, False),
    ],
)
def test_the_cache_is_held_against_the_mount(grown, own_mount, fits):
    quiet, noise = [grown] * 2, {"proc_inode_cache": 5000}
    fits_here, words = judge_slab([*quiet, noise], 2000, own_mount=own_mount)
    assert fits_here is fits
    assert "proc_inode_cache" not in words
