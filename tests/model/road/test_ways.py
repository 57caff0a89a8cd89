"""Ways to metadata: from what a hook is given, from what an actor holds, and where none leads."""

import pytest

from gmemviz.model import Design, check, design_from_choices
from gmemviz.model.road import out_of_reach, rcu, ways
from tests.model.machine.made import design_of, machine_of, noted_by, target_of

FAR = ("file-private_data", "d_fsdata")
NEAR = ("i_private", "global-xarray")


def actors_of(place, holds, does="read tree"):
    """Return a Design with an actor that has to do with its tree."""
    lines = ['kernel = "6.12"', 'mount = "anon-inode"', "filled = false"]
    lines.append(f'metadata.tree = {{ placement = "{place}" }}')
    lines.append(f'actors.reader = {{ holds = "{holds}", times = 1, does = ["{does}"] }}')
    # A lock that nobody takes and a list that nobody names are refused.
    if "guard" in holds:
        lines.append('locks.guard = "mutex"')
    if "all" in does:
        lines.append('lists = ["all"]')
    return Design.from_text("\n".join(lines))


def is_cut(place, holds, does="read tree"):
    """Return whether its actor has no way to it."""
    design = actors_of(place, holds, does)
    return out_of_reach(design.actors[0].does[0], "", "actor reader", target_of(design)) is not None


@pytest.mark.parametrize("holds", ["nothing", "lock guard", "rcu", "inode", "mark", "dentry",
                                   "O_PATH file", "file"])  # fmt: skip
def test_what_an_actor_holds_leads_somewhere(holds):
    leads = {
        "file-private_data": ("nothing", "lock guard", "rcu", "file"),
        "d_fsdata": ("nothing", "lock guard", "rcu", "file", "dentry", "O_PATH file"),
    }
    for place in FAR:
        assert is_cut(place, holds) == (holds not in leads[place]), place
    assert not any(is_cut(place, holds) for place in NEAR)


def test_the_answer_names_who_needs_it_and_why_it_cannot_get_there():
    found = check(actors_of("file-private_data", "inode"))
    assert found.reason("out-of-reach") == (
        "actor reader needs tree, and what it holds (inode) leads to no file's private_data "
        "(actor reader, step 11)."
    )
    cell = design_from_choices(
        kernel="7.3", mount="own", placement="file-private_data", cleanup="release",
        metadata="resv_map",
    )  # fmt: skip
    assert check(cell).reason("out-of-reach") == (
        "resv_map is freed in release; then truncate_inode_pages_final needs resv_map, and the "
        "inode leads to no file's private_data (last-close, step 26)."
    )


@pytest.mark.parametrize(
    "does",
    ["read tree", "read tree untested", "free tree", "clear tree", "hand over tree",
     "free tree after a grace period", "put tree on all", "if tree set: sleep"],
)  # fmt: skip
def test_whatever_is_done_to_it_needs_a_way(does):
    assert is_cut("d_fsdata", "inode", does)
    assert not is_cut("i_private", "inode", does)


@pytest.mark.parametrize("place", FAR)
def test_a_hook_reads_only_what_it_is_given(place):
    base = {"kernel": "6.12", "mount": "own", "filled": False}
    base["metadata"] = {"tree": {"placement": place}}
    found = {}
    for hook, rest in (("release", []), ("evict_inode", ["truncate", "clear_inode"])):
        table = {**base, "hooks": {hook: ["read tree", *rest]}}
        found[hook] = check(Design.from_table("reads", table)).defects
    assert "out-of-reach" in found["evict_inode"]
    assert "out-of-reach" not in found["release"]


def test_a_hook_that_cannot_free_is_of_no_use_and_no_more():
    cell = design_from_choices(
        kernel="7.3", mount="own", placement="file-private_data", cleanup="destroy+free",
        metadata="shared_policy",
    )  # fmt: skip
    assert check(cell).defects == ("leak", "per-file", "unreachable-hook")
    t = target_of(cell)
    (body,) = (body for hook, body in cell.hooks if hook == "destroy_inode")
    assert out_of_reach(body[0], "destroy_inode", "", t) is None


def test_a_lockless_reader_has_what_it_finds_and_no_more():
    t = target_of(design_of("file-private_data", 'read_by = ["lockless reader"]'))
    m = machine_of(t, "A", also=(("pointer", None),))
    assert noted_by(rcu.load_metadata, m, t) == ("out-of-reach", "tree")
    assert m.register == 0


def test_what_the_inode_leads_to_is_near():
    places = (*NEAR, "containing-struct", "folio", "s_fs_info")
    assert [p for p in (*FAR, *places) if ways.is_far(design_of(p).keeps[0])] == list(FAR)
    assert ways.is_given("release", design_of(FAR[0]).keeps[0])
    assert not ways.is_given("d_release", design_of(FAR[0]).keeps[0])
