"""What a cell's question is made of: who is asked, and the hooks that each path runs."""

import pytest

from gmemviz.model import SCENARIOS, Design, check
from gmemviz.model.scenarios.of_a_cell import by_default
from gmemviz.study import gallery
from tests.model.scenarios.hooked import all_hooks, cell, hooks_in


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("last-close", "drop_inode L, evict_inode P, destroy_inode P, free_inode B"),
        ("creation-fails-early", "drop_inode L, evict_inode P, destroy_inode P, free_inode B"),
        ("init-fails", "destroy_inode P, free_inode P"),
        ("lost-insertion", "destroy_inode P, free_inode B"),
        ("root-inode", "drop_inode L, evict_inode P, destroy_inode P, free_inode B"),
    ],
)
def test_hooks_of_paths_n_c_i_x(scenario, expected):
    seen, defects = hooks_in(all_hooks(), scenario)
    assert ", ".join(f"{hook} {context}" for hook, context in seen) == expected
    assert defects == ()


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_scenario_asks_somebody_and_finds_the_merged_design_or_breaks_it(name):
    asked = [d for d in (*map(gallery, ASKED), UNLINKS) if SCENARIOS[name].asks(d)]
    if not asked:
        cells = [
            cell("none", kind, where)
            for kind, where in (
                ("rcu-blob", "i_private"), ("resv_map", "i_private"),
                ("folio-put-state", "i_private"), ("flags", "global-xarray"),
                ("flags", "file-private_data"),
            )
        ]  # fmt: skip
        asked = [d for d in cells if SCENARIOS[name].asks(d)]
    assert asked, name
    for design in asked:
        assert check(design, scenarios=[SCENARIOS[name]]).is_complete


ASKED = ("guest_memfd-7.3", "shmem-7.3", "bpffs-7.3", "bpffs-destroy-only", "mappability-v5")
UNLINKS = Design.from_text("""
kernel = "7.3"
mount = "own"
named = true
metadata.body = { placement = "i_link", read_by = ["lockless reader"] }
hooks.unlink = ["free body", "clear body"]
""")


def test_a_design_is_asked_for_what_it_has_only():
    names = [scenario.name for scenario in by_default(cell("evict-after-truncate", "flags"))]
    assert names == [
        "last-close", "gup-fast", "o-path", "creation-fails-late", "creation-fails-early",
        "init-fails", "root-inode", "unmount",
    ]  # fmt: skip
    scarce = {scenario.name for scenario in by_default(cell("release", "resv_map"))}
    assert scarce - set(names) == {"second-creation"}
    hugetlb = {scenario.name for scenario in by_default(gallery("hugetlbfs-7.3"))}
    assert "gup-fast" not in hugetlb
