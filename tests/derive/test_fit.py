"""The road against a tree that is no shipped kernel's: the nearest that holds, or a refusal."""

import pytest

from gmemviz.derive import derive_table, open_tree, road_named, tables_of
from gmemviz.derive.fit import Misfit, Road, misfits
from gmemviz.errors import FactsError, UnknownNameError
from gmemviz.facts import kernels, load
from gmemviz.model.road import SKELETON
from tests.derive.test_tree import write_tree


def bodies(kernel, **changed):
    """Return C whose functions call what those of a kernel's skeleton call, as the facts say."""
    facts = load(kernel)
    for name in filter(facts.has_function, SKELETON):
        called = [call.callee for call in facts.function(name).calls]
        called = changed.get(name, called)
        yield f"void {name}(void)\n{{\n\t{' '.join(f'{callee}();' for callee in called)}\n}}\n"


@pytest.fixture
def opened(tmp_path):
    """Return a tree of another release whose VFS calls what a shipped kernel's does."""

    def tree(like="6.12", release="6\nPATCHLEVEL = 14", **changed):
        folder = write_tree(tmp_path)
        (folder / "Makefile").write_text(f"VERSION = {release}\n")
        (folder / "fs/inode.c").write_text("".join(bodies(like, **changed)))
        return open_tree(folder, "toyfs")

    return tree


@pytest.mark.parametrize("like", kernels())
def test_the_road_that_fits_is_taken_whatever_the_release(opened, like):
    assert road_named(opened(like)) == Road(like)


def test_what_does_not_fit_is_said_with_the_verdict(opened):
    deeds = opened(dput=["lock", "unlock"])
    road = road_named(deeds)
    assert (road.kernel, road.misfits) == ("6.12", (Misfit("dput", "finish_dput"),))
    (table,) = tables_of(deeds)
    assumed = derive_table(deeds, table).assumed
    assert "dput does not call finish_dput in this tree: the road of 6.12 is taken" in assumed


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"evict": ["inode_sb_list_del"]}, "evict does not call evict_inode"),
        ({"destroy_inode": []}, "destroy_inode is not in this tree"),
    ],
)
def test_where_a_hook_is_not_called_the_check_is_refused(opened, changed, said):
    with pytest.raises(FactsError, match=r"^no road of ") as refused:
        road_named(opened(**changed))
    assert f"{', '.join(kernels())} is that of 6.14: {said}" in f"{refused.value}"
    assert road_named(opened(**changed), "6.12") == Road("6.12")


def test_a_kernel_that_is_named_is_taken_as_it_is(opened):
    deeds = opened(evict=[])
    assert road_named(deeds, "7.3") == Road("7.3")
    with pytest.raises(UnknownNameError, match="unknown kernel"):
        road_named(deeds, "7.4")


@pytest.mark.parametrize("kernel", kernels())
def test_a_shipped_kernel_lacks_other_kernels_ways_alone(kernel):
    facts = load(kernel)
    called = {name: tuple(call.callee for call in facts.function(name).calls)
              for name in SKELETON if facts.has_function(name)}  # fmt: skip
    found = list(misfits(lambda name: called.get(name, ())))
    assert not any(misfit.is_hook for misfit in found)
    assert {misfit.function for misfit in found} < set(SKELETON)
