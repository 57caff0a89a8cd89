"""Two Designs as one value: two runs as each is shown alone, and the beats that both share."""

import json
from itertools import combinations

import pytest

from gmemviz import check, design_from_choices, gallery
from gmemviz.errors import GmemvizError
from gmemviz.stage import stage_of_both
from gmemviz.study import beside, designs

LATE = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "metadata": "hugetlb-subpool",
}  # fmt: skip


def cell(cleanup, **more):
    return design_from_choices(**LATE | more, cleanup=cleanup)


@pytest.fixture(scope="module")
def thread():
    return stage_of_both(cell("evict-after-truncate"), cell("free-all"))


def test_the_headline_is_what_decides(thread):
    assert thread["headline"]["sentence"].startswith("Late release: a second creation is refused")
    marks = [(side["letter"], side["headline"]["mark"], side["label"]) for side in thread["sides"]]
    assert marks == [("A", "correct", "evict-after-truncate"), ("B", "wrong", "free-all")]
    assert "was freed in evict_inode" in thread["sides"][0]["told"]


def test_it_opens_where_one_is_granted_and_the_other_refused(thread):
    a, b = thread["beats"][thread["moment"]]
    granted, refused = (side["steps"][at] for side, at in zip(thread["sides"], (a, b), strict=True))
    assert refused["says"].endswith("is refused: inode still holds hugetlb-subpool")
    assert refused["wrong"] == ["pool of hugetlb-subpool", "left"]
    assert granted["wrong"] == []
    assert granted["function"] == refused["function"] == "create"


def test_a_line_of_one_has_what_answers_it_in_the_other():
    """evict() truncates unasked where the hook is NULL; that is seen where it stands beside a body."""
    value = stage_of_both(
        cell("evict-after-truncate"), cell("evict-after-truncate", mount="anon-inode")
    )
    for side in value["sides"]:
        names = [each["path"][-1] for each in side["timeline"]["slices"]]
        assert "truncate_inode_pages_final" in names


@pytest.mark.parametrize(("a", "b"), list(combinations(designs(), 2))[::41])
def test_every_pair_has_its_beats_or_says_that_there_are_none(a, b):
    reports = check(gallery(a)), check(gallery(b))
    if beside(*reports) is None:
        with pytest.raises(GmemvizError, match=a):
            stage_of_both(*reports)
        return
    value = stage_of_both(*reports)
    assert json.loads(json.dumps(value)) == value
    assert 0 <= value["moment"] < len(value["beats"])
    for which, side in enumerate(value["sides"]):
        taken = [beat[which] for beat in value["beats"] if beat[which] is not None]
        assert taken == list(range(len(side["steps"])))
        assert set(side["apart"]) <= set(taken)
        covered = [at for begin, end in side["timeline"]["columns"] for at in range(begin, end + 1)]
        assert covered == taken


def test_two_correct_designs_say_what_one_alone_does():
    value = stage_of_both(gallery("guest_memfd-6.12"), gallery("guest_memfd-7.3"))
    assert value["headline"]["sentence"] == (
        "Both are correct; B alone: mpol_free_shared_policy: shared_policy is freed"
    )
    assert value["object"] == "shared_policy"


def test_it_is_refused_where_there_is_no_run():
    with pytest.raises(GmemvizError, match="no run of one can follow"):
        stage_of_both(cell("none", placement="i_private-flags"), cell("none"))
    with pytest.raises(TypeError, match="b must be a Design or a Report"):
        stage_of_both(check(cell("none")), "free-all")
