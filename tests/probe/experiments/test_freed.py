"""What an experiment makes of memory that comes back late, and of slab caches: made-up readings."""

import resource

import pytest

from gmemviz.probe.experiments import freed
from gmemviz.probe.experiments.experiment import perform
from gmemviz.probe.experiments.freed import Sample, Series, judge_freed, judge_slab


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


def test_with_few_file_descriptors(fake_bench, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 256))
    done = perform("destroy-and-free")
    assert done.holds is None
    assert "300 open files are wanted, and RLIMIT_NOFILE is 256" in done.finding
