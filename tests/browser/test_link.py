"""A link to a state: the start notebook opens in it, and the Explorer gives one to where it is."""

import shutil

import pytest

from tests.browser.lab_page import run_all, shot
from tests.browser.test_notebooks import EXPLORER, ROOT

pytestmark = pytest.mark.browser

BOOK = "00_start_here.ipynb"
LEAK = "7.3/own/i_private/destroy+free/flags/last-close/3"
HOSTILE = "7.3/own/<img src=x onerror=document.title='hit'>/none/flags"
FIELD = f"{EXPLORER} .gmemviz-link input"
BUTTON = f"{EXPLORER} .gmemviz-link button"
SHOWS = "state => document.querySelector('.gmemviz-link input')?.value === state"
SEEN = """one => {
    const { top } = document.querySelector(one).getBoundingClientRect();
    return top > -1 && top < innerHeight / 2;
}"""
NO_CLIPBOARD = """
delete Navigator.prototype.clipboard;
addEventListener("copy", () => (globalThis.copied = document.activeElement.value));
"""
TWO = "from gmemviz import Explorer\nExplorer(cleanup='none')", "Explorer(cleanup='release')"


def told(page):
    return page.locator(f"{EXPLORER} .gmemviz-link [role=status]").first.inner_text()


@pytest.fixture
def linked(lab, notebook, watched):
    """Return a function that opens an address of the start notebook, or of another, and runs it."""
    shutil.copy(ROOT / "notebooks" / BOOK, lab.folder)

    def open_link(query, name=BOOK, *cells):
        if cells:
            notebook(name, *cells, run=False)
        watched.goto(f"{lab.page(name)}&{query}")
        run_all(watched, FIELD)
        return watched

    return open_link


def test_it_opens_there_and_gives_the_way_back(linked):
    page = linked("state=" + LEAK.replace("+", "%2B"))
    page.wait_for_function(SHOWS, arg=LEAK)
    pressed = page.locator(f"{EXPLORER} .jupyter-button.mod-active").all_inner_texts()
    assert pressed == LEAK.split("/")[:5]
    assert page.locator(f"{EXPLORER} .gmemviz-count").inner_text().startswith("3 / ")
    assert told(page) == ""
    page.wait_for_function(SEEN, arg=EXPLORER)

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(f"{EXPLORER} .gmemviz-player").focus()
    page.keyboard.press("ArrowRight")
    page.locator(BUTTON).press("Enter")
    page.wait_for_function(f"() => document.querySelector('{FIELD}').value.endsWith('/4')")
    page.get_by_text("A link to this step is copied.").wait_for()
    shot(page, "link-copied")
    address = page.url.partition("?")[0]
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"{address}?state={LEAK[:-1].replace('+', '%2B')}4"


def test_a_string_that_means_nothing_is_said_and_does_nothing(linked):
    page = linked(f"state={HOSTILE}")
    page.locator(".gmemviz-link [role=status]", has_text="unknown placement").wait_for()
    assert HOSTILE.partition("=")[0] in told(page)
    assert page.locator(".gmemviz-link img").count() == 0
    assert "hit" not in page.title()
    assert page.locator(FIELD).input_value().startswith("7.3/own/containing-struct/evict-before-")
    shot(page, "link-refused")


def test_without_a_clipboard_and_for_one_explorer_once(linked):
    state = "6.12/own/i_private_data/free-all/resv_map/shortest-run/2"
    book = "two.ipynb"
    page = linked(f"state={state}", book, *TWO)
    page.wait_for_function(SHOWS, arg=state)
    fields = page.locator(FIELD)
    fields.nth(1).wait_for()
    assert "/release/" in fields.nth(1).input_value()

    page.evaluate(NO_CLIPBOARD)
    page.locator(BUTTON).first.click()
    page.get_by_text("A link to this step is copied.").wait_for()
    assert page.evaluate("() => copied").endswith(f"/{book}?state={state}")
    assert page.evaluate("() => document.activeElement.textContent") == "copy link"

    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.locator(FIELD).first.focus()
    for key in ("b", "a", "x"):
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells

    page.locator(".jp-Notebook .jp-Cell").first.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")  # run again, a cell shows what it says
    page.wait_for_function(
        f"() => document.querySelector('{FIELD}')?.value.includes('/none/')", timeout=30_000
    )
