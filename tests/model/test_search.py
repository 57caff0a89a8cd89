"""The search: exact sizes, shortest runs, witnesses, limits, the same under any hash seed."""

import json
import os
import subprocess
import sys

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.facts import load
from gmemviz.model import SCENARIOS, check, design_from_choices
from gmemviz.model.search.run import steps
from gmemviz.model.search.world import world_of
from gmemviz.study import gallery, verdict


def design(cleanup, metadata, *, kernel="7.3", placement="containing-struct", mount="own"):
    return design_from_choices(
        kernel=kernel, mount=mount, placement=placement, cleanup=cleanup, metadata=metadata
    )


@pytest.mark.parametrize(
    ("name", "states", "edges"),
    [
        ("guest_memfd-6.12", 182, 289),
        ("guest_memfd-7.3", 468, 696),
        ("hugetlbfs-7.3", 518, 750),
        ("rfc-v1-hugetlb", 416, 636),
        ("shmem-7.3", 561, 820),
    ],
)
def test_sizes_are_exact(name, states, edges):
    report = check(gallery(name))
    assert (report.states, report.edges) == (states, edges)


def test_a_counterexample_is_a_shortest_run():
    report = check(design("free-all", "shareability-tree"))
    path = report.counterexample
    assert path.defect.code == "sleep-in-softirq"
    depths = {
        e.world.scenario.name: e.found["sleep-in-softirq"].depth
        for e in report.explorations
        if e.found
    }
    assert len(path) == min(depths.values())
    assert path.world.scenario.name == min(depths, key=depths.get)


def test_a_run_replays_to_its_defect():
    path = check(design("evict-before-truncate", "resv_map")).counterexample
    run = list(steps(path, check(design("none", "flags")).facts))
    assert run[-1].event.effects[0].change == "use-after-free"
    freed = [s.event.hook for s in run if ("resv_map", "freed") in s.event.effects]
    assert freed == ["evict_inode"]
    assert run[-1].event.function == "truncate_inode_pages_final"


def test_every_scenario_of_a_correct_design_reaches_its_witnesses():
    for name in ("guest_memfd-7.3", "hugetlbfs-7.3"):
        for scenario, witnesses in check(gallery(name)).witnesses.items():
            assert witnesses, scenario
            assert all(witnesses.values()), scenario


def test_a_vacuous_scenario_is_refused():
    never = SCENARIOS["last-close"].__class__(
        "never", "N", "nothing that can happen", SCENARIOS["last-close"].actors,
        sometimes=(("pigs fly", lambda _: False),),
    )  # fmt: skip
    with pytest.raises(GmemvizError, match="vacuous: never reached pigs fly"):
        check(gallery("guest_memfd-7.3"), scenarios=(never,))


def test_a_limit_is_reported():
    report = check(gallery("guest_memfd-7.3"), limit=20)
    assert not report.is_complete
    assert report.why == "No defect in the 147 states seen, but the search hit its limit."
    assert verdict(report) == "undecided"


def test_contexts_follow_the_locks():
    report = check(design("drop-returns-1", "shareability-tree"))
    events = [s.event for s in steps(report.counterexample, report.facts)]
    assert {e.context for e in events if e.hook == "drop_inode"} == {"L"}
    report = check(design("free-all", "faultability-xarray"))
    events = [s.event for s in steps(report.counterexample, report.facts)]
    assert {e.context for e in events if e.hook == "free_inode"} == {"B"}
    contexts = {e.function: e.context for e in events}
    assert contexts["evict"] == contexts["iput"] == "P"
    assert contexts["iput_final"] == "L"
    assert contexts["grace period"] == "?"


def test_locks_and_interrupts_are_not_process_context():
    world = world_of(gallery("shmem-7.3"), SCENARIOS["gup-fast"], load("7.3"))
    code = [one for program in world.programs for one in program.code]
    contexts = {one.place.function: one.place.context for one in code if hasattr(one, "place")}
    assert contexts["dentry_kill"] == "A"
    assert contexts["dentry_unlink_inode"] == "L"
    assert contexts["get_user_pages_fast"] == contexts["gup_fast_folio_allowed"] == "A"


def test_hugetlb_and_unmappable_inodes_have_no_gup_fast_reader():
    for name in ("hugetlbfs-7.3", "guest_memfd-6.12", "rfc-v1-hugetlb"):
        assert "gup-fast" not in check(gallery(name)).witnesses
    run = [s.event.function for s in steps(check(gallery("guest_memfd-6.12")).whole, load("6.12"))]
    assert "fallocate(2)" in run
    assert not {"page fault", "munmap(2)"} & set(run)
    assert run.index("alloc_file_pseudo") < run.index("__kvm_gmem_create")


PROGRAM = """
import json
from gmemviz.model import check, design_from_choices
from gmemviz.render import film_of_report
from gmemviz.study import answer, gallery
out = []
for name in ("guest_memfd-7.3", "rfc-v1-hugetlb"):
    report = check(gallery(name), keep_moves=True)
    out += [answer(report), [d.dot for d in film_of_report(report).drawings]]
report = check(design_from_choices(kernel="6.12", mount="own", placement="i_private",
    cleanup="free-all", metadata="hugetlb-subpool"), keep_moves=True)
film = film_of_report(report)
out += [answer(report), [d.dot for d in film.drawings], list(film.frames)]
print(json.dumps(out))
"""


def test_the_same_under_two_hash_seeds():
    said = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4242")
    ]
    assert said[0] == said[1]
    assert len(json.loads(said[0])) == 7


def test_a_reason_has_the_right_subject():
    lost = check(design("evict-without-clear", "shared_policy", placement="file-private_data"))
    assert lost.reasons["unreachable-hook"].startswith("evict_inode is set, but a hook that is")
    leaky = check(design("none", "shared_policy", placement="i_private"))
    assert leaky.why.startswith("shared_policy is still allocated when no step is left")
    assert leaky.counterexample.is_at_end
