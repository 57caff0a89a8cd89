from dataclasses import replace

from gmemviz.derive.bodies import Context, body
from gmemviz.derive.metadata import owned
from gmemviz.facts import Deed
from tests.derive.conftest import AT, asked, deed

FREED = deed("given back", "container.a", via="kfree")


def lines(deeds, hook="evict_inode", *, is_new=False):
    context = Context(hook, owned([FREED]), {}, is_new)
    return [line.text for line in body(deeds, context)]


def test_whoever_frees_leaves_it_empty():
    """Both in one statement, `kfree(xchg(&p->a, NULL))`, or behind one another."""
    emptied = deed("emptied", "container.a")
    assert lines([emptied, FREED]) == ["free a via kfree"]
    assert lines([emptied]) == ["clear a"]


def test_one_of_two_that_free_leaves_it_empty():
    emptied = deed("emptied", "container.a")
    other = replace(FREED, chain=(FREED.at._replace(function="toy_free_inode"),))
    context = Context("evict_inode", owned([FREED, emptied, other]), {})
    texts = [line.text for line in body([emptied, FREED], context)]
    assert texts == ["free a via kfree", "clear a"]
    assert [line.text for line in body([other], context)] == ["free a via kfree"]


def test_whoever_frees_tests_the_pointer():
    freed = deed("given back", "container.a", (asked("set", "container.a"),), via="kfree")
    assert lines([freed]) == ["free a via kfree"]


def test_a_reading_counts_behind_the_free():
    read = deed("read", "container.a")
    assert lines([read, FREED]) == ["free a via kfree"]
    assert lines([FREED, read]) == ["free a via kfree", "read a"]


def test_a_whole_struct_that_is_zeroed():
    deeds = [deed("initialised", "container"), deed("allocated", "container")]
    assert lines(deeds, "alloc_inode", is_new=True) == ["alloc container", "init a"]

    zeroed = deed("allocated", "container", via="kmem_cache_zalloc")
    assert lines([zeroed], "alloc_inode", is_new=True)[1:] == ["init a"]


def test_two_statements_that_free_one_after_the_other_free_twice():
    again = replace(FREED, chain=(AT._replace(line=11),))
    assert lines([FREED, again]) == ["free a via kfree"] * 2
    assert lines([FREED, FREED]) == ["free a via kfree"]


def test_sleep_is_said_where_it_matters():
    sleeps = deed("sleeps", "", via="mutex_lock")
    assert lines([sleeps]) == []
    assert lines([sleeps], "free_inode") == ["sleep via mutex_lock"]


def test_a_wait_for_readers_is_said_before_what_it_lets_free():
    waits = deed("waits for RCU", "", via="synchronize_rcu_expedited")
    own = deed("waits for RCU", "", via="synchronize_rcu")
    barrier = deed("waits for RCU", "", via="rcu_barrier")
    words = ["synchronize_rcu via synchronize_rcu_expedited", "synchronize_rcu", "rcu_barrier"]
    assert lines([waits, own, barrier, FREED]) == [*words, "free a via kfree"]
    asks = deed("waits for RCU", "", (asked("bad"),), via="synchronize_rcu")
    assert lines([asks]) == ["if bad: synchronize_rcu"]


def test_a_callback_whose_head_lies_in_the_metadata_holds_no_inode():
    # kernfs_put: call_rcu(&kn->rcu, kernfs_free_rcu)
    deferred = deed("deferred", "container.a", later="toy_later")
    freed = deed("given back", "container.a", via="kfree", later="toy_later")
    assert lines([deferred, freed]) == ["free a after a grace period via kfree"]
    of_inode = deed("deferred", "container.rcu", later="toy_later")
    assert lines([of_inode, freed]) == ["call_rcu toy_later"]


def test_what_is_not_there_is_neither_freed_nor_set():
    freed = deed("given back", "container.a", via="kfree")
    clears = [deed("clears", "inode", (asked("set", "container.a", negated=no),)) for no in (0, 1)]
    kinds = owned([FREED])
    where = {}
    for name in ("absent", "borrowed"):
        context = Context("evict_inode", kinds, {}, **{name: frozenset({"a"})})
        where[name] = [[line.text for line in body([each], context)] for each in (freed, *clears)]
    assert where == {"absent": [[], [], ["clear_inode"]], "borrowed": [[], ["clear_inode"], []]}


def test_the_vfs_own_free_may_be_a_hook():
    at = AT._replace(path="fs/inode.c", function="free_inode_nonrcu")
    freed = Deed("given back", "inode", (at,), "kmem_cache_free")
    assert lines([freed], "destroy_inode") == ["free to inode_cachep"]
