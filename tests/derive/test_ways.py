import pytest

from gmemviz.derive.metadata import owned
from gmemviz.derive.ways import always_truncated, concerns, ways_through
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
    # The way that frees nothing is a part of the one that frees it.
    assert [way.absent for way in found.ways] == [frozenset()]
    assert found.assumed == ("on a way that does not free i_private, there is none",)


def test_a_way_that_does_another_thing_is_not_a_part():
    deeds = [deed("given back", "container.a", (asked("if", "", key="x"),)),
             deed("clears", "inode", (asked("if", "", key="x", negated=True),))]  # fmt: skip
    assert [sorted(way.absent) for way in through(deeds).ways] == [[], ["a"]]


def test_what_is_done_for_a_null_pointer_is_a_way_of_its_own():
    deeds = [deed("given back", "container.a"), deed("clears", "inode")]
    hooks = {"evict_inode": FunctionDeeds("toy", "fs/toy.c", 1, tuple(deeds))}
    ways = ways_through(hooks, owned(deeds), frozenset({"a"})).ways
    assert [sorted(way.absent) for way in ways] == [[], ["a"]]


def test_a_pointer_that_decides_about_others_is_borrowed_where_it_is_not_freed():
    # ceph's i_snap_realm: of a snapshot's inode it is set, and belongs to somebody else.
    def with_realm(*more):
        return (asked("set", "container.realm"), *more)

    deeds = [deed("given back", "container.realm", with_realm(asked("if", "", key="x"))),
             deed("given back", "container.map",
                  with_realm(asked("if", "", key="x", negated=True)))]  # fmt: skip
    found = {(tuple(sorted(way.absent)), tuple(way.borrowed)) for way in through(deeds).ways}
    assert found == {(("map",), ()), ((), ("realm",))}


@pytest.mark.parametrize(
    ("texts", "always"),
    [
        (["truncate via truncate_inode_pages_final"], True),
        (["if not bad: truncate"], True),
        (["if nlink 0: truncate", "if not nlink 0: truncate"], True),
        (["if not nlink 0: truncate"], False),
        (["clear_inode"], False),
    ],
)
def test_pages_are_truncated_whatever_the_inode_is(texts, always):
    assert always_truncated(texts) == always


def test_other_memory_asks_no_question():
    kinds = owned([deed("given back", "container.a.b")])
    done = [deed("given back", "container.a.b"), deed("emptied", "container.a"),
            deed("emptied", "container.c"), deed("clears", "inode")]  # fmt: skip
    assert [concerns(each, kinds) for each in done] == [True, True, False, True]


def test_a_hook_that_fails_makes_no_inode():
    new = [deed("allocated", "container", (asked("if", "", key="x"),))]
    assert len(through(new, "alloc_inode").ways) == 1
