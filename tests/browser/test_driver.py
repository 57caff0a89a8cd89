"""The Driver as a reader meets it: driven by keyboard into a defect, back, and by another way."""

import re
import shutil

import pytest

from gmemviz.frontend import script
from tests.browser.test_notebooks import ROOT, shot

pytestmark = pytest.mark.browser

BOOK = "02_inode_states.ipynb"
PANEL = ".gmemviz-panel"
WHERE = "where => document.querySelector('.gmdrive-where').textContent === where"
DONE = "() => document.querySelector('.gmdrive-end').textContent"


@pytest.fixture
def driver(lab, notebook):
    shutil.copy(ROOT / "notebooks" / BOOK, lab.folder)
    page = notebook(BOOK, until=PANEL)
    page.wait_for_selector(".gmemviz-driver .gmemviz-player")
    page.locator(".gmemviz-driver").evaluate("element => element.scrollIntoView()")
    page.locator(PANEL).focus()
    return page


def row(page, name):
    # The name of an actor, then its button and what it says.
    return page.locator(".gmdrive-actor", has=page.get_by_text(name, exact=True))


def where(page):
    return page.locator(".gmdrive-where").inner_text()


def press(page, key):
    """Press a key and wait for the kernel's answer."""
    before = where(page)
    page.keyboard.press(key)
    page.wait_for_function(f"before => !({WHERE})(before)", arg=before)


def walks(page):
    return [" ".join(one.split()) for one in page.locator(".gmdrive-walks > li").all_inner_texts()]


def count(page):
    return page.locator(".gmemviz-driver .gmemviz-count").inner_text()


