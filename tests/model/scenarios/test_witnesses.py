"""What a run must sometimes reach: each witness sees its moment and no other."""

import pytest

from gmemviz.model.scenarios import witnesses
from gmemviz.model.scenarios.witnesses import is_cached

STANDS = {
    "inode": "allocated", "inode.i_count": 1, "inode.i_state": 0, "inode.dentry": 1,
    "inode.waits_for": None, "superblock": "allocated", "closed": 0, "pinned": 0,
    "second": "absent", "memslot": "allocated", "folio.locked": 0,
}  # fmt: skip

MOMENTS = [
    (witnesses.ENDS, {"inode": "freed"}),
    (witnesses.ENDS, {"inode.i_count": 0}),
    (witnesses.DEAD, {"superblock": "freed"}),
    (witnesses.DELAYED, {"inode.waits_for": ("reader of inode",)}),
    (witnesses.OUTLIVED, {"inode": "freed", "pinned": 1}),
    (witnesses.SECOND, {"second": "allocated"}),
    (witnesses.PATH_LAST, {"closed": 1}),
    (witnesses.SLOT_FREED, {"memslot": "freed"}),
    (witnesses.FOLIO_LOCKED, {"folio.locked": 1}),
    (witnesses.UNUSED, {"inode.i_count": 0}),
]


@pytest.mark.parametrize(
    ("witness", "moment"), MOMENTS, ids=lambda value: value[0] if isinstance(value, tuple) else ""
)
def test_a_witness_sees_its_moment(witness, moment):
    _, test = witness
    assert not test(STANDS)
    assert test({**STANDS, **moment})


def test_every_witness_has_its_moment_here():
    named = {value for value in vars(witnesses).values() if isinstance(value, tuple)}
    assert named == {witness for witness, _ in MOMENTS}


def test_an_inode_of_a_dead_superblock_is_cached_nowhere():
    unused = {**STANDS, "inode.i_count": 0}
    assert is_cached(unused)
    assert not is_cached({**unused, "superblock": "freed"})
    assert not is_cached({**unused, "inode.i_state": 1})
    assert is_cached(
        {**unused, "second": "allocated", "second.i_count": 0, "second.i_state": 0}, "second"
    )
