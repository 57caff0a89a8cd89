"""In JupyterLab, for who cannot use a mouse, hears the page, or needs contrast and large type.

What is measured is ours: `HOSTS` holds our widgets with all that ipywidgets draws in them, and
none of JupyterLab's own page.
"""

import shutil
from importlib.util import find_spec

import pytest

from tests.browser import reach
from tests.browser.exported import ROOT
from tests.browser.lab_page import CELLS, run_all, shot, wait_until_over, wear
from tests.browser.lab_server import write_notebook

pytestmark = pytest.mark.browser

HOSTS = ".gmemviz-explorer, .gmemviz-player"
LARGE = """() => Object.entries({'ui': 19.5, 'content': 21, 'code': 19.5}).forEach(([name, size]) =>
    document.documentElement.style.setProperty(`--jp-${name}-font-size${name === 'code' ? '' : 1}`, `${size}px`))"""
OTHERS = (
    "from gmemviz import load_report\nfrom gmemviz.widget.probe import ProbeView\nProbeView(load_report('6.18'))",
    "from gmemviz import MatrixExplorer\nmatrix = MatrixExplorer()\nmatrix",
    """from gmemviz import gallery
from gmemviz.model.drive.drive import drive
from gmemviz.widget.driver import Driver
Driver(drive(gallery("guest_memfd-7.3"), "gup-fast").go("task", "filemap_add_folio"))""",
    "from gmemviz import conform, load_recording, play\nplay(conform(load_recording('7.3-gmem')))",
)  # fmt: skip


