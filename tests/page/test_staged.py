"""A Stage as a page: one file, equal bytes, nothing to fetch, and whole without scripts."""

import json
import re

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.model import check, design_from_choices
from gmemviz.page import Made, page_of_stage, page_of_stages
from gmemviz.render import engine
from gmemviz.study import gallery

MADE = Made("1.2.3", "gmemviz check it --stage it.html")
LARGEST = 500_000
LATE = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "metadata": "hugetlb-subpool",
}  # fmt: skip


def cell(cleanup, **more):
    return check(design_from_choices(**LATE | more, cleanup=cleanup))


@pytest.fixture(scope="module")
def pages():
    evict, free = cell("evict-after-truncate"), cell("free-all")
    return {
        "one": page_of_stage(free, made=MADE),
        "both": page_of_stages(evict, free, made=MADE),
        "correct": page_of_stage(check(gallery("guest_memfd-7.3")), made=MADE),
    }


def value(page):
    return json.loads(re.search(r'id="gm-stage-value">(.*?)</script>', page, re.DOTALL)[1])


def test_a_page_has_its_value_and_asks_for_nothing(pages):
    for page in pages.values():
        assert len(page.encode()) < LARGEST
        assert "default-src 'none'" in page
        assert not re.search(r"""(?:src|href)=["']http""", page)
        assert page.count("<script") == 2
    assert value(pages["one"])["headline"]["code"] == "late-release"
    assert len(value(pages["both"])["sides"]) == 2


def test_without_scripts_there_is_the_verdict_and_every_step(pages):
    assert "<h1>Late release: a second creation is refused" in pages["one"]
    assert pages["one"].count("<li>") == len(value(pages["one"])["steps"])
    sides = value(pages["both"])["sides"]
    assert pages["both"].count("<li>") == sum(len(side["steps"]) for side in sides)


def test_equal_input_gives_equal_bytes(pages):
    again = page_of_stages(cell("evict-after-truncate"), cell("free-all"), made=MADE)
    assert again == pages["both"]


def test_calls_and_states_are_in_the_page_where_an_engine_draws(pages, monkeypatch, tmp_path):
    assert [list(each) for each in value(pages["one"])["pictures"]] == [
        ["calls", "whole", "states"]
    ]
    assert len(value(pages["both"])["pictures"]) == 2
    monkeypatch.setenv("GMEMVIZ_DOT", str(tmp_path / "none"))
    engine.svg.cache_clear()
    assert value(page_of_stage(cell("free-all"), made=MADE))["pictures"] == []


def test_a_code_chooses_the_defect():
    page = page_of_stage(cell("free-all"), "sleep-in-softirq", made=MADE)
    assert value(page)["headline"]["code"] == "sleep-in-softirq"


def test_what_is_no_design_has_no_page():
    none = cell("none", placement="i_private-flags")
    for page in (
        lambda: page_of_stage(none, made=MADE),
        lambda: page_of_stages(none, none, made=MADE),
    ):
        with pytest.raises(GmemvizError, match="nothing to show"):
            page()
