"""Ask about real bugs: the broken form shows its code, the mended form is correct."""

import tomllib
from pathlib import Path

import pytest

from gmemviz import Design, check, mail
from gmemviz.render import film_of_report
from gmemviz.render.memory import memory, object_id
from tests.bugs.tables import laid_over

CASES = {}
for file in sorted(Path(__file__).parent.glob("*.toml")):
    CASES |= tomllib.loads(file.read_text(encoding="utf-8"))


def report(key, form):
    case = CASES[key]
    table = case["broken"] if form == "broken" else laid_over(case["broken"], case["mended"])
    return check(Design.from_table(f"{key}, {form}", table))


@pytest.mark.parametrize("key", CASES)
def test_the_broken_form_shows_its_code(key):
    assert set(CASES[key]["gives"]) <= set(report(key, "broken").defects)


@pytest.mark.parametrize("key", CASES)
def test_the_mended_form_is_correct(key):
    mended = report(key, "mended")
    assert mended.verdict == "correct", mended.not_asked or mended.reasons


@pytest.mark.parametrize("key", CASES)
def test_each_form_is_told_and_drawn(key):
    """Whatever a Design calls its metadata, and wherever it keeps it, its run has a film."""
    for form in ("broken", "mended"):
        found = report(key, form)
        assert found.design.title in mail(found)
        elements = {node.id for node in memory(found.whole.world).nodes}
        for kept in found.design.keeps:
            if kept.kind.owns_object:
                assert object_id(kept.kind.cell) in elements
        assert film_of_report(found).frames


SUPERBLOCK = {"metadata": {"info": {"placement": "s_fs_info"}}}
CONTAINER = {"alloc_inode": ["alloc container"], "free_inode": ["free struct"]}


@pytest.mark.parametrize(
    "table",
    [
        {"hooks": {**CONTAINER, "kill_sb": ["kill_anon_super", "rcu_barrier"]}},
        {**SUPERBLOCK, "hooks": {
            "kill_sb": ["kill_anon_super", "free info after a grace period", "rcu_barrier"]}},
        {**SUPERBLOCK, "hooks": {"kill_sb": ["kill_anon_super", "call_rcu later", "rcu_barrier"]},
         "callbacks": {"later": {"does": ["free info"]}}},
    ],
    ids=["the VFS's callback", "a deferred free", "a callback"],
)  # fmt: skip
def test_an_rcu_barrier_returns_once_what_it_counted_has_run(table):
    base = {"kernel": "6.12", "mount": "own", "allocator": "new_inode", "filled": False}
    assert check(Design.from_table("waits", {**base, **table})).verdict == "correct"
