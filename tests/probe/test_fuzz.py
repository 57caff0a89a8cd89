"""Random calls in child processes: none hangs, leaks or kills, and the rules explain each answer.

GMEMVIZ_FUZZ=20000 makes that many calls; GMEMVIZ_FUZZ_SEED=... those of another seed.
"""

import os
from pathlib import Path

import pytest

from tests.probe import fuzz, rules
from tests.probe.calls import MEMORY_BYTES, SLOT_BYTES
from tests.probe.leaks import left_behind, memory_is_back

CALLS = int(os.environ.get("GMEMVIZ_FUZZ", "3000"))
SEED = os.environ.get("GMEMVIZ_FUZZ_SEED", "7")
TAINTED = Path("/proc/sys/kernel/tainted")

pytestmark = [pytest.mark.kvm, pytest.mark.timeout(300 + CALLS // 50)]


@pytest.fixture(scope="module")
def judge():
    """Return what the rules say of all calls, and what any batch left behind."""
    judge, tainted = fuzz.Judge(fuzz.this_kernel()), TAINTED.read_text()
    judge.left = []
    with memory_is_back() as more:
        for seed, calls in fuzz.seeds(SEED, CALLS):
            with left_behind() as left:
                batch = fuzz.run_batch(seed, calls)
            judge.batch(batch)
            judge.left += left
    judge.left += more
    judge.left += ["the kernel warned: see its log"] * (TAINTED.read_text() != tainted)
    return judge


def test_every_answer_is_explained(judge):
    assert "\n".join(judge.unexplained) == ""
    assert judge.calls == CALLS


def test_nothing_is_left_behind(judge):
    assert judge.left == []


def test_every_answer_that_there_is_was_met(judge):
    met = {call: {answer for kind, answer in judge.seen if kind == call} for call, _ in judge.seen}
    errnos = {"0", "EINVAL"}
    assert met["create"] >= errnos | {"EFAULT"}
    assert met["fallocate"] >= errnos | {"ENOTSUP"}  # as Python calls EOPNOTSUPP
    if rules.has_guest_memfd(judge.kernel):
        assert met["region"] >= errnos | {"EFAULT", "EEXIST", "EBADF"}


def test_little_memory_is_asked_for(judge):
    assert 0 < judge.most_bytes <= MEMORY_BYTES
    assert 0 < judge.largest_slot <= SLOT_BYTES


def test_a_seed_makes_the_same_calls_again():
    one, other = (fuzz.run_batch("again", 200).lines for _ in range(2))
    assert one == other
    assert len(one) > 400


def test_a_wrong_answer_is_listed(judge):
    batch = fuzz.run_batch("wrong", 100)
    at = next(at for at, line in enumerate(batch.lines) if line.get("call") == "create")
    lines = [*batch.lines[: at + 1], {"errno": 16}, *batch.lines[at + 2 :]]
    wrong = fuzz.Judge(judge.kernel)
    wrong.batch(batch._replace(lines=lines[: at + 2]))
    assert len(wrong.unexplained) == 1
    assert "gave EBUSY and not" in wrong.unexplained[0]
    assert "seed wrong, call" in wrong.unexplained[0]


def test_a_child_that_hangs_or_dies_is_listed(judge):
    with left_behind() as left:
        batch = fuzz.run_batch("slow", 10**6, seconds=4)
    slow = fuzz.Judge(judge.kernel)
    slow.batch(batch)
    assert left == []
    assert slow.unexplained[0].startswith("seed slow: it was not done after 4 seconds")
    assert '"call"' in slow.unexplained[0]
