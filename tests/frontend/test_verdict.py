"""A verdict's line has a look for each outcome, on a page, in a cell and in the headline."""

import pytest

from gmemviz.frontend.verdict import look_of, verdict_html
from gmemviz.model import check
from gmemviz.page.words import answer_html
from gmemviz.render.theme import VERDICTS, css
from gmemviz.study import answer, gallery, mail, verdict

LOOKS = {"gm-good": "✓", "gm-bad": "⚠", "gm-open": "?"}


@pytest.mark.parametrize(
    ("name", "limit", "look"),
    [
        ("guest_memfd-7.3", 200_000, "gm-good"),
        ("rfc-v2", 200_000, "gm-bad"),
        ("guest_memfd-7.3", 20, "gm-open"),
    ],
)
def test_each_outcome_looks_like_itself(name, limit, look):
    report = check(gallery(name), limit=limit)
    assert look_of(report) == (look, LOOKS[look])
    for html in (verdict_html(report), answer_html(report)):
        assert f'class="gm-verdict {look}"' in html
        assert f"<b>{LOOKS[look]} " in html
        assert ("undecided" in html) is (look == "gm-open")
    assert ("undecided" in mail(report)) is (look == "gm-open")
    assert answer(report)["says"] == verdict(report)
    word = {"gm-good": "correct", "gm-bad": "defects", "gm-open": "undecided"}[look]
    assert answer(report)["verdict"] == word


def test_each_look_has_a_colour_of_its_own():
    sheet = css()
    fills = [sheet.split(f".gm-verdict.{look} {{ background: ")[1].split(";")[0] for look in LOOKS]
    assert len({*fills}) == len(LOOKS)


def test_undecided_has_a_colour_that_no_verdict_has():
    others = {look.fill for name, look in VERDICTS.items() if name != "undecided"}
    assert VERDICTS["undecided"].fill not in others
