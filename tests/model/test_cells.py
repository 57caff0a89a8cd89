"""Every cell of the choices, against rules written apart from the search."""

from itertools import product

import pytest

from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, check, design_from_choices
from tests.model.theorems import expected

CELLS = list(product(kernels(), MOUNTS, PLACEMENTS, CLEANUPS, METADATA))


@pytest.mark.parametrize(("kernel", "mount"), list(product(kernels(), MOUNTS)))
def test_every_cell_is_as_the_rules_say(kernel, mount):
    for placement, cleanup, metadata in product(PLACEMENTS, CLEANUPS, METADATA):
        report = check(
            design_from_choices(
                kernel=kernel, mount=mount, placement=placement, cleanup=cleanup, metadata=metadata
            )
        )
        codes = expected(kernel, mount, placement, cleanup, metadata)
        got = None if report.defects is None else set(report.defects)
        assert got == codes, (kernel, mount, placement, cleanup, metadata)
        assert report.is_complete
        assert (report.counterexample is None) == (not got)


def test_there_are_as_many_cells_as_choices():
    assert len(CELLS) == 2 * 3 * 6 * 13 * 10 == 4680
