"""The Stage in JupyterLab: whole in one pane, at the defect, and it changes with a click."""

import pytest

from tests.browser.lab_page import shot

pytestmark = pytest.mark.browser

PROJECTOR = (1280, 720)
DESK = (1920, 1080)
CELL = "from gmemviz import Stage\nStage()"
STAGE = ".gmemviz-stage"
TIME = ".gms-time"

INSIDE = """(names) => {
    const stage = document.querySelector(".gmemviz-stage").getBoundingClientRect();
    const pane = document.querySelector(".jp-WindowedPanel-outer").getBoundingClientRect();
    return names.filter((name) => {
        const part = document.querySelector(name).getBoundingClientRect();
        const holds = (outer) => part.top >= outer.top - 1 && part.bottom <= outer.bottom + 1
            && part.left >= outer.left - 1 && part.right <= outer.right + 1;
        return !part.height || !holds(stage) || !holds(pane);
    });
}"""
SIDE = """(shut) => {
    const shell = jupyterapp.shell;
    shut ? shell.collapseLeft() : shell.expandLeft();
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".gmemviz-stage *")]
    .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .filter((node) => node.getClientRects().length)
    .map((node) => parseFloat(getComputedStyle(node).fontSize)))"""
OUTSIDE = """() => [...document.querySelectorAll(".gmemviz-stage svg text")].filter((text) => {
    if (!text.textContent || !text.getClientRects().length) return false;
    const svg = text.ownerSVGElement.getBoundingClientRect(), ink = text.getBoundingClientRect();
    return ink.left < svg.left - 1 || ink.right > svg.right + 1 || ink.bottom > svg.bottom + 2;
}).map((text) => text.textContent)"""


def top(page):
    """Bring the Stage to the top of its pane, as who has run the cell does."""
    page.evaluate("() => document.querySelector('.gmemviz-stage').scrollIntoView({block: 'start'})")
    page.wait_for_timeout(300)


@pytest.fixture
def stage(notebook):
    def show(theme="light", size=PROJECTOR, *, is_shut=True):
        page = notebook("stage.ipynb", CELL, until=TIME, look=(theme, size))
        page.evaluate(SIDE, is_shut)
        page.wait_for_selector('.gms-rail[data-tinted="true"]')
        top(page)
        return page

    return show


@pytest.mark.parametrize("is_shut", [False, True])
@pytest.mark.parametrize(("theme", "size"), [("light", PROJECTOR), ("dark", DESK)])
def test_choices_verdict_picture_and_time_are_in_one_pane(stage, theme, size, is_shut):
    page = stage(theme, size, is_shut=is_shut)
    shot(page, f"stage-{theme}-{size[0]}-{'wide' if is_shut else 'beside'}")
    parts = [".gms-headline", ".gms-rail", ".gms-memory", ".gms-bar", TIME]
    assert page.evaluate(INSIDE, parts) == []
    assert page.evaluate(SMALLEST) >= 11
    assert page.evaluate(OUTSIDE) == []


def test_it_opens_at_the_defect_and_a_click_answers_it(stage):
    page = stage()
    assert "refused" in page.inner_text(".gms-says")
    assert page.locator(".gms-memory .gms-defect").count() == 1
    assert page.locator(".gms-time .gms-defect").count() == 1
    before = page.locator(".gms-rail").bounding_box()
    page.click('.gms-family[data-family="evict"]')
    page.click('[data-word="evict-after-truncate"]')
    page.wait_for_selector('[data-verdict="correct"]')
    assert "was ✗ late with free-all, now ✓ correct" in " ".join(
        page.inner_text(".gms-was").split()
    )
    assert page.locator(".gms-rail").bounding_box() == before
    assert page.locator(".gms-defect").count() == 0


