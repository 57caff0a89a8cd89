"""Events and steps are paired once each, in order."""

import pytest

from gmemviz.evidence.validate.conform import alignment, conform
from gmemviz.facts import load
from gmemviz.model.search.run import steps
from tests.evidence.validate.model_runs import runs


@pytest.mark.parametrize("name", ["guest_memfd-7.3", "hugetlbfs-6.12", "pipefs-6.12", "rfc-v2"])
@pytest.mark.parametrize("scenario", ["last-close", "o-path", "igrab"])
def test_the_lanes_pair_what_is_the_same(name, scenario):
    for design, _, trace in runs(name, scenario, 4, seed=1):
        found = conform(trace, design)
        model = found.model.events
        for event, step in found.pairs:
            if event is not None and step is not None:
                assert model[step].function == found.recorded.events[event].function
        paired = [event for event, step in found.pairs if event is not None and step is not None]
        assert set(paired) == set(found.matched)
        assert sorted(e for e, _ in found.pairs if e is not None) == [
            *range(len(found.recorded.events))
        ]
        assert {s for _, s in found.pairs if s is not None} == {*range(len(model))}
        assert alignment(trace, design) == found.pairs


def test_the_steps_are_numbered_as_in_the_model():
    (design, path, trace), *_ = runs("guest_memfd-7.3", "last-close", 1)
    found = conform(trace, design)
    assert len(list(steps(path, load("7.3")))) == len(found.model.events)
    assert found.model.origin == "simulated"
