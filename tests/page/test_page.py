"""The page: one file, equal bytes, nothing to fetch, nothing to run but its own script."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.facts import load
from gmemviz.model import Design, check
from gmemviz.page.page import Made, page_of_comparison, page_of_recording, page_of_report
from gmemviz.record import follow, load_recording
from gmemviz.render import film_of_report
from gmemviz.study import Comparison, gallery
from gmemviz.study.state import State

MADE = Made("1.2.3", "gmemviz export it")
LARGEST = 500_000


def checked(name):
    return check(gallery(name), keep_moves=True)


def page_of(name):
    return page_of_report(checked(name), made=MADE, of=(name,))


def recorded_page(name="7.3-gmem"):
    facts = load("7.3")
    return page_of_recording(follow(load_recording(name), facts=facts), facts, made=MADE)


def compared_page(*names):
    found = Comparison(*map(checked, names))
    return page_of_comparison(found, made=MADE, of=[(name,) for name in names])


class Elements(HTMLParser):
    """Gather every element, and the text of scripts and styles."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.inside, self.raw, self.texts = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside.append(tag)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        tag = self.inside[-1] if self.inside else ""
        (self.raw if tag in ("script", "style") else self.texts).append(data)

    def attributes(self, name):
        return [found[name] for _, found in self.elements if name in found]


def pages():
    return {
        "design": page_of("guest_memfd-7.3"),
        "defects": page_of("rfc-v1-free_inode"),
        "recording": recorded_page(),
        "comparison": compared_page("guest_memfd-6.12", "guest_memfd-7.3"),
    }


@pytest.fixture(scope="module")
def made():
    return pages()


KINDS = pytest.mark.parametrize("kind", ["design", "defects", "recording", "comparison"])


@KINDS
def test_nothing_is_fetched_and_nothing_runs_but_its_script(made, kind):
    found = Elements(made[kind])
    for name in ("src", "srcset", "action", "style", "data", "xlink:href"):
        assert found.attributes(name) == [], name
    assert all(link.startswith("#") for link in found.attributes("href"))
    assert not [name for _, one in found.elements for name in one if name.startswith("on")]
    assert {tag for tag, _ in found.elements}.isdisjoint(
        {"link", "iframe", "object", "base", "img"}
    )


