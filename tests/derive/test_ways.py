from gmemviz.derive.metadata import owned
from gmemviz.derive.ways import ways_through
from gmemviz.facts import FunctionDeeds
from tests.derive.conftest import asked, deed


def through(deeds, hook="evict_inode"):
    return ways_through({hook: FunctionDeeds("toy", "fs/toy.c", 1, tuple(deeds))}, owned(deeds))


def test_answers_that_change_nothing_are_one_way():
    clears = [deed("clears", "inode", (asked("if", "", key="x"),)),
              deed("clears", "inode", (asked("if", "", negated=True, key="x"),))]  # fmt: skip
    assert len(through(clears).ways) == 1


def test_what_is_not_freed_on_a_way_is_not_there():
    found = through([deed("given back", "i_private", (asked("if", "", key="x"),))])
    assert [[kind.name for kind in way.kinds] for way in found.ways] == [["i_private"], []]
    assert found.assumed == ("on a way that does not free i_private, there is none",)


def test_a_hook_that_fails_makes_no_inode():
    new = [deed("allocated", "container", (asked("if", "", key="x"),))]
    assert len(through(new, "alloc_inode").ways) == 1
