"""inotify marks at umount: which of them a kernel finds, and who waits for whom."""

import pytest

from gmemviz.facts import kernels, load
from gmemviz.model.road import marks
from tests.model.machine.made import design_of, machine_of, target_of

MARKED = 'actors.watcher = { holds = "mark", does = ["sleep"] }'
CELLS = ((marks.MARKS, 1), (marks.TAKEN, 0))


def marked(kernel, more=""):
    return target_of(design_of(kernel=kernel, more=f"{more}\n{MARKED}"))


@pytest.mark.parametrize("kernel", kernels())
def test_marks_go_before_the_inodes_or_behind_them(kernel):
    t = marked(kernel)
    assert marks.has_marks(t)
    assert marks.has_marks_late(t) == marks.finds_by_list(t)
    assert marks.has_marks_early(t) != marks.has_marks_late(t)


def test_a_design_without_such_an_actor_has_none():
    assert not marks.has_marks(target_of())
    assert not marks.has_marks_early(target_of())
    assert not marks.has_marks_late(target_of())


def test_an_old_kernel_finds_the_marks_of_listed_inodes_only():
    for kernel, allocator, is_found in (
        ("6.12", "alloc_anon_inode", 0),
        ("6.12", "new_inode", 1),
        ("7.3", "alloc_anon_inode", 1),
    ):
        t = marked(kernel, f'allocator = "{allocator}"')
        assert marks.finds_by_list(t) == (kernel == "6.12"), load(kernel).tag
        m = machine_of(t, also=CELLS)
        marks.take_away(m, t)
        assert m[marks.TAKEN] == is_found
        assert marks.is_taken(m, t) == bool(is_found)


def test_umount_waits_until_no_mark_is_left():
    t = marked("7.3")
    m = machine_of(t, also=CELLS)
    assert not marks.none_is_left(m, t)
    m.add(marks.MARKS, -1)
    assert marks.none_is_left(m, t)
    assert marks.none_is_left(machine_of(t), t)  # a scenario without marks
