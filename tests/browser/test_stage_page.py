"""A Stage as a page of its own, from disk: at the defect, whole, and with no request to anybody."""

import contextlib

import pytest

from gmemviz.cli import main
from tests.browser.exported import keep, watched
from tests.browser.reach import axe, weak_words
from tests.browser.test_stage import OUTSIDE, SMALLEST

pytestmark = pytest.mark.browser

LATE = """
name = "{name}"
kernel = "6.12"
mount = "own"
metadata.hugetlb-subpool = "i_private_data"
hooks.{hook} = {body}
"""
EVICT = ("evict", "evict_inode", '["truncate", "clear_inode", "free hugetlb-subpool"]')
FREE = ("free", "free_inode", '["free hugetlb-subpool", "free to inode_cachep"]')
LINES = {
    "one": "check --design free.toml --stage one.html",
    "both": "compare evict.toml free.toml --stage both.html",
    "correct": "compare guest_memfd-6.12 guest_memfd-7.3 --stage correct.html",
}
SIZES = {"projector": (1280, 720), "desk": (1920, 1080), "phone": (390, 844)}
CUT = """() => [[".gms-memory", ".gms-picture"], [".gms-time", ".gms-timepane"]].some(([inner, outer]) =>
    [...document.querySelectorAll(inner)].some((svg) => svg.getBoundingClientRect().bottom
        > document.querySelector(outer).getBoundingClientRect().bottom + 1))"""
