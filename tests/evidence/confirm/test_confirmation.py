"""Model and kernel side by side, with stored words of a kernel: agreement, and all that is not."""

import json
from dataclasses import replace

import pytest

from gmemviz.evidence.confirm.confirm import confirmation
from gmemviz.evidence.confirm.runs import unplayed
from gmemviz.model import Design, check
from gmemviz.model.search import outlives_busy_umount, uses_old_memory
from gmemviz.study import gallery
from tests.evidence.confirm.judged import (
    CLEAN,
    FREED,
    LEAKS,
    LEAKY,
    LEFT,
    LOST,
    STUCK,
    cell,
    judged,
    said,
)


def test_a_clean_design_of_which_the_kernel_says_nothing_agrees():
    found = judged(CLEAN)
    assert found.judgement == "agrees"
    assert found.evidence == "confirmed on 6.12"
    assert (found.missing, found.surplus, found.shown) == ((), (), {})
    assert found.text.splitlines()[:2] == [f"agrees: {CLEAN.title}", "model:  correct"]


def test_a_model_that_is_undecided_agrees_in_part_at_most():
    found = replace(judged(CLEAN), report=check(CLEAN, limit=20))
    assert found.report.defects == ()
    assert (found.judgement, found.evidence) == ("agrees in part", "model")


def test_a_leak_is_shown_by_its_line():
    found = judged(LEAKY, [LEFT], LEAKS)
    assert found.judgement == "agrees"
    assert found.answer()["shown"] == {"leak": {"run": "last-close", "line": LEFT}}
    assert LEFT in found.text
    json.dumps(found.answer())


def test_a_kernel_that_says_nothing_of_a_leak_disagrees():
    found = judged(LEAKY)
    assert (found.judgement, found.missing) == ("disagrees", ("leak",))
    assert found.evidence == "disagrees on 6.12"
    assert "leak: the kernel did not show it" in found.text


def test_a_kernel_that_says_more_than_the_model_disagrees():
    found = judged(CLEAN, [FREED], {"gup-fast"})
    assert (found.judgement, found.surplus) == ("disagrees", ("use-after-free",))
    assert "which the model does not say" in found.text


def test_a_code_of_another_scenario_is_more_than_the_model_says():
    # The tree leaks where it was attached: a creation that failed before has none to leak.
    found = judged(LEAKY, [LEFT], {*LEAKS, "creation-fails-early"})
    assert (found.judgement, found.surplus) == ("disagrees", ("leak",))


def test_the_console_of_another_design_disagrees():
    mutant = replace(CLEAN, hooks=cell("i_private", "evict-before-truncate", "resv_map").hooks)
    assert check(mutant).defects == ("use-after-free",)
    assert judged(mutant).judgement == "disagrees"
    assert confirmation(CLEAN, "6.12.0", said(mutant, [FREED])).judgement == "disagrees"


def test_what_only_lockdep_says_is_never_counted_as_agreeing():
    found = judged(cell("i_private", "free-all", "shared_policy"))
    assert found.report.defects == ("lock-context",)
    assert found.judgement == "not confirmable"
    assert found.evidence == "model"
    assert "lockdep" in found.not_shown["lock-context"]


def test_a_hook_that_nobody_enters_is_confirmed_in_part_at_best():
    design = cell("file-private_data", "evict-after-truncate", "resv_map")
    assert check(design).defects == ("leak", "out-of-reach", "per-file", "unreachable-hook")
    console = said(design, [LEFT], LEAKS - {"creation-fails-late"})
    console["your second-file"] = ("gmemviz: the second file shows another resv_map",)
    found = confirmation(design, "6.12.0", console)
    assert found.judgement == "agrees in part"
    assert list(found.not_shown) == ["out-of-reach", "unreachable-hook"]
    assert found.evidence == "model"


def test_what_comes_behind_a_hazard_is_judged_too():
    design = cell("global-xarray", "free-all", "folio-put-state")
    assert check(design).defects == ("deadlock", "use-after-free")
    lockup = {"your last-close busy": (STUCK,)}
    found = confirmation(design, "6.12.0", said(design, [FREED], {"pinned-folio"}) | lockup)
    assert found.judgement == "agrees"
    assert list(found.shown) == ["deadlock", "use-after-free"]
    missed = confirmation(design, "6.12.0", said(design, [], ()) | lockup)
    assert (missed.judgement, missed.missing) == ("disagrees", ("use-after-free",))
    more = confirmation(
        design, "6.12.0", said(design, [FREED], {"pinned-folio", "o-path"}) | lockup
    )
    assert (more.judgement, more.surplus) == ("disagrees", ("use-after-free",))


def test_what_nobody_can_reach_is_told_with_the_reason():
    found = judged(cell("file-private_data", "release", "resv_map"))
    assert "out-of-reach" in found.report.defects
    assert "cannot be written" in found.not_shown["out-of-reach"]


