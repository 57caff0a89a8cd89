"""Of several functions of one name the one is meant that the caller can reach."""

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.facts import Call, Facts, Function, OpsTable, by_name
from gmemviz.facts.snapshot import Lazy


def function(path, *, static=False, calls=0, name="put"):
    return Function(name, path, 1, static, False, (Call("end", "direct", 2),) * calls)


def of(*functions, tables=()):
    return Facts("9.8", "9.8.7", by_name(functions), lambda: tables, dict)


@pytest.mark.parametrize(
    ("caller", "path"),
    [
        ("fs/a.c", "fs/a.c"),  # its own static one
        ("fs/b.c", "fs/b.c"),
        ("fs/other.c", "lib/put.c"),  # not the static ones of others, nor the stub of the header
        ("", "lib/put.c"),
    ],
)
def test_a_caller_means_what_it_can_reach(caller, path):
    found = of(
        function("fs/a.c", static=True, calls=9),
        function("fs/b.c", static=True),
        function("include/put.h", static=True),
        function("lib/put.c", calls=2),
    )
    assert found.function("put", caller).path == path
    assert str(found.source("put", caller)) == f"{path}:1 put@v9.8.7"


def test_a_static_one_is_better_than_none():
    assert of(function("fs/a.c", static=True)).function("put", "fs/z.c").path == "fs/a.c"


def test_what_is_lacking_is_named_with_the_nearest():
    found = of(function("lib/put.c", calls=1))
    with pytest.raises(UnknownNameError, match=r"no function 'putt' .* of 9\.8; did you mean put"):
        found.function("putt")
    with pytest.raises(UnknownNameError, match=r"put does not call 'ende' .*; did you mean end"):
        found.call_source("put", "ende")
    assert found.call_source("put", "end").line == 2


def test_names_and_definitions_are_in_order():
    functions = [function("b.c"), function("a.c"), function("a.c", name="get")]
    groups = by_name(functions)
    assert list(groups) == ["get", "put"]
    assert [one.path for one in groups["put"]] == ["a.c", "b.c"]


def test_tables_by_filesystem_and_struct():
    tables = (
        OpsTable("a_type", "file_system_type", "fs/a/super.c", 1, (), "afs"),
        OpsTable("a_ops", "super_operations", "fs/a/super.c", 2, (), "afs", carriers=("afs",)),
        OpsTable("b_ops", "super_operations", "fs/b/super.c", 2, (), "bfs"),
    )
    found = of(tables=tables)
    assert [table.name for table in found.tables_of("afs")] == ["a_type", "a_ops"]
    assert found.tables_of("a", "super_operations") == (tables[1],)
    with pytest.raises(UnknownNameError, match="unknown filesystem: 'c'"):
        found.tables_of("c")


def test_an_entry_is_decoded_once_and_only_if_asked_for():
    decoded = []

    def decode(name):
        decoded.append(name)
        return (function("a.c", name=name),)

    lazy = Lazy({"get": 1, "put": 2}, decode)
    assert "put" in lazy
    assert (list(lazy), len(lazy), repr(lazy)) == (["get", "put"], 2, "<Lazy: 2 names>")
    assert decoded == []
    assert lazy["put"] is lazy["put"]
    assert lazy.get("end") is None
    assert decoded == ["put"]
