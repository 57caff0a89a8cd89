"""The search against the oracle, which runs every interleaving in a way of its own."""

from itertools import product
from pathlib import Path

import pytest

from gmemviz.facts import kernels
from gmemviz.model import (
    CLEANUPS,
    METADATA,
    MOUNTS,
    PLACEMENTS,
    SCENARIOS,
    check,
    design_from_choices,
)
from gmemviz.model.machine.heap import ABSENT, FREED, Machine
from gmemviz.model.machine.program import Act
from gmemviz.model.machine.state import progress
from gmemviz.model.road.skeleton import SKELETON, Function
from gmemviz.study import gallery
from tests.oracles import enumerator, enumerator_heap

NAMES = ("kernel", "mount", "placement", "cleanup", "metadata")


def cell(*words):
    return design_from_choices(**dict(zip(NAMES, words, strict=True)))


def sample(kernel, mount):
    """All on one mount of one kernel; elsewhere every fifth, so that any two choices meet."""
    step = 1 if (kernel, mount) == ("6.12", "own") else 5
    for triple in product(*(enumerate(row) for row in (PLACEMENTS, CLEANUPS, METADATA))):
        if sum(at for at, _ in triple) % step == 0:
            yield (kernel, mount, *(word for _, word in triple))


# --- what the search says, in the oracle's words ----------------------------------------


def ends(exploration):
    """Return the states of a search in which no actor can do anything."""
    moved = {state for state, _, _ in exploration.moves}
    world = exploration.world
    return [s for s in exploration.came_from if s not in moved and not can_move(world, s)]


def can_move(world, state):
    # Every move out of a state may have shown a defect; then it is no end, and has no moves.
    for actor, program in enumerate(world.programs):
        walked = list(program.walk(*progress(state, actor)))
        act = walked[-1] if walked else None
        here = Machine(world.cells(state), "P")
        if isinstance(act, Act) and (act.guard is None or act.guard(here, program.target)):
            return True
    return False


def outcomes(exploration):
    """Return how each run that ended left the inodes, the metadata and the folio."""
    world = exploration.world
    names = (*world.objects, *world.inodes, "folio")
    left = [
        {name: cells[name] for name in names if cells[name] != ABSENT}
        for cells in map(world.cells, ends(exploration))
    ]
    words = {FREED: enumerator_heap.FREED}
    return {
        frozenset((name, words.get(fate, enumerator_heap.HELD)) for name, fate in one.items())
        for one in left
    }


def differences(design, *, without=(), **how):
    """Return where oracle and search differ, a line each; None where there is nothing to ask."""
    report = check(design, keep_moves=True, **how)
    if not report.applicable:
        return None
    if enumerator.lacks_a_field(design):
        return [] if report.defects == ("no-such-field",) else [f"field: {report.defects}"]
    searched = {e.world.scenario.name: e for e in report.explorations}
    ran = {
        name: enumerator.ask(design, name, without=without)
        for name in enumerator.scenarios_of(design)
    }
    lines = [f"asked: {name}" for name in sorted(set(searched) ^ set(ran))]
    for name in sorted(set(searched) & set(ran)):
        codes = ran[name].codes
        if codes != set(searched[name].found):
            lines.append(f"{name}: {sorted(codes)}, not {sorted(searched[name].found)}")
        if ran[name].outcomes != outcomes(searched[name]):
            lines.append(f"{name}: other outcomes")
    if bool(enumerator.useless_hooks(ran.values())) != ("unreachable-hook" in report.defects):
        lines.append("unreachable-hook")
    return lines


# --- they agree ---------------------------------------------------------------------------


@pytest.mark.parametrize(("kernel", "mount"), list(product(kernels(), MOUNTS)))
def test_the_oracle_agrees(kernel, mount):
    said = [(words, differences(cell(*words))) for words in sample(kernel, mount)]
    assert [one for one in said if one[1]][:3] == []
    assert sum(lines == [] for _, lines in said) > 100


@pytest.mark.parametrize(
    "name",
    ["guest_memfd-6.12", "guest_memfd-7.3", "hugetlbfs-7.3", "rfc-v1-hugetlb"],
)  # shmem has kinds of inode and members of the VFS's, which are no words of a cell
def test_the_oracle_agrees_about_what_kernels_have(name):
    known = [SCENARIOS[scenario] for scenario in enumerator.WHO]
    assert differences(gallery(name), scenarios=known) == []


@pytest.mark.parametrize("kernel", kernels())
def test_the_sample_has_every_two_choices_together(kernel):
    words = [cell[1:] for mount in MOUNTS for cell in sample(kernel, mount)]
    choices = (MOUNTS, PLACEMENTS, CLEANUPS, METADATA)
    for one, other in product(range(4), repeat=2):
        if one < other:
            met = {(cell[one], cell[other]) for cell in words}
            assert met == set(product(choices[one], choices[other]))


def test_an_erased_entry_is_not_found():
    design = cell("7.3", "own", "global-xarray", "evict-before-truncate", "resv_map")
    assert enumerator.ask(design, "last-close").codes == {
        "wrong-branch"
    }  # it looks, and finds NULL
    assert check(design).defects == ("wrong-branch",)


def test_the_oracle_knows_the_data_alone():
    for file in sorted(Path(__file__).parent.glob("enumerator*.py")):
        lines = file.read_text(encoding="utf-8").splitlines()
        ours = [line for line in lines if "import" in line.split() and "gmemviz" in line]
        assert ours in ([], ["from gmemviz.model import Design"]), file.name


# --- and would not, if either were wrong --------------------------------------------------

BROKEN = {
    "grace period": ("containing-struct", "destroy+free", "shared_policy"),
    "i_lock": ("containing-struct", "drop-returns-1", "attributes-tree"),
    "softirq": ("containing-struct", "free-all", "attributes-tree"),
    "dput before mntput": ("containing-struct", "destroy+free", "shared_policy"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_an_oracle_without_a_rule_disagrees(rule):
    design = cell("7.3", "own", *BROKEN[rule])
    assert not differences(design)
    assert differences(design, without=(rule,))


def test_a_search_with_a_wrong_skeleton_disagrees():
    design = cell("7.3", "own", *BROKEN["dput before mntput"])
    says, lines = SKELETON["__fput"]
    put = {line.names: at for at, line in enumerate(lines) if hasattr(line, "names")}
    order = [*lines]
    order[put["dput",]], order[put["mntput",]] = order[put["mntput",]], order[put["dput",]]
    mutant = {**SKELETON, "__fput": Function(says, tuple(order))}
    assert differences(design, skeleton=mutant)
    assert not differences(design, without=("dput before mntput",), skeleton=mutant)


def test_what_the_oracle_remembers_changes_nothing():
    design = cell("7.3", "own", "containing-struct", "evict-after-truncate", "rcu-blob")
    for name in enumerator.scenarios_of(design):
        quick, slow = (enumerator.ask(design, name, remember=flag) for flag in (True, False))
        assert (quick.codes, quick.outcomes) == (slow.codes, slow.outcomes)
        assert quick.moments <= slow.moments
