"""What a synthesis may choose, and the Design that a choice is."""

import pytest

from gmemviz.model import METADATA, PLACEMENTS
from gmemviz.study.synthesis.space import STRUCTS, Choice, Pick, cannot_share, picks, together

PLAIN, OWN = STRUCTS[0], STRUCTS[6]


def pick(kind, placement, freed_in=""):
    return Pick(METADATA[kind], PLACEMENTS[placement], freed_in)


def test_structs_are_plain_and_containing_ones_with_the_same_ends():
    assert [struct.own for struct in STRUCTS] == [False] * 6 + [True] * 6
    assert [struct[1:] for struct in STRUCTS[:6]] == [struct[1:] for struct in STRUCTS[6:]]
    assert str(OWN) == "containing struct, left to the VFS"


def test_a_choice_says_its_parts():
    chosen = Choice(OWN, (pick("flags", "containing-struct", "drop_inode"),))
    assert chosen.parts == (
        "flags in containing-struct, cleared in drop_inode",
        "containing struct, left to the VFS",
    )
    assert chosen.design("7.3", "own").name == str(chosen) == " + ".join(chosen.parts)


def test_a_choice_is_a_design_with_its_hooks_in_order():
    freed = "evict_inode after truncation"
    chosen = Choice(STRUCTS[7], (pick("resv_map", "containing-struct", freed),))
    does = [(hook, [*map(str, body)]) for hook, body in chosen.design("7.3", "own").hooks]
    assert does == [
        ("alloc_inode", ["alloc container", "init resv_map"]),
        ("evict_inode", ["truncate", "clear_inode", "free resv_map"]),
        ("free_inode", ["free struct"]),
    ]


@pytest.mark.parametrize(
    ("number", "last"), [(0, "evict"), (2, "destroy_inode"), (1, "free_inode")]
)
def test_metadata_is_freed_only_in_hooks_that_leave_the_struct_its_end(number, last):
    hooks = {found.freed_in for found in picks(STRUCTS[number], METADATA["resv_map"])}
    assert ("destroy_inode" in hooks) is (last != "evict")
    assert ("free_inode" in hooks) is (last == "free_inode")


def test_a_struct_of_ones_own_is_there_to_keep_something():
    ways = ((pick("flags", "i_private"), pick("flags", "containing-struct")),)
    assert [c.picks[0].placement.name for c in together(OWN, ways)] == ["containing-struct"]
    assert len(list(together(PLAIN, ways))) == 2


def test_bits_and_a_pointer_do_not_share_a_field():
    both = pick("flags", "i_private-flags"), pick("resv_map", "i_private")
    assert cannot_share(Choice(PLAIN, both)) == (
        "flags and resv_map cannot share i_private: one wants its bits, one a pointer"
    )
    assert cannot_share(Choice(PLAIN, (both[1], pick("rcu-blob", "i_private")))) == ""
