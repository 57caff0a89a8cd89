"""A context is read from the flags, against the lowest count that the recording shows."""

import pytest

from gmemviz.record.text.context import Contexts

LOW = ("...1.", "a-1")


@pytest.mark.parametrize(
    ("flags", "actor", "context"),
    [
        ("...1.", "a-1", "P"),
        ("...2.", "a-1", "L"),
        ("...f.", "a-1", "L"),
        ("d..1.", "a-1", "?"),  # interrupts are off, and no lock says why
        ("d..2.", "a-1", "L"),
        ("..s2.", "a-1", "B"),
        ("..s2.", "<idle>-0", "B"),
        ("..h2.", "a-1", "?"),
        ("..Z2.", "a-1", "?"),
        ("...2.", "<idle>-0", "?"),
        ("b..2.", "rcuc/0-15", "B"),
        ("D..2.", "rcuop/1-15", "B"),
        ("...2.", "rcuc/0-15", "L"),
        ("", "a-1", "?"),
    ],
)
def test_flags_and_task_tell_the_context(flags, actor, context):
    assert Contexts([LOW, (flags, actor)]).of((flags, actor)) == context


def test_the_baseline_is_the_lowest_of_a_task_and_at_most_what_the_tracer_adds():
    assert Contexts([("...3.", "a-1")]).of(("...3.", "a-1")) == "L"
    assert Contexts([LOW, ("....2", "a-1"), ("..s..", "a-1")]).of(LOW) == "L"
    assert Contexts([LOW, ("..s..", "<idle>-0")]).of(LOW) == "P"


def test_a_kernel_that_counts_nothing_tells_no_lock():
    contexts = Contexts([(".....", "a-1"), ("..s..", "a-1")])
    assert [contexts.of((".....", "a-1")), contexts.of(("..s..", "a-1"))] == ["?", "B"]


def test_a_probe_adds_one_if_it_does_wherever_there_is_one():
    probed = ("...2.", "a-1")
    assert Contexts([LOW, probed], [probed]).of(probed, is_probed=True) == "P"
    assert Contexts([LOW, probed], [probed]).of(probed) == "L"
    assert Contexts([LOW, probed], [probed, LOW]).of(probed, is_probed=True) == "L"
    assert Contexts([LOW, ("...3.", "a-1")], [probed]).of(("...3.", "a-1"), is_probed=True) == "L"
