"""One run of a page: its data without what the page has already, and its steps as a list."""

import re

from gmemviz.frontend import checked_film
from gmemviz.model import check
from gmemviz.page.run import PageRun, run_data, run_html, without_repeats
from gmemviz.render import film_of_report
from gmemviz.study import gallery
from tests.widget.tiny_film import tiny_film

STATE = "shmem-7.3/o-path"


def test_frames_come_back_whole():
    frames = film_of_report(check(gallery("rfc-v1-hugetlb"), keep_moves=True)).frames
    roles, whole = {}, []
    for frame in without_repeats(frames):
        roles = {e: r for e, r in {**roles, **frame["roles"]}.items() if r}
        whole.append({**frame, "roles": roles})
    assert whole == list(frames)
    odd = [{"roles": {"a": "now"}}, {"roles": {}}, {"roles": {"a": "now", "b": "done"}}]
    assert [one["roles"] for one in without_repeats(odd)] == [
        {"a": "now"}, {"a": ""}, {"a": "now", "b": "done"},
    ]  # fmt: skip


def test_a_run_begins_at_its_defect_or_at_its_first_step():
    bad, good = PageRun.of(tiny_film(), "bad"), PageRun.of(tiny_film(defect=""), "good")
    assert (bad.start, bad.still) == (12, 12)
    assert (good.start, good.still) == (1, 12)
    told = PageRun.of(tiny_film(), "bad", step=3)
    assert (told.start, told.still) == (3, 3)


def test_the_script_gets_no_picture_twice():
    data = run_data(PageRun.of(tiny_film(), "bad", STATE))
    assert (data["name"], data["state"], data["start"]) == ("bad", STATE, 11)
    assert [sorted(picture) for picture in data["film"]["pictures"]] == [
        ["alt", "name", "title"]
    ] * 2
    assert data["film"]["text"] == ""
    assert data["film"]["frames"][1]["roles"] == {"n_iput": "", "n_evict": "now"}


def test_each_step_has_its_address_and_the_picture_wears_the_roles_of_one():
    html = run_html(
        PageRun.of(checked_film(tiny_film(3)), "bad", STATE, step=2), 7, head="<h2>x</h2>"
    )
    assert re.findall(r'href="#([^"]+)"', html) == [f"{STATE}/{step}" for step in (1, 2, 3)]
    assert 'id="run-7"' in html
    assert "<b>Step 2 of 3: evict: Step 2 happens.</b>" in html
    assert '<g class="node role-now" data-id="n_evict">' in html
    assert '<g class="node" data-id="n_iput">' in html
    assert ' id="n_' not in html  # a page has several runs, and each id once
    assert html.count("<li><a ") == 3
    assert "▶" in html


def test_words_of_a_stranger_stay_words():
    film = tiny_film(2, defect="<b>")
    film["frames"][0]["sentence"] = "<script>"
    html = run_html(PageRun.of(checked_film(film), "x"), 0, head="")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;" in html
    assert 'href="#1"' in html