WORDS = """() => Math.min(...[...document.querySelectorAll(".gms-graph text")].map((text) =>
    parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
WIDE_WORDS = """() => [...document.querySelectorAll(".gms-graph .node")].filter((node) => {
    const shape = node.querySelector("path, polygon, ellipse").getBoundingClientRect();
    return [...node.querySelectorAll("text")].some((text) => text.getBoundingClientRect().width > shape.width);
}).map((node) => node.textContent)"""
WIDER = "() => document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stages")
    for name, hook, body in (EVICT, FREE):
        text = LATE.format(name=name, hook=hook, body=body)
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    with contextlib.chdir(folder):
        for line in LINES.values():
            assert main(line.split()) in (0, 1)
    return {name: folder / f"{name}.html" for name in LINES}


@pytest.fixture
def opened(pages, page):
    with watched(page, {path.as_uri() for path in pages.values()}):

        def show(name, size="projector", theme="light", fragment=""):
            page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))
            page.emulate_media(color_scheme=theme)
            page.goto(pages[name].as_uri() + fragment)
            page.wait_for_selector(".gms-time")
            return page

        yield show


def test_a_page_is_small_and_the_same_each_time(pages):
    for path in pages.values():
        assert path.stat().st_size < 500_000
        text = path.read_text(encoding="utf-8")
        assert "default-src 'none'" in text
        assert str(path.parent) not in text
        assert "<noscript>" in text


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", LINES)
def test_it_is_whole_and_readable(opened, name, size, theme):
    page = opened(name, size, theme)
    page.wait_for_timeout(250)
    keep(f"stage-page-{name}-{size}-{theme}.png", page.screenshot(full_page=size == "phone"))
    assert page.evaluate(SMALLEST) >= 11
    assert page.evaluate(OUTSIDE) == []
    assert not page.evaluate(WIDER)
    assert not page.evaluate(CUT)


def test_it_opens_at_the_defect_or_at_the_step_that_the_address_names(opened):
    page = opened("one")
    assert "refused" in page.inner_text(".gms-says")
    assert page.locator(".gms-memory .gms-defect").count() == 1
    page = opened("one", fragment="#13")
    page.reload()
    assert page.inner_text(".gms-count").startswith("step 13 of")


BOX = "(name) => { const box = document.querySelector(name).getBoundingClientRect(); return [box.top, box.height]; }"


@pytest.mark.parametrize(
    ("size", "theme"), [("projector", "light"), ("desk", "dark"), ("phone", "light")]
)
@pytest.mark.parametrize("name", LINES)
def test_calls_and_states_stand_in_memorys_place_and_nothing_moves(opened, name, size, theme):
    page = opened(name, size, theme)
    parts = (".gmemviz-stage", ".gms-picture", ".gms-bar", ".gms-time")
    before = [page.evaluate(BOX, part) for part in parts]
    for tab in ("calls", "states"):
        page.click(f'[data-tab="{tab}"]')
        page.wait_for_selector(".gms-graph svg")
        page.wait_for_timeout(250)
        keep(f"stage-{tab}-{name}-{size}-{theme}.png", page.screenshot(full_page=size == "phone"))
        assert [page.evaluate(BOX, part) for part in parts] == before
        assert page.evaluate(WORDS) >= 11 - 0.1
        assert page.evaluate(WIDE_WORDS) == []
        assert weak_words(page, ".gms-tabs, .gms-graph, .gms-absent") == []
        assert axe(page, [".gmemviz-stage"]) == []
    page.click('[data-tab="memory"]')
    assert page.locator(".gms-memory").count() > 0
    assert [page.evaluate(BOX, part) for part in parts] == before


def test_tabs_are_one_stop_of_the_keyboard_and_calls_can_show_every_function(opened):
    page = opened("one")
    assert page.locator('.gms-tablist [tabindex="0"]').count() == 1
    page.focus('[data-tab="memory"]')
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector(".gms-graph svg")
    assert page.evaluate("document.activeElement.dataset.tab") == "calls"
    assert page.locator('[data-tab="calls"][aria-selected="true"]').count() == 1
    assert page.locator(".gms-graph .node", has_text="dput").count() == 0
    page.click("[data-whole]")
    assert page.locator(".gms-graph .node", has_text="dput").count() == 1
    page.focus(".gmemviz-stage")
    page.keyboard.press("3")
    assert page.locator(".gms-graph .node", has_text="I_FREEING").count() == 2
    page.keyboard.press("1")
    assert page.locator(".gms-memory").count() == 1


def test_a_function_leads_to_the_step_at_which_it_runs(opened):
    page = opened("one")
    page.click('[data-tab="calls"]')
    assert page.inner_text(".gms-absent") == "create: not in this picture"
    assert page.locator(".gms-graph .role-awaiting", has_text="i_callback").count() == 1
    page.locator(".gms-graph .node", has_text="i_callback").click()
    assert page.locator(".gms-graph .node.role-now", has_text="i_callback").count() == 1
    assert page.inner_text(".gms-bar code") == "i_callback"
    assert not page.is_visible(".gms-absent")


def test_where_the_source_has_no_column_it_is_a_tab(opened, page):
    opened("one")
    assert page.locator('[data-tab="source"]').count() == 0
    page.set_viewport_size({"width": 1100, "height": 720})
    page.click('[data-tab="source"]')
    assert page.is_visible(".gms-line.is-here")
    assert not page.is_visible(".gms-memory")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_selector(".gms-memory")


def test_both_stand_in_one_timeline(opened):
    page = opened("both")
    assert page.locator(".gms-time").count() == 2
    assert page.locator(".gms-memory").count() == 2
    assert page.locator(".gms-strip.is-correct").inner_text() == "A"
    assert (
        page.inner_text(".gms-said.is-wrong").strip().endswith("inode still holds hugetlb-subpool")
    )
    at = page.evaluate(
        """() => [...document.querySelectorAll(".gms-time")].map((svg) => [...svg.querySelectorAll(".gms-slice")]
            .filter((node) => node.getAttribute("aria-label").startsWith("call_rcu,"))
            .map((node) => node.querySelector("rect").getAttribute("x")))"""
    )
    assert at[0] == at[1]  # equal acts stand above each other
    assert page.locator(".gms-slice.is-apart").count() > 2


def test_keys_walk_both_at_once(opened):
    page = opened("both")
    page.focus(".gmemviz-stage")
    page.keyboard.press("Home")
    assert page.inner_text(".gms-count").startswith("beat 1 of 45")
    for _ in range(22):
        page.keyboard.press("ArrowRight")
    assert "your_evict_inode" in page.inner_text(".gms-bar")
    assert page.locator(".gms-who.is-resting").count() == 1  # B has no such hook
    page.keyboard.press("d")
    assert "refused" in page.inner_text(".gms-says")
    page.keyboard.press("End")
    assert page.inner_text(".gms-count").startswith("beat 45 of 45")


def test_a_phone_shows_one_of_both_and_a_button_the_other(opened):
    page = opened("both", "phone")
    assert page.locator(".gms-memory").count() == 1
    assert page.locator(".gms-memory .gms-defect").count() == 1
    page.click('[data-side="A"]')
    assert page.locator(".gms-memory .gms-defect").count() == 0
    assert page.locator('[data-side="A"]').get_attribute("aria-pressed") == "true"
