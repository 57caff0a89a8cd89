from gmemviz.extract.deeds.formulas import FALSE, TRUE, Atom, atom
from gmemviz.extract.deeds.places import NULL, Address, Spot, Unknown
from gmemviz.extract.deeds.state import State, Way, is_reachable

INODE = Spot("0")
YES, NO = atom(Atom("if", None, "x"))


def test_what_nobody_stored_is_what_it_points_to():
    state = State()
    state.variables.add("x")
    assert state.load(INODE.to("i_link")) == Address(INODE.to("i_link", "*"))
    assert isinstance(state.load(Spot("x")), Unknown)
    state.zeroed.add("new here")
    assert state.load(Spot("new here", ("body",))) == NULL


def test_a_store_forgets_what_the_old_value_led_to():
    state = State()
    state.put(INODE.to("a", "*", "b"), NULL)
    state.put(INODE.to("a"), Address(Spot("new here")))
    assert INODE.to("a", "*", "b") not in state.known


def test_where_ways_meet_a_value_is_one_of_two():
    state = State()
    spot = INODE.to("i_link")
    state.join([Way(YES, {spot: NULL}), Way(NO, {})])
    assert state.reach == TRUE
    assert {simple for _, simple in state.load(spot).values} == {NULL, Address(spot.to("*"))}


def test_nobody_comes_by_where_all_have_left():
    state = State()
    state.join([Way(FALSE, {})])
    assert state.reach == FALSE
    before = state.under(YES)
    assert before == FALSE


def test_what_the_caller_gets_at():
    assert is_reachable(INODE.to("x"))
    assert is_reachable(Spot("new here"))
    assert not is_reachable(Spot("local"))