@pytest.fixture(scope="module")
def books(lab, browser):
    """The start notebook, and one with the other widgets: opened and run once for all tests here."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", lab.folder / "reach-start.ipynb")
    write_notebook(lab.folder / "reach-others.ipynb", *OTHERS)
    waits = {"start": ".gmemviz-explorer", "others": ".gmemviz-driver"}
    opened = {name: context.new_page() for name in waits}
    for name, page in opened.items():
        page.goto(lab.page(f"reach-{name}.ipynb"))
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        run_all(page, f"{waits[name]} .gmemviz-player")
        wait_until_over(page)
    yield opened
    opened["start"].evaluate("() => jupyterapp.serviceManager.sessions.shutdownAll()")
    context.close()


@pytest.fixture
def start(books):
    books["start"].bring_to_front()
    return books["start"]


@pytest.fixture
def others(books):
    books["others"].bring_to_front()
    return books["others"]


@pytest.fixture(params=["start", "others"])
def opened_book(books, request):
    books[request.param].bring_to_front()
    return books[request.param]


def test_axe_and_contrast_and_room_in_both_themes(opened_book):
    page = opened_book
    for theme in ("light", "dark"):
        wear(page, theme, (1280, 800))
        assert reach.weak(page, HOSTS) == [], theme
        if find_spec("axe_playwright_python"):
            assert reach.axe(page, HOSTS.split(", ")) == [], theme
    page.evaluate(LARGE)
    page.wait_for_timeout(500)
    assert page.evaluate("getComputedStyle(document.querySelector('.gmemviz-player')).fontSize") == "19.5px"  # fmt: skip
    assert page.evaluate(reach.CUT, HOSTS) == []
    assert page.evaluate(reach.OVERLAPS, HOSTS) == []
    shot(page, "reachable-large")
    page.evaluate("document.documentElement.removeAttribute('style')")


def test_tab_reaches_everything_with_a_focus_that_is_seen_and_leads_out(opened_book):
    page = opened_book
    first = "() => document.querySelector('.gmemviz-explorer :is(button, select):not([disabled])').focus({focusVisible: true})"
    for theme in ("light", "dark"):
        wear(page, theme, (1280, 800))
        page.evaluate(first)
        stops = reach.tabbed(page)
        assert len(stops) > 30
        assert [one for one in stops if one["wide"] < 2 or one["contrast"] < 3] == [], theme
        assert [one for one in stops if not one["keeps"] or not one["name"]] == [], theme


def test_a_toggle_tells_its_state_and_its_row_and_the_verdict_is_read(start):
    page = start
    button = page.get_by_role("group", name="cleanup").get_by_role("button", name="free-all")
    assert button.get_attribute("aria-pressed") == "false"
    live = page.locator(".gmemviz-explorer [aria-live=polite]:has(> .gm-verdict)")
    before = live.inner_text()
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "before => document.querySelector('[aria-live=polite]:has(> .gm-verdict)').innerText !== before",
        arg=before,
    )
    assert button.get_attribute("aria-pressed") == "true"
    pressed = page.get_by_role("group", name="cleanup").locator("[aria-pressed=true]")
    assert pressed.all_inner_texts() == ["free-all"]
    assert page.evaluate("document.activeElement.textContent") == "free-all"
    page.keyboard.press("Space")  # the chosen one does not go off
    page.wait_for_timeout(300)
    pressed.get_by_text("free-all").wait_for()  # once the kernel has said so
    assert pressed.all_inner_texts() == ["free-all"]


def scrolled(page):
    return page.evaluate(
        "(document.querySelector('.jp-WindowedPanel-outer') ?? document.querySelector('.jp-Notebook')).scrollTop"
    )


def test_a_clicker_steps_and_escape_gives_the_keys_back(start):
    page = start
    player = page.locator(".gmemviz-explorer .gmemviz-player")
    player.scroll_into_view_if_needed()
    player.focus()
    page.keyboard.press("Home")
    top, cells = scrolled(page), page.locator(CELLS).count()
    for key, at in [("PageDown", 2), ("PageDown", 3), ("PageUp", 2)]:
        page.keyboard.press(key)
        assert player.locator(".gmemviz-count").inner_text().startswith(f"{at} /")
    player.get_by_label("Speed").evaluate("menu => menu.focus({preventScroll: true})")
    page.keyboard.press("PageDown")
    assert player.locator(".gmemviz-count").inner_text().startswith("3 /")
    assert player.get_by_label("Speed").input_value() == "1"
    assert scrolled(page) == top
    page.keyboard.press("b")
    assert page.locator(CELLS).count() == cells
    for inside in (player, page.locator(".gmemviz-explorer .jupyter-button").first):
        inside.focus()
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.matches('.jp-Cell')")
    page.keyboard.press("b")  # JupyterLab's again: one cell more
    page.wait_for_function(f"n => document.querySelectorAll('{CELLS}').length === n", arg=cells + 1)


def test_a_picture_made_large_is_made_small_by_escape_before_it_leaves(start):
    page = start
    player = page.locator(".gmemviz-explorer .gmemviz-player")
    player.get_by_label("Enlarge, or back: Who holds what memory").focus()
    page.keyboard.press("Enter")
    assert player.locator(".gmemviz-picture:visible").count() == 1
    page.keyboard.press("Escape")
    assert player.locator(".gmemviz-picture:visible").count() == 4
    assert page.evaluate("document.activeElement.closest('.gmemviz-player') !== null")


def test_a_menu_of_the_probe_is_chosen_from_by_arrow_key(others):
    page = others
    menu = page.get_by_label("show", exact=True)
    cells = page.locator(CELLS).count()
    before = menu.input_value()
    menu.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("b")
    page.wait_for_timeout(300)
    assert menu.input_value() != before
    assert page.locator(CELLS).count() == cells
    table = page.locator(".gmemviz-explorer table").first
    assert table.locator("tbody th[scope=row]").count() == table.locator("tbody tr").count()
    assert table.locator("thead th[scope=col]").count() == 4


def test_the_matrix_is_a_grid_of_named_cells_and_a_text(others):
    page = others
    grid = page.get_by_role("grid", name="Kernel 7.3, own mount: 780 cells")
    assert grid.get_by_role("row").count() == 26
    assert page.locator('[role="gridcell"]').count() == 780
    grid.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    active = page.locator(f"#{grid.get_attribute('aria-activedescendant')}")
    said = active.get_attribute("aria-label")
    assert said.startswith("i_private-flags, release, shareability-tree: ")
    assert page.locator(".gmemviz-told").inner_text() == said
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_selector(".gmemviz-verdict .gm-verdict")
    live = ".gmemviz-verdict .widget-html-content[aria-live=polite]"
    assert "wrong-branch" in page.locator(live).inner_text()
    chosen = page.locator('[role="gridcell"][aria-selected="true"]')
    assert chosen.count() == 1
    assert chosen.get_attribute("aria-label").startswith("i_private-flags, release, flags: wrong-")
    summary = page.locator("summary", has_text="The matrix as text")
    summary.focus()
    page.keyboard.press("Enter")
    assert "use-after-free: freed memory is touched" in page.locator(".gmemviz-matrix pre").inner_text()  # fmt: skip


def test_who_drives_by_keyboard_keeps_the_focus_when_an_offer_goes(others):
    page = others
    page.evaluate("""() => {
        const actor = document.querySelector('.gmdrive-offers');
        const more = actor.firstChild.cloneNode(true);
        actor.append(more);
        more.focus();
    }""")
    page.locator(".gmdrive-offer").first.evaluate("button => button.click()")
    page.wait_for_function("() => document.querySelector('.gmdrive-offers').children.length === 1")
    assert page.evaluate("document.activeElement.className") == "gmdrive-offer"