@KINDS
def test_its_policy_names_its_script_and_its_style(made, kind):
    page = made[kind]
    said = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    rules = dict(rule.split(" ", 1) for rule in said.split("; "))
    assert rules.pop("default-src") == "'none'"
    assert rules.pop("img-src") == "blob:"  # a picture that the reader saves as PNG
    assert (rules.pop("base-uri"), rules.pop("form-action")) == ("'none'", "'none'")
    for directive, tag in (("script-src", '<script type="module">'), ("style-src", "<style>")):
        inside = page.split(tag)[1].split(f"</{tag[1:].split()[0].rstrip('>')}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert rules.pop(directive) == f"'sha256-{digest}'"
    assert rules == {}


@KINDS
def test_it_is_valid_html_with_ids_that_occur_once(made, kind):
    parser = pytest.importorskip("html5lib", reason="pip install html5lib").HTMLParser(strict=True)
    parser.parse(made[kind])
    ids = Elements(made[kind]).attributes("id")
    assert len(ids) == len(set(ids))


@KINDS
def test_it_says_where_it_comes_from(made, kind):
    words = " ".join("".join(Elements(made[kind]).texts).split())
    origin = "Recorded: a real kernel did this" if kind == "recording" else "Simulated: a run of"
    assert origin in words
    assert "Made by gmemviz 1.2.3. This page needs no network." in words
    assert "Places and calls are those of Linux " in words
    assert "Again: gmemviz export it" in words


@pytest.mark.parametrize(
    "name", ["hugetlbfs-stale-resv_map", "mappability-v5", "in-place-conversion"]
)
def test_the_largest_of_the_gallery_are_small_enough_to_mail(name):
    assert len(page_of(name).encode()) < LARGEST


def test_two_large_ones_side_by_side_are_small_enough():
    page = compared_page("hugetlbfs-stale-resv_map", "in-place-conversion")
    assert len(page.encode()) < LARGEST


def test_a_design_says_all_that_its_report_does(made):
    report = checked("rfc-v1-free_inode")
    words = "".join(Elements(made["defects"]).texts)
    for said in (*report.defects, *report.reasons.values(), "CONFIG_DEBUG_VFS off", "1727 states"):
        assert said in words
    data = json.loads(made["defects"].split('id="gm-runs">')[1].split("</script>")[0])
    assert [one["state"] for one in data] == [
        "rfc-v1-free_inode/shortest-run",
        "rfc-v1-free_inode/to-late-release",
        "rfc-v1-free_inode/to-sleep-in-softirq",
    ]
    assert [one["film"]["frames"][-1]["defect"] for one in data] == [
        "lock-context", "late-release", "sleep-in-softirq",
    ]  # fmt: skip
    # A late release begins where the second creation is refused: it is given back afterwards.
    begins = [(one["start"], len(one["film"]["frames"]) - 1) for one in data]
    assert begins == [(23, 23), (42, 45), (23, 23)]


def test_every_step_is_in_the_list(made):
    film = film_of_report(checked("guest_memfd-7.3"))
    items = re.findall(r"<li><a href=\"#([^\"]+)\"><code>([^<]+)</code>", made["design"])
    assert items == [
        (f"guest_memfd-7.3/shortest-run/{n}", frame["label"])
        for n, frame in enumerate(film.frames, 1)
    ]


def test_the_still_picture_wears_the_telling_step(made):
    film = film_of_report(checked("rfc-v1-free_inode"))
    first = made["defects"].split('class="gm-still"')[1].split("</div>")[0]
    worn = dict(re.findall(r'class="[^"]*?role-([\w-]+)" data-id="(\w+)"', first))
    drawn = {element: role for role, element in re.findall(
        r'class="[^"]*?role-([\w-]+)" data-id="(\w+)"', first)}  # fmt: skip
    roles = film.frames[-1]["roles"]
    assert worn
    assert {one: roles[one] for one in drawn} == drawn
    assert "defect" in drawn.values()


def test_a_comparison_starts_where_the_runs_part(made):
    data = json.loads(made["comparison"].split('id="gm-runs">')[1].split("</script>")[0])
    assert [one["start"] for one in data] == [4, 4]
    assert [one["name"] for one in data] == ["A: guest_memfd-6.12", "B: guest_memfd-7.3"]
    assert "What decides (last-close). A: It has no shared_policy. B: " in made["comparison"]


def test_names_stay_text():
    evil = "<script>window.hit=1</script>"
    design = Design.from_text(
        'kernel = "7.3"\nmount = "own"\n'
        'metadata.flags = { placement = "i_private-flags" }\nhooks.evict_inode = ["truncate", "clear_inode"]',
        name=evil,
    )
    page = page_of_report(check(design, keep_moves=True), made=Made(evil, evil))
    found = Elements(page)
    assert [one for tag, one in found.elements if tag == "script"] == [
        {"type": "application/json", "id": "gm-runs"}, {"type": "module"},
    ]  # fmt: skip
    assert evil in "".join(found.texts)
    assert json.loads(found.raw[1])[0]["film"]["title"] == evil


def test_a_design_of_your_own_has_steps_but_no_state():
    design = Design.from_text(
        'kernel = "7.3"\nmount = "own"\nmetadata.resv_map = "i_private"', name="mine"
    )
    page = page_of_report(check(design, keep_moves=True), made=MADE)
    assert '<li><a href="#1">' in page
    assert '"state":""' in page


def test_a_state_says_the_run_and_where_to_begin():
    state = State.parse("guest_memfd-7.3/o-path/12")
    page = page_of_report(
        checked("guest_memfd-7.3"), [state.run], made=MADE, of=state.of, step=state.step
    )
    data = json.loads(page.split('id="gm-runs">')[1].split("</script>")[0])
    assert [(one["state"], one["start"]) for one in data] == [("guest_memfd-7.3/o-path", 11)]
    assert "<b>Step 12 of " in page


def test_what_is_no_design_makes_no_page():
    design = State.parse("7.3/own/i_private-flags/none/resv_map").design
    with pytest.raises(GmemvizError, match="nothing to show: i_private-flags holds bits"):
        page_of_report(check(design), made=MADE)
    both = Comparison(check(design), checked("guest_memfd-7.3"))
    with pytest.raises(GmemvizError, match="nothing to show: i_private-flags holds bits"):
        page_of_comparison(both, made=MADE)


def test_equal_input_gives_equal_bytes():
    code = (
        "import hashlib; from tests.page.test_page import pages; "
        "print([hashlib.sha256(page.encode()).hexdigest() for page in pages().values()])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1