def test_keys_step_and_play(stage):
    page = stage()
    page.focus(STAGE)
    page.keyboard.press("Home")
    assert page.inner_text(".gms-count").startswith("step 1 of")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".gms-count").startswith("step 2 of")
    page.keyboard.press("ArrowDown")
    assert not page.inner_text(".gms-count").startswith("step 2 of")
    page.keyboard.press("?")
    assert page.is_visible(".gms-keys")
    page.keyboard.press("d")
    assert "refused" in page.inner_text(".gms-says")
    page.click(".gms-slice >> nth=0")
    assert page.inner_text(".gms-count").startswith("step 1 of")


def test_a_tab_draws_the_run_shown_and_stays_with_the_next(stage):
    page = stage()
    page.click('[data-tab="calls"]')
    page.wait_for_selector(".gms-graph svg")
    shot(page, "stage-calls-light-1280")
    parts = [".gms-headline", ".gms-rail", ".gms-tabs", ".gms-graph", ".gms-bar", TIME]
    assert page.evaluate(INSIDE, parts) == []
    assert page.locator(".gms-graph .node", has_text="your_free_inode").count() == 1
    page.click('.gms-family[data-family="evict"]')
    page.click('[data-word="evict-after-truncate"]')
    page.wait_for_selector('.gms-graph .node:has-text("your_evict_inode")')
    assert page.locator('[data-tab="calls"][aria-selected="true"]').count() == 1


def test_the_rail_says_where_to_start_from(stage):
    page = stage()
    select = page.locator("select[data-start]")
    before = page.locator(".gmemviz-stage").bounding_box()
    select.select_option(label="guest_memfd-7.3")
    page.wait_for_selector('[data-verdict="correct"]')
    assert "kvm_gmem_destroy_inode" in page.inner_text(".gms-rail")
    shot(page, "stage-from-gallery-light-1280")
    parts = [".gms-headline", ".gms-rail", ".gms-memory", ".gms-bar", TIME]
    assert page.evaluate(INSIDE, parts) == []
    assert page.evaluate(SMALLEST) >= 11
    assert page.locator(".gmemviz-stage").bounding_box() == before
    select.select_option(label="nfs")
    page.wait_for_selector('[data-verdict="unknown"]', timeout=60_000)
    assert page.inner_text(".gms-sentence").startswith("Undecided: ")
    assert page.inner_text(".gms-picture").startswith("No run is shown")
    assert not page.is_visible(".gms-bar")
    shot(page, "stage-from-nfs-light-1280")
    select.select_option("toml")
    page.fill("textarea[data-draft]", 'kernel = "7.3"\nmount = "owm"')
    page.click("[data-check]")
    page.wait_for_selector(".gms-told.is-wrong")
    assert "did you mean own?" in page.inner_text(".gms-told")
    shot(page, "stage-from-toml-light-1280")
    select.select_option("choices")
    page.wait_for_selector('[data-verdict="wrong"]')
    page.wait_for_selector('.gms-rail[data-tinted="true"]')
    assert page.locator(".gms-choice").count() > 20
    assert page.is_visible(".gms-bar")


def test_two_designs_stand_in_one_view_and_a_choice_changes_one(notebook):
    cell = """from gmemviz import Stage, design_from_choices
evict = design_from_choices(kernel="6.12", mount="own", placement="i_private_data", metadata="hugetlb-subpool", cleanup="evict-after-truncate")
Stage(against=evict)"""
    page = notebook("against.ipynb", cell, until=TIME, look=("light", PROJECTOR))
    page.evaluate(SIDE, True)
    page.wait_for_selector('.gms-rail[data-tinted="true"]')
    top(page)
    shot(page, "stage-against-light-1280")
    parts = [
        ".gms-headline",
        ".gms-rail",
        ".gms-memory",
        ".gms-bar",
        ".gms-lanes:last-child .gms-time",
    ]
    assert page.evaluate(INSIDE, parts) == []
    assert page.evaluate(SMALLEST) >= 11
    assert page.evaluate(OUTSIDE) == []
    assert page.inner_text(".gms-strip.is-wrong") == "A"
    page.click('[data-word="anon-inode"]')
    page.wait_for_function(
        "() => document.querySelector('.gms-was').textContent.includes('anon-inode')"
    )
    assert page.locator(".gms-time").count() == 2
