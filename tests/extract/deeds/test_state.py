from gmemviz.extract.deeds.formulas import FALSE, TRUE, Atom, atom
from gmemviz.extract.deeds.places import NULL, Address, Unknown
from gmemviz.extract.deeds.spots import MemorySpot
from gmemviz.extract.deeds.state import Arrival, RunState, is_reachable

INODE = MemorySpot("0")
YES, NO = atom(Atom("if", None, "x"))


def test_what_nobody_stored_is_what_it_points_to():
    state = RunState()
    state.variables.add("x")
    assert state.load(INODE.to("i_link")) == Address(INODE.to("i_link", "*"))
    assert isinstance(state.load(MemorySpot("x")), Unknown)
    state.zeroed.add("new here")
    assert state.load(MemorySpot("new here", ("body",))) == NULL


def test_a_store_forgets_what_the_old_value_led_to():
    state = RunState()
    state.put(INODE.to("a", "*", "b"), NULL)
    state.put(INODE.to("a"), Address(MemorySpot("new here")))
    assert INODE.to("a", "*", "b") not in state.known


def test_where_ways_meet_a_value_is_one_of_two():
    state = RunState()
    spot = INODE.to("i_link")
    state.join([Arrival(YES, {spot: NULL}), Arrival(NO, {})])
    assert state.reach == TRUE
    assert {simple for _, simple in state.load(spot).values} == {NULL, Address(spot.to("*"))}


def test_nobody_comes_by_where_all_have_left():
    state = RunState()
    state.join([Arrival(FALSE, {})])
    assert state.reach == FALSE
    before = state.under(YES)
    assert before == FALSE


def test_what_the_caller_gets_at():
    assert is_reachable(INODE.to("x"))
    assert is_reachable(MemorySpot("new here"))
    assert not is_reachable(MemorySpot("local"))
