from dataclasses import replace

from gmemviz.derive import derive, judge_derived
from gmemviz.facts import Unread
from tests.derive.conftest import AT, deed
from tests.derive.test_design import END, NEW


def test_a_verdict_says_on_how_many_ways(read):
    verdict = judge_derived(derive(read(evict_inode=END[:1])))
    assert verdict.sentence == "assertion on 1 of 1 ways, as the source was read"
    assert repr(verdict) == f"<Verdict toy_ops: {verdict.sentence}>"


def test_what_was_not_followed_may_free_and_undoes_no_second_free(read):
    frees, attaches = deed("given back", "container.a", via="kfree"), deed("emptied", "container.a")
    lost = derive(read(alloc_inode=[*NEW, attaches], evict_inode=[*END, frees, frees]))
    deeper = (Unread(AT, "toy_forget() could do anything", "it is more than 6 calls deep"),)
    assert judge_derived(lost).word == "defects"  # twice
    assert judge_derived(replace(lost, deeper=deeper)).word == "defects"
    leaks = replace(judge_derived(lost), reports=(Leaking(),))
    assert leaks.word == "defects"
    found = replace(leaks, derived=replace(lost, deeper=deeper))
    assert found.word == "undecided"
    assert found.sentence == "undecided: leak on 1 of 1 ways, but calls were not followed: 1"


class Leaking:
    verdict, defects = "defects", ("leak",)
