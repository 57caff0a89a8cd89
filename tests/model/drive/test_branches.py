"""Walks side by side, and where each leaves another."""

from gmemviz.model.drive.branches import branches, turns, with_walk
from gmemviz.model.drive.drive import drive
from gmemviz.study import gallery


def test_back_and_branch():
    begin = drive(gallery("guest_memfd-7.3"), "gup-fast")
    first = begin.go("task", "dput")
    second = begin.go("task", "filemap_add_folio").take("gup").go("task", "dput")
    assert first.back(99).moves == begin.moves
    walks = with_walk(with_walk(with_walk((begin,), first), second), first.back())
    assert walks == (first, second)
    (trunk, fork) = branches(walks)
    assert (fork.leaves, fork.after, fork.depth) == (0, 8, trunk.depth + 1)
    assert [turn.actor for turn in turns(second, fork.after)] == ["gup", "task"]
    assert [turn.is_open for turn in turns(second)] == [False, True, True]
