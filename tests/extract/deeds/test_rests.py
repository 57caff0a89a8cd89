"""What a reading rests on: it stands while none of that has changed."""

import pytest

from gmemviz.extract.deeds.rests import Rested, Rests

RESTED = Rested(("fs/toy/super.c",), ("toy_put",), ("fs/toy/",))


@pytest.mark.parametrize(
    ("changed", "names", "stands"),
    [
        ((), (), True),
        (("mm/other.c",), ("other_put",), True),
        (("fs/toy/super.c",), (), False),
        (("fs/toy/new.c",), (), False),
        (("mm/other.c",), ("toy_put",), False),
        (("fs/toyota.c",), (), True),
    ],
)
def test_it_stands_while_nothing_of_it_has_changed(changed, names, stands):
    assert RESTED.stands(changed, names) == stands


def test_what_rests_on_nothing_stands():
    assert Rested().stands({"fs/toy/super.c"}, {"toy_put"})


def test_what_callees_rest_on_is_counted_once():
    leaf, left, right, top = Rests(), Rests(), Rests(), Rests()
    leaf.names.add("toy_put")
    leaf.files.add("fs/toy/super.c")
    left.folders.add("fs/toy/")
    for caller, callee in ((left, leaf), (right, leaf), (top, left), (top, right), (leaf, top)):
        caller.on(callee)
    assert len(list(top.each())) == 4
    assert top.summed() == RESTED
    assert Rests().summed() == Rested()
