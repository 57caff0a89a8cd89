"""The Explorer's C and its question to Linux: by keyboard, copied, in both themes and narrow."""

from importlib.util import find_spec

import pytest

from gmemviz.model import design_from_choices
from gmemviz.translate import module_source
from tests.browser import reach
from tests.browser.lab_page import LAPTOP, shot, wear
from tests.browser.test_link import NO_CLIPBOARD
from tests.browser.test_reachable_lab import LARGE

pytestmark = pytest.mark.browser

EXPLORER = ".gmemviz-explorer"
ASKING = f"{EXPLORER} .gm-said, {EXPLORER} .gmemviz-code"
FAKE = """import gmemviz.widget.ask_linux as asking
from gmemviz import Explorer
from gmemviz.record import follow, load_recording
from gmemviz.render import film_of_recording
from gmemviz.evidence.confirm.confirm import confirmation
from gmemviz.evidence.confirm.runs import runs_of_design
from threading import Event
may_answer = Event()
LINE = "BUG gv-your-resv_map (Tainted: G): Objects remaining on __kmem_cache_shutdown()"
def confirm(design, *, kernel, record, stop, progress):
    progress("building the module")
    assert may_answer.wait(60)
    said = {f"your {run}": () for run in runs_of_design(design)}
    leaks = "last-close gup-fast o-path creation-fails-late unmount second-creation"
    for run in leaks.split():
        said[f"your {run}"] = (f"{LINE} <img src=x onerror=document.title='hit'>",)
    return confirmation(design, "7.3.4+fake", said)
asking.confirm = confirm
asking.film_of_confirmation = lambda _: film_of_recording(follow(load_recording("6.12-pipe")))
e = Explorer(placement="i_private", cleanup="none", metadata="resv_map")
e"""
LET = "may_answer.set()"
CHANGED = "before => document.querySelector('.gmcode-open').textContent !== before"
IN_SIGHT = """() => {
    const area = document.querySelector('.gmemviz-code pre').getBoundingClientRect();
    const marks = [...document.querySelectorAll('.gmemviz-code mark')].map((one) => one.getClientRects().length);
    const [most] = [...document.querySelectorAll('.gmemviz-code mark')].sort((a, b) => b.textContent.length - a.textContent.length);
    const { top } = most.getBoundingClientRect();
    return marks.length > 1 && top >= area.top && top < area.bottom;
}"""


def c_of(cleanup):
    return module_source(
        design_from_choices(
            kernel="7.3", mount="own", placement="i_private", cleanup=cleanup, metadata="resv_map"
        )
    )


def toggle(page, cleanup):
    before = page.locator(".gmcode-open").text_content()
    page.get_by_role("group", name="cleanup").get_by_role("button", name=cleanup).press("Enter")
    page.wait_for_function(CHANGED, arg=before)


@pytest.fixture
def opened(notebook):
    return notebook("code.ipynb", FAKE, LET, run=False)


@pytest.fixture
def page(opened):
    """The first cell alone has run: a kernel that is asked waits for the second."""
    run_cell(opened, 0)
    opened.wait_for_selector(f"{EXPLORER} .gmemviz-player", timeout=60_000)
    opened.wait_for_selector(f"{EXPLORER} .gmcode-open")
    return opened


def run_cell(page, number):
    from tests.browser.lab_page import READY

    page.wait_for_function(READY, timeout=60_000)
    page.locator(".jp-Notebook .jp-Cell .cm-content").nth(number).click()
    page.keyboard.press("Control+Enter")


def test_the_c_opens_by_keyboard_follows_each_toggle_and_stays_open(page):
    code, title = page.locator(".gmemviz-code code"), page.locator(".gmcode-open")
    assert not code.is_visible()
    assert title.get_attribute("aria-expanded") == "false"
    title.press("Enter")
    assert code.text_content() == c_of("none")
    assert page.locator(".gmemviz-code mark").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.gmemviz-code pre')).tabSize") == "8"  # fmt: skip
    toggle(page, "free-all")
    assert code.is_visible()
    assert title.get_attribute("aria-expanded") == "true"
    assert code.text_content() == c_of("free-all")
    new = "".join(page.locator(".gmemviz-code mark").all_text_contents())
    assert "your_free_inode" in new
    margin = page.locator(".gmcode-margin").text_content().split("\n")
    assert margin.count("+") == new.count("\n")
    assert page.evaluate(IN_SIGHT)
    page.locator(".gmemviz-code").evaluate("one => one.scrollIntoView()")
    shot(page, "code-open")
    toggle(page, "none")
    assert "\u2212" in page.locator(".gmcode-margin").text_content()
    title.press("Space")
    toggle(page, "free-all")
    assert not code.is_visible()


