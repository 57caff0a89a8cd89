from gmemviz.derive import derive, judge_derived
from tests.derive.test_design import END


def test_a_verdict_says_on_how_many_ways(read):
    verdict = judge_derived(derive(read(evict_inode=END[:1])))
    assert verdict.sentence == "assertion on 1 of 1 ways, as the source was read"
    assert repr(verdict) == f"<Verdict toy_ops: {verdict.sentence}>"