def test_a_busy_run_asks_about_the_xarray_alone():
    design = cell("global-xarray", "drop-returns-1", "attributes-tree")
    assert check(design).defects == ("sleep-in-atomic",)
    atomic = "BUG: scheduling while atomic: actor/190/0x00000002"
    console = said(design, [atomic], LEAKS) | {"your last-close busy": (FREED,)}
    found = confirmation(design, "6.12.0", console)
    assert (list(found.shown), found.surplus) == (["sleep-in-atomic"], ())


def test_a_run_that_could_not_be_played_is_told():
    found = judged(CLEAN, [LOST], {"o-path"})
    assert found.judgement == "disagrees"
    assert "o-path tells nothing: gmemviz: the kernel was lost" in found.text
    assert judged(LEAKY, [LEFT, LOST], LEAKS).judgement == "agrees"  # the kernel had said why


def test_what_the_compiler_refuses_is_compared_with_the_facts():
    line = "your.c:15: 'struct address_space' has no member named 'i_private_data'"
    new = cell("i_private_data", "none", "resv_map", kernel="7.3")
    found = confirmation(new, "7.3.4", {"your build": (line,)})
    assert found.judgement == "agrees"
    assert found.answer()["shown"] == {"no-such-field": {"run": "build", "line": line}}
    old = cell("i_private_data", "none", "resv_map")
    assert confirmation(old, "6.12.0", {"your build": (line,)}).judgement == "disagrees"


def test_what_cannot_be_written_or_is_no_design_is_not_confirmable():
    for design in (gallery("rfc-v2"), cell("i_private-flags", "none", "resv_map")):
        found = confirmation(design, "6.12.0", {})
        assert found.judgement == "not confirmable"
        assert found.unwritten
        assert found.unwritten in found.text


def test_a_scenario_that_the_driver_does_not_play_is_said():
    design = gallery("hugetlbfs-stale-resv_map")
    assert "stale-root" in unplayed(design)
    found = judged(design)
    assert any("does not play" in why for why in found.not_shown.values())
    assert found.judgement == "not confirmable"


def test_a_correct_design_is_confirmed_in_part_where_a_scenario_is_not_played():
    design = gallery("bpffs-7.3")
    assert check(design).defects == ()
    found = judged(design)
    assert found.not_played == ("umount", "unlink", "rcu-walk")
    assert found.judgement == "agrees in part"
    assert "not played by the driver: " in found.text


EVERY = {
    "assertion": cell("i_private", "evict-without-clear", "resv_map"),
    "crash": cell("i_private", "none", "resv_map", mount="static-superblock"),
    "deadlock": cell("global-xarray", "free-all", "resv_map"),
    "inode-leak": cell("i_private", "destroy-leaves-memory", "resv_map"),
    "late-release": cell("i_private", "free-all", "resv_map"),
    "leak": cell("i_private", "none", "resv_map"),
    "lock-context": cell("i_private", "free-all", "shared_policy"),
    "no-such-field": cell("i_private_data", "none", "resv_map", kernel="7.3"),
    "per-file": cell("file-private_data", "release", "resv_map"),
    "sleep-in-atomic": cell("i_private", "drop-returns-1", "attributes-tree"),
    "sleep-in-softirq": cell("i_private", "free-all", "attributes-tree"),
    "stale-alias": cell("global-xarray", "none", "flags"),
    "unreachable-hook": cell("file-private_data", "destroy+free", "resv_map"),
    "use-after-free": cell("i_private", "evict-before-truncate", "resv_map"),
    "wrong-branch": cell("i_private-flags", "release", "flags"),
    "wrong-cache": cell("containing-struct", "none", "resv_map"),
}


@pytest.mark.parametrize("code", EVERY)
def test_a_code_can_be_shown_by_some_run_or_has_its_reason(code):
    found = judged(EVERY[code])
    assert code in found.report.defects
    if code == "no-such-field":  # the compiler shows it
        return
    assert code in found.missing or code in found.not_shown


def test_memory_of_an_earlier_life_is_not_played_whatever_it_shows():
    found = judged(gallery("hugetlbfs-stale-resv_map"))
    path = found.report.path("use-after-free")
    assert uses_old_memory(path)
    assert "an earlier life" in found.not_shown["use-after-free"]
    assert not uses_old_memory(judged(gallery("bpffs-destroy-only")).report.path("use-after-free"))


LISTED = """
    kernel = "6.12"
    mount = "own"
    allocator = "new_inode"
    filled = false
    metadata.blob = { placement = "i_private" }
    hooks.evict_inode = ["truncate", "clear_inode", "free blob"]
    actors.lister = { holds = "rcu", does = ["igrab", "rcu_read_unlock", "iput"] }
"""


def test_what_comes_behind_busy_inodes_no_distributions_kernel_shows():
    found = judged(Design.from_text(LISTED))
    assert outlives_busy_umount(found.report.path("crash"))
    assert "CONFIG_BUG_ON_DATA_CORRUPTION" in found.not_shown["crash"]
    assert "busy-inodes" in found.missing  # this it would show
    assert not outlives_busy_umount(found.report.path("busy-inodes"))
