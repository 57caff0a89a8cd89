"""A record names itself in one line that a reader can look up."""

from gmemviz.facts import Call, Event, Function, OpsTable, Source, Trace


def test_a_source_is_a_place_that_can_be_looked_up():
    assert str(Source("fs/inode.c", 824, "evict", "v7.3.4")) == "fs/inode.c:824 evict@v7.3.4"


def test_functions_and_tables_are_told_by_name_and_place():
    calls = (Call("clear_inode", "direct", 850), Call("remove_inode_hash", "direct", 851))
    function = Function("evict", "fs/inode.c", 824, static=True, inline=False, calls=calls)
    assert repr(function) == "<Function evict fs/inode.c:824: 2 calls>"
    table = OpsTable("a_ops", "super_operations", "fs/a.c", 9, (("free_inode", "a_free"),))
    assert repr(table) == "<OpsTable a_ops fs/a.c:9: 1 hooks>"


def test_a_trace_says_how_much_it_lacks():
    trace = Trace("last close", "7.3.4", "recorded", (Event("iput", "closer", "P", 0),) * 2)
    assert repr(trace) == "<Trace last close, recorded on 7.3.4: 2 events>"
    holed = Trace("a\x1b" * 99, "7.3.4", "recorded", (), missing=("the end", "a CPU"))
    assert repr(holed).endswith("recorded on 7.3.4: 0 events, 2 things missing>")
    assert "\x1b" not in repr(holed)