def test_drive_into_a_defect_by_keyboard_back_and_around_it(driver):
    page = driver
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    assert where(page) == "after step 13"
    assert "no callback is queued with RCU" in row(page, "rcu").inner_text()
    assert row(page, "rcu").locator(".gmdrive-offer").get_attribute("aria-disabled") == "true"
    shot(page, "driver-start")

    press(page, "2")  # gup grabs the folio
    assert where(page) == "after step 14"
    assert count(page) == "14 / 14"
    on = page.get_by_role("button", name="Let task go on until something changes")
    on.focus()
    while on.get_attribute("aria-disabled") == "false":
        press(page, "Enter")  # the button keeps the focus
    assert page.evaluate("document.activeElement.className") == "gmdrive-on"
    assert "has nothing left to do" in row(page, "task").inner_text()
    press(page, "1")  # folio->mapping is NULL by now: gup came too late to read
    page.keyboard.press("Backspace")
    for key in ("b", "a", "9"):  # of no meaning here, and none to JupyterLab
        page.keyboard.press(key)
    late = walks(page)
    assert len(late) == 1

    page.locator(".gmdrive-turn", has_text="gup 14").click()
    page.wait_for_function(WHERE, arg="after step 14")
    assert "tried" in row(page, "task").inner_text()
    press(page, "2")  # this time the mapping is loaded before the pages go
    on.focus()
    while on.get_attribute("aria-disabled") == "false":
        press(page, "Enter")
    page.locator(PANEL).focus()
    press(page, "1")
    page.wait_for_function(DONE)
    end = page.locator(".gmdrive-end").inner_text()
    assert end == "use-after-free: the last step reads a_ops in inode, whose memory is freed."
    tree = walks(page)
    assert len(tree) == 2
    assert tree[1].startswith("from step 14 gup 15")
    assert tree[1].endswith("use-after-free")
    assert page.locator(".gmemviz-driver .gmemviz-player.is-defect").count() == 1
    page.wait_for_function(f"() => document.querySelector('{PANEL} > .gmdrive-live').textContent.startsWith('use-after-free')")  # fmt: skip
    shot(page, "driver-defect")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_scrubbing_goes_back_and_another_scenario_begins_anew(driver):
    page = driver
    page.locator(".gmemviz-driver .gmemviz-player").focus()
    page.keyboard.press("Home")
    page.wait_for_function(WHERE, arg="nothing has happened yet")
    assert "no PTE leads to a folio" in row(page, "gup").inner_text()
    page.keyboard.press("End")
    page.wait_for_function(WHERE, arg="after step 13")

    scenario = page.get_by_label("scenario", exact=True)
    scenario.select_option("o-path")
    page.wait_for_selector(".gmdrive-actor:has-text('o-path')")
    assert where(page) == "nothing has happened yet"
    page.get_by_label("design", exact=True).select_option("guest_memfd-7.3")
    page.wait_for_function("() => document.querySelector('.gmemviz-driver .gmemviz-title').textContent === 'guest_memfd-7.3'")  # fmt: skip
    assert not page.get_by_label("cleanup", exact=True).is_visible()
    assert scenario.input_value() == "o-path"
    page.get_by_label("design", exact=True).focus()
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    for key in ("b", "a"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


# Mix each colour with what is behind it; WCAG's relative luminance.
CONTRAST = """() => {
    const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)];
    const unmixed = (css) => {
        const [, r, g, b, a] = css.match(/rgba?\\((\\d+), (\\d+), (\\d+)(?:, ([\\d.]+))?\\)/);
        return [+r, +g, +b, a === undefined ? 1 : +a];
    };
    const paper = (node) => {
        const back = unmixed(getComputedStyle(node).backgroundColor);
        return back[3] === 1 || !node.parentElement ? back : over(back, paper(node.parentElement));
    };
    const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
        .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    return [...document.querySelectorAll(".gmemviz-panel *")].filter((node) =>
        [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()) && node.offsetWidth > 1,
    ).map((node) => {
        const behind = paper(node);
        const ink = over(unmixed(getComputedStyle(node).color), behind);
        const [a, b] = [light(ink), light(behind)].sort((x, y) => y - x);
        return [(a + 0.05) / (b + 0.05), node.className, node.textContent];
    });
}"""


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_wide_and_in_both_themes_every_word_can_be_read(driver, theme):
    page = driver
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.locator(".lm-MenuBar-itemLabel", has_text="Settings").first.click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
    page.locator(".lm-Menu-itemLabel", has_text=f"JupyterLab {theme}").first.click()
    page.wait_for_function(f"() => document.body.dataset.jpThemeName === 'JupyterLab {theme}'")
    page.wait_for_selector(".gmemviz-driver.is-wide")
    page.locator(PANEL).focus()
    press(page, "2")
    press(page, "Backspace")
    page.locator(".gmemviz-driver").evaluate("element => element.scrollIntoView()")
    page.wait_for_timeout(600)
    panel, player = (
        page.locator(one).bounding_box() for one in (PANEL, ".gmemviz-driver .gmemviz-player")
    )
    assert panel["x"] + panel["width"] <= player["x"]
    assert abs(panel["y"] - player["y"]) < 5
    weak = [one for one in page.evaluate(CONTRAST) if one[0] < 4.5]
    assert not weak
    shot(page, f"driver-wide-{theme.lower()}")


KEYS = """async (code) => {
    const file = new File([code], "driver.js", {type: "text/javascript"});
    const {asked, numbered} = await import(URL.createObjectURL(file));
    const offer = (...move) => ({move});
    const view = {at: 4, walk: 1, actors: [
        {offers: [offer(0, 3, 0)]}, {offers: []}, {offers: [offer(2, 1, 0), offer(2, 1, 1)]}]};
    const key = (key, more) => asked({key, ...more}, view);
    return [numbered(view.actors).map((one) => one.number), key("1"), key("3"), key("4"), key("0"),
        key("Backspace"), key("1", {ctrlKey: true}), key("b")];
}"""


def test_what_a_key_asks_for(watched):
    assert watched.evaluate(KEYS, script("driver")) == [
        [1, 2, 3],
        {"do": "take", "at": 4, "move": [0, 3, 0]},
        {"do": "take", "at": 4, "move": [2, 1, 1]},
        None, None,
        {"do": "goto", "walk": 1, "at": 3},
        None, None,
    ]  # fmt: skip
