"""Synthesis: what was merged and what was proposed falls out, each part is checked, in order."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from itertools import islice, product

import pytest

from gmemviz.errors import DesignError, UnknownNameError
from gmemviz.model import METADATA, check
from gmemviz.model.design.choices import Metadata
from gmemviz.study import designs_for, gallery
from gmemviz.study.synthesis.space import STRUCTS, Choice, cannot_share, picks

synthesis = import_module("gmemviz.study.synthesis.designs_for")


def test_what_7_3_merged_falls_out(merged):
    assert (merged.rank(gallery("guest_memfd-7.3")), len(merged.correct)) == (27, 296)
    assert merged.correct[26].cost == (0, 3, 2, False)
    assert merged.correct[26].conventional


def test_what_the_seed_proposed_falls_out(proposed):
    asked = gallery("rfc-v1-hugetlb")
    unflagged = replace(asked, keeps=tuple(k for k in asked.keeps if k.kind.name != "flags"))
    assert (proposed.rank(unflagged), len(proposed.correct)) == (36, 137)
    assert proposed.rank(asked) is None
    assert proposed.correct[35].cost == (2, 1, 2, False)  # a struct and the subpool
    assert proposed.correct[35].conventional
    body = [str(action) for action in proposed.correct[35].design.body("evict_inode")]
    assert body == ["truncate", "clear_inode", "free faultability-xarray", "free hugetlb-subpool"]


def test_the_cheapest_come_first(merged, proposed):
    for found in (merged, proposed):
        keys = [(one.cost, one.design.name) for one in found.correct]
        assert keys == sorted(keys)
        assert len(set(keys)) == len(keys)
    assert str(merged.correct[0].design.name) == (
        "flags in i_private + shared_policy in containing-struct, freed in destroy_inode"
        " + containing struct, freed in free_inode"
    )


def test_on_anon_inode_only_a_word_that_nobody_frees_is_correct():
    found = designs_for(["flags"], kernel="6.12", mount="anon-inode")
    kept = [(one.design.keeps[0].placement.name, one.design.hooks) for one in found.correct]
    assert kept == [("i_private", ()), ("i_private-flags", ()), ("i_private_data", ())]
    assert designs_for(["flags", "shared_policy"], kernel="7.3", mount="anon-inode").correct == ()


def test_on_a_static_superblock_nothing_is():
    found = designs_for(["flags"], kernel="7.3", mount="static-superblock")
    assert found.correct == ()
    assert {one.code for one in found.failed} == {"crash"}
    assert "crash: every struct" in found.text


def test_what_alloc_inode_allocates_is_freed_where_the_failed_init_comes_by():
    found = designs_for(["alloc-time-blob"], kernel="7.3")
    kept = {one.design.keeps[0].placement.name for one in found.correct}
    hooks = {
        hook
        for one in found.correct
        for hook, body in one.design.hooks
        for action in body
        if action.verb == "free"
    }
    assert kept == {"containing-struct", "global-xarray"}
    assert hooks == {"destroy_inode", "free_inode"}
    assert [one.cost.allocations for one in found.correct] == [1] * len(found.correct)


def every_choice(*kinds):
    for struct in STRUCTS:
        for chosen in product(*(tuple(picks(struct, METADATA[kind])) for kind in kinds)):
            if not cannot_share(Choice(struct, chosen)):
                yield Choice(struct, chosen)


@pytest.mark.parametrize(
    ("kernel", "mount", "kinds"),
    [
        ("7.3", "own", ("flags", "shared_policy")),
        ("6.12", "own", ("faultability-xarray", "hugetlb-subpool")),
        ("6.12", "own", ("alloc-time-blob", "rcu-blob")),
        ("7.3", "anon-inode", ("flags", "resv_map")),
    ],
)
def test_parts_that_are_correct_alone_are_correct_together_and_no_others(kernel, mount, kinds):
    place = synthesis.Spot(kernel, mount)
    seen = set()
    for choice in islice(every_choice(*kinds), 0, None, 131):
        parts = [Choice(choice.struct), *(Choice(choice.struct, (one,)) for one in choice.picks)]
        alone = not any(synthesis._failure(place, part) for part in parts)
        assert alone == (check(choice.design(*place)).defects == ()), str(choice)
        seen.add(alone)
    assert False in seen


def test_all_that_was_put_together_is_correct(merged, proposed):
    for found in (merged, proposed):
        whole = [one for one in found.failed if len(one.choice.picks) == 2]
        assert {one.code for one in whole} <= {""}
        assert all(cannot_share(one.choice) == one.why for one in whole)


def test_nothing_is_called_correct_because_its_parts_were(monkeypatch):
    truth = designs_for(["flags"], kernel="7.3")
    monkeypatch.setattr(
        synthesis, "_alone", lambda _, struct, kind: tuple((p, None) for p in picks(struct, kind))
    )
    found = designs_for(["flags"], kernel="7.3")
    assert found.correct == truth.correct
    assert {one.code for one in found.failed} > {"wrong-branch", "per-file", "stale-alias"}


def test_why_a_choice_fails_is_what_check_says(merged):
    for one in merged.failed[::23]:
        report = check(one.choice.design("7.3", "own"))
        if one.code:
            assert one.code in report.defects
        else:
            assert report.defects is None or cannot_share(one.choice) == one.why
        assert one.why


def test_the_first_ones_alone_are_the_same(merged):
    found = designs_for(["shared_policy", "flags"], kernel="7.3", first=5)
    assert found.correct == merged.correct[:5]
    assert found.unchecked == 291
    assert "5 correct Designs, 291 more not checked" in found.text


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_gives_the_same(kind):
    with kind(2) as executor:
        for metadata in (["resv_map"], ["rcu-blob", "flags"]):
            serial = designs_for(metadata, kernel="7.3")
            assert designs_for(metadata, kernel="7.3", executor=executor) == serial


def test_metadata_of_one_s_own():
    mine = Metadata("my-table", "a table of one's own", release="sleeping lock")
    found = designs_for([mine], kernel="7.3")
    told = {(p.placement.name, p.freed_in): f.code for f in found.failed for p in f.choice.picks}
    assert found.correct[0].design.keeps[0].kind == mine
    assert told["containing-struct", "free_inode"] == "sleep-in-softirq"
    assert told["containing-struct", "drop_inode"] == "sleep-in-atomic"


@pytest.mark.parametrize(
    ("metadata", "more", "error", "said"),
    [
        ([], {}, DesignError, "no metadata is named"),
        (["flags", "flags"], {}, DesignError, "metadata 'flags' is named twice"),
        (["flag"], {}, UnknownNameError, r"unknown metadata: 'flag' \(must be one of flags"),
        (["flags"], {"kernel": "9"}, UnknownNameError, "unknown kernel: '9'"),
        (["flags"], {"mount": "x"}, UnknownNameError, "unknown mount: 'x'"),
        (
            ["flags"],
            {"first": 0},
            UnknownNameError,
            "first must be a whole number from 1 on, not 0",
        ),
    ],
)
def test_nonsense_is_refused_in_a_sentence(metadata, more, error, said):
    with pytest.raises(error, match=said):
        designs_for(metadata, **{"kernel": "7.3", **more})
