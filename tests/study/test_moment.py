"""A run opens where it is decided, which is not always where it ends."""

from gmemviz import check, design_from_choices, gallery
from gmemviz.model.search import steps
from gmemviz.study import moment

CELL = {"kernel": "6.12", "mount": "own", "placement": "i_private", "metadata": "hugetlb-subpool"}


def opened(report, code=None):
    path = report.path(code) if code else report.whole
    run = tuple(steps(path, report.facts))
    return run[moment(path, run)], run


def cell(**words):
    return check(design_from_choices(**CELL | words))


def test_a_use_after_free_opens_at_its_last_step():
    step, run = opened(cell(cleanup="release"), "use-after-free")
    assert step is run[-1]


def test_what_is_late_opens_where_the_second_is_refused():
    step, run = opened(cell(cleanup="free-all"), "late-release")
    assert ("hugetlb-subpool", "refused") in step.effects
    assert step is not run[-1]


def test_a_leak_opens_where_the_hook_is_passed_by():
    report = cell(mount="anon-inode", cleanup="evict-after-truncate")
    for code in ("leak", "unreachable-hook"):
        step, _ = opened(report, code)
        assert step.passed == "evict_inode"


def test_a_leak_without_such_a_hook_opens_where_what_led_to_it_is_freed():
    step, _ = opened(cell(cleanup="none"), "leak")
    assert step.freed == ("inode",)


def test_a_correct_run_opens_where_the_last_thing_is_freed():
    step, _ = opened(check(gallery("guest_memfd-7.3")))
    assert step.freed == ("inode",)
