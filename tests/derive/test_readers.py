from gmemviz.derive.metadata import owned
from gmemviz.derive.readers import readers
from gmemviz.facts import FunctionDeeds
from tests.derive.conftest import asked, deed

KINDS = owned([deed("given back", "container.a")])


def actors(member, *deeds):
    functions = {"toy": (member, FunctionDeeds("toy", "fs/toy.c", 1, deeds))}
    return [
        (actor.name, [line.text for line in actor.lines]) for actor in readers(functions, KINDS)
    ]


def test_get_link_reads_of_a_symlink():
    assert actors("get_link", deed("read", "container.a")) == [
        ("toy", ["if symlink: read a untested"])
    ]


def test_who_tests_the_pointer():
    tested = deed("read", "container.a", (asked("set", "container.a"),))
    assert actors("permission", tested) == [("toy", ["read a"])]


def test_a_list_is_walked_to_an_element_only_where_there_is_one():
    walked = deed("read", "container.a", (asked("loop", ""),))
    assert actors("permission", walked) == [("toy", ["read a"])]


def test_what_is_read_with_a_reference_is_left_out():
    bails = deed("read", "container.a", (asked("rcu walk", "", negated=True),))
    assert actors("permission", bails) == []
    assert actors("permission", deed("read", "container.b")) == []


def test_get_inode_acl_has_a_reference_where_rcu_is_not_set():
    """Its third argument says that path walk asks under RCU."""
    reads = deed("read", "container.a", (asked("set", "argument 2", negated=True),))
    assert actors("get_inode_acl", reads) == []
    under = deed("read", "container.a", (asked("set", "argument 2"),))
    assert [name for name, _ in actors("get_inode_acl", under)] == ["toy"]


def test_what_else_is_asked_may_be_answered_so():
    reads = deed("read", "container.a", (asked("if", "", negated=True, key="1"),))
    assert actors("permission", reads) == [("toy", ["read a untested"])]
