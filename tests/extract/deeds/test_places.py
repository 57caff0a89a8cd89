from gmemviz.extract.deeds.formulas import TRUE, Atom, atom
from gmemviz.extract.deeds.places import (
    NULL,
    Address,
    OneOf,
    Unknown,
    choices,
    mapped,
    near,
    one_of,
    pointed,
)
from gmemviz.extract.deeds.spots import MemorySpot

INODE = MemorySpot("0")
TOY = INODE.up("toy", "vfs_inode")
YES, NO = atom(Atom("if", None, "x"))


def test_up_and_down_again_is_nowhere():
    assert TOY.to("vfs_inode") == INODE
    assert TOY.to("body").steps == ("^toy.vfs_inode", "body")
    assert INODE.to("i_rcu").up("inode", "i_rcu") == INODE
    assert INODE.to("i_rcu", "^inode.i_rcu") == INODE


def test_an_inner_member_is_left_whole():
    netfs = INODE.up("afs", "netfs.inode")
    assert netfs.to("netfs", "inode") == INODE
    assert netfs.to("netfs", "cache").steps[-2:] == ("netfs", "cache")


def test_only_what_is_one_pointer_away_is_an_inodes_own():
    near_end = TOY.to("pde", "*", "name", "*").near_end
    assert near_end == TOY.to("pde", "*")
    info = INODE.to("i_sb", "*", "s_fs_info", "*")
    assert info.to("lock").near_end == info


def test_a_pointer_is_where_it_lies():
    assert TOY.to("body", "*").pointer == TOY.to("body")
    assert TOY.to("policy").pointer is None


def test_one_of_equal_values_is_that_value():
    here = Address(TOY)
    assert one_of([(YES, here), (NO, here)]) == here
    both = one_of([(YES, here), (NO, NULL)])
    assert isinstance(both, OneOf)
    assert pointed(both) == TOY
    assert choices(one_of([(TRUE, both)])) == choices(both)


def test_what_is_changed_in_one_of_several():
    both = one_of([(YES, Address(TOY)), (NO, NULL)])
    assert mapped(both, lambda value: NULL) == NULL


def test_unknown_keeps_what_it_came_of():
    assert near(Unknown("x", frozenset({TOY}))) == {TOY}
    many = [(YES, Address(MemorySpot(str(number)))) for number in range(9)]
    assert len(near(one_of(many))) == 9
