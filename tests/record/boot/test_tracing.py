"""What is traced comes from the facts, and probes tell one inode from another."""

import pytest

from gmemviz.facts import load
from gmemviz.record.boot.scenarios import SCENARIOS
from gmemviz.record.boot.tracing import PROBED, facts_of, functions, probes


@pytest.mark.parametrize(("kernel", "drop"), [("6.12", "generic_delete_inode"),
                                              ("7.3", "inode_just_drop")])  # fmt: skip
def test_the_functions_come_from_the_facts(kernel, drop):
    chosen = set(functions(load(kernel), SCENARIOS["memfd-policy"]))
    assert {drop, "shmem_evict_inode", "shmem_destroy_inode", "shmem_free_in_core_inode"} <= chosen
    assert {"__fput", "dput", "iput", "evict", "destroy_inode", "i_callback", "call_rcu"} <= chosen
    assert "hugetlbfs_evict_inode" not in chosen
    assert not chosen & {*PROBED, "kfree", "kmem_cache_free"}


@pytest.mark.parametrize(
    ("release", "found"),
    [
        ("6.12.117+deb12-cloud-amd64", ["6.12"]),
        ("7.3.4", ["7.3"]),
        ("6.1.0", ["6.1"]),
        ("6.15.0", ["6.12", "7.3"]),
    ],
)
def test_the_facts_are_those_of_the_release_or_all(release, found):
    assert [facts.kernel for facts in facts_of(release)] == found


def test_i_callback_is_probed_where_it_is_queued_and_where_it_runs():
    *_, queued, run = probes()
    assert queued == (
        "p:gmemviz/call_rcu call_rcu@ head=%di:x64 func=%si:symbol\tfunc.function == i_callback"
    )
    assert run == "p:gmemviz/i_callback i_callback@ head=%di:x64"


def test_a_callback_of_ones_own_is_probed_as_i_callback_is():
    *others, queued, _, run = probes(["your_callback"])
    assert others == list(probes())[:-2]
    assert queued.endswith("\tfunc.function == i_callback || func.function == your_callback")
    assert run == "p:gmemviz/your_callback your_callback@ head=%di:x64"