def test_copy_gives_exactly_the_c_with_a_clipboard_and_without_one(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.get_by_role("button", name="copy C")
    button.press("Enter")
    page.locator(".gmemviz-code [role=status]", has_text="The C is copied.").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == c_of("none")
    toggle(page, "free-all")
    assert page.locator(".gmemviz-code [role=status]").text_content() == ""
    page.evaluate(NO_CLIPBOARD)
    button.click()
    page.locator(".gmemviz-code [role=status]", has_text="The C is copied.").wait_for()
    assert page.evaluate("() => copied") == c_of("free-all")
    assert page.evaluate("() => document.activeElement.textContent") == "copy C"


def test_linux_is_asked_while_the_reader_goes_on_and_its_words_are_text(page):
    live = page.locator(f"{EXPLORER} [aria-live=polite]:has(> .gm-said)")
    button = page.get_by_role("button", name="ask Linux")
    assert "confirmed on 7.3" in live.inner_text()
    button.press("Enter")
    news = page.locator(f"{EXPLORER} [aria-live=polite]", has_text="asking Linux about")
    news.get_by_text("resv_map in i_private, none: building the module").wait_for()
    stop = page.get_by_role("button", name="stop asking")
    assert stop.is_enabled()
    toggle(page, "free-all")  # the kernel is free
    assert "late-release" in page.locator(f"{EXPLORER} .gm-verdict").inner_text()
    toggle(page, "none")
    run_cell(page, 1)
    live.get_by_text("asked here, Linux agrees").wait_for()
    assert "<img src=x onerror" in live.inner_text()
    assert live.locator("img").count() == 0
    assert "hit" not in page.title()
    assert button.is_enabled()
    page.get_by_label("watch").select_option("recorded on 7.3.4+fake")
    page.locator(".gmemviz-badge[data-origin=recorded]").wait_for()
    field = page.locator(".gmemviz-link input")
    assert field.input_value() == "7.3/own/i_private/none/resv_map/shortest-run"
    page.evaluate(NO_CLIPBOARD)
    page.get_by_role("button", name="copy link").press("Enter")
    page.get_by_text("A link to this Design is copied.").wait_for()
    page.locator(EXPLORER).evaluate("one => one.scrollIntoView()")
    shot(page, "asked-linux")


def test_it_is_seen_and_read_in_both_themes_narrow_and_with_large_type(page):
    page.locator(".gmcode-open").press("Enter")
    toggle(page, "free-all")
    for theme in ("light", "dark"):
        wear(page, theme, LAPTOP)
        assert reach.weak_words(page, ASKING) == [], theme
        if find_spec("axe_playwright_python"):
            assert reach.axe(page, ASKING.split(", ")) == [], theme
        page.locator(".gmemviz-code pre").focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        stop = page.evaluate(reach.FOCUS)
        assert (stop["name"], stop["keeps"]) == ("The Design as C", True)
        assert stop["wide"] >= 2
        assert stop["contrast"] >= 3
    page.evaluate("() => (document.querySelector('.gmemviz-code pre').scrollTop = 0)")
    for width in (LAPTOP[0], 320):
        page.evaluate("width => document.querySelectorAll('.gmemviz-explorer').forEach((one) => (one.style.width = width))", f"{min(width, 800)}px")  # fmt: skip
        for large in ("() => document.documentElement.removeAttribute('style')", LARGE):
            page.evaluate(large)
            page.wait_for_timeout(300)
            assert page.evaluate(reach.CUT, ASKING) == [], (width, large)
            assert page.evaluate(reach.OVERLAPS, ASKING) == [], (width, large)
            wide = "one => one.getBoundingClientRect().right <= one.parentElement.getBoundingClientRect().right + 1"
            assert page.locator(".gmemviz-code pre").evaluate(wide)
    shot(page, "code-narrow-large")
