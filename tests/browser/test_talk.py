"""The talk's file as a speaker opens it: from disk, with every request to anywhere failing."""

import re

import pytest

from scripts import talk
from tests.browser.exported import keep, watched

pytestmark = pytest.mark.browser

SIZES = [(1280, 720), (1280, 800), (1920, 1080)]
PLAYER = ".is-shown .gmemviz-player"
SLIDES = 15
FLOOR = 15
# What is to be read from the last row; the rest are a picture's words, sources and page numbers.
READ = "h1, h2, li, p, td, th, .gmemviz-sentence, .gmemviz-function, fieldset label"
SMALL = ".keys, .keys *"
LEAST = 19.9
"""Pixels of the smallest word on a slide of 1280 x 720, a picture's too."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("talk")
    assert talk.main(["-o", str(folder)]) == 0
    return folder


@pytest.fixture
def deck(folder, page):
    address = (folder / "talk.html").as_uri()

    def opened(at=1, size=(1280, 800)):
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        page.goto(f"{address}#{at}")
        page.wait_for_selector(".is-shown")
        return page

    with watched(page, {address, "about:blank"} | {f"{address}#{n}" for n in range(SLIDES + 1)}):
        yield opened


def number(page):
    return page.locator(".is-shown .number").inner_text()


def count(page):
    return page.locator(f"{PLAYER} .gmemviz-count").inner_text()


def turn(page, to):
    page.evaluate("to => { location.hash = `#${to}` }", to)
    page.wait_for_function(
        "to => document.querySelectorAll('.slide')[to - 1].matches('.is-shown')", arg=to
    )


def test_keys_and_clicker_turn_slides(deck):
    page = deck()
    pressed = [("PageDown", 2), ("PageDown", 3), ("PageUp", 2), ("PageUp", 1), ("PageUp", 1), ("ArrowRight", 2),
               ("Space", 3), ("PageDown", 4), ("ArrowLeft", 3), ("PageDown", 4), ("End", SLIDES), ("PageDown", SLIDES)]  # fmt: skip
    for key, expected in pressed:
        page.keyboard.press(key)
        assert number(page) == f"{expected} / {SLIDES}", key
        assert page.evaluate("location.hash") == f"#{expected}"
        assert page.locator(".slide:visible").count() == 1


LAST = "shmem_free_in_core_inode"
"""The last act of the teardown that the slide plays."""


def test_arrows_step_the_player_and_page_keys_still_turn(deck):
    page = deck(at=3)
    assert count(page) == "2 / 7"
    for key, expected in [
        ("ArrowRight", 3),
        ("ArrowRight", 4),
        ("ArrowLeft", 3),
        ("Home", 1),
        ("Space", 1),
    ]:
        page.keyboard.press(key)
        assert int(count(page).split()[0]) in (expected, expected + 1), key
    page.keyboard.press("Space")
    page.keyboard.press("End")
    assert page.locator(f"{PLAYER} .gmemviz-function").inner_text() == LAST
    keep("talk-road-end.png", page.screenshot())
    page.keyboard.press("PageDown")
    assert number(page) == f"4 / {SLIDES}"
    page.keyboard.press("PageUp")
    assert page.locator(f"{PLAYER} .gmemviz-function").inner_text() == LAST
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    assert number(page) == f"4 / {SLIDES}"


def test_a_question_from_the_floor_is_answered_by_toggling(deck):
    page = deck(at=FLOOR)
    assert "lock-context" in page.locator(".answer:visible").inner_text()
    page.get_by_role("radio", name="destroy+free").check()
    assert page.locator(".answer:visible .gm-verdict").inner_text() == "✓ correct"
    page.get_by_role("radio", name="rcu-blob").check()
    assert page.locator(".answer:visible .gm-verdict").inner_text() == "⚠ use-after-free"
    assert page.locator(f"{PLAYER}:visible .gmemviz-defect").inner_text() == "✖ use-after-free"
    keep("talk-floor.png", page.screenshot())
    page.keyboard.press("ArrowLeft")  # a radio's own key
    assert number(page) == f"{FLOOR} / {SLIDES}"
    page.keyboard.press("PageUp")
    assert number(page) == f"{FLOOR - 1} / {SLIDES}"


def test_notes_on_this_screen_and_in_a_window_of_their_own(deck):
    page = deck(at=2)
    notes = page.locator(".notes:visible")
    assert notes.count() == 0
    page.keyboard.press("n")
    assert notes.inner_text().startswith("1:00 Flags")
    keep("talk-notes.png", page.screenshot())
    page.keyboard.press("n")
    assert notes.count() == 0
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    speaker.wait_for_selector("aside")
    assert "this slide 0:30 to 1:30" in speaker.inner_text("body")
    assert "Next: 3 of 15: The road of an inode" in speaker.inner_text("body")
    assert speaker.locator(".slide").count() == 2
    speaker.keyboard.press("PageDown")
    assert number(page) == f"3 / {SLIDES}"
    speaker.wait_for_function(
        "() => document.body.innerText.includes('0:01 · this slide 1:30 to 2:45')"
    )
    assert "step 2 / 7: close(2)" in speaker.inner_text("body")
    assert speaker.locator(".has-player .slide svg").first.is_visible()
    keep("talk-speaker.png", speaker.screenshot())


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_leaves_its_slide_and_all_can_be_read(deck, size):
    page = deck(size=size)
    for at in range(1, SLIDES + 1):
        turn(page, at)
        page.wait_for_timeout(200)
        keep(f"talk-{at:02}-{size[0]}.png", page.screenshot())
        assert page.evaluate(OUTSIDE) == [], at
        assert (
            page.evaluate(TOO_SMALL, [READ, SMALL, 22 * min(size[0] / 1280, size[1] / 720)]) == []
        ), at
        assert page.evaluate(WORDS, LEAST * min(size[0] / 1280, size[1] / 720)) == [], at
    toggles = page.locator("fieldset").all()
    for first in toggles[0].locator("input").all():
        for second in toggles[1].locator("input").all():
            first.check()
            second.check()
            assert page.evaluate(OUTSIDE) == []


OUTSIDE = """() => {
    const slide = document.querySelector('.is-shown'), edge = slide.getBoundingClientRect();
    const inside = (r) => r.left >= edge.left - 1 && r.right <= edge.right + 1 && r.top >= edge.top - 1 && r.bottom <= edge.bottom + 1;
    const whole = edge.left >= -1 && edge.top >= -1 && edge.right <= innerWidth + 1 && edge.bottom <= innerHeight + 1;
    const seen = [...slide.querySelectorAll('*')].filter((node) => node.checkVisibility() && node.getClientRects().length);
    const hidden = '.gmemviz-live, .gmemviz-legend *, .gmemviz-ticks *, .gmemviz-longest';
    const out = seen.filter((node) => !node.matches(hidden) && !inside(node.getBoundingClientRect()));
    const cut = seen.filter((node) => node.matches('.gmemviz-player, .gmemviz-said') && node.scrollHeight > node.clientHeight + 2);
    return [...(whole ? [] : ['the slide']), ...[...out, ...cut].map((node) => `${node.tagName} ${node.getAttribute('class')}`)];
}"""
WORDS = """(least) => [...document.querySelectorAll('.is-shown *')].flatMap((node) => {
    const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (!own || !node.checkVisibility() || node.closest('.gmemviz-live, .is-whole > h2, .is-whole > .number')) return [];
    const scale = node.ownerSVGElement ? Math.hypot(node.getScreenCTM().a, node.getScreenCTM().b) : 1;
    const size = parseFloat(getComputedStyle(node).fontSize) * scale;
    return size < least ? [`${node.textContent.trim().slice(0, 20)} ${size.toFixed(1)}`] : [];
})"""
TOO_SMALL = """([read, small, least]) => [...document.querySelectorAll('.is-shown :is(' + read + ')')]
    .filter((node) => node.checkVisibility() && !node.matches(small) && node.textContent.trim())
    .flatMap((node) => [node, ...node.children])
    .filter((node) => !node.matches('svg, svg *, input, .gmemviz-player *:not(.gmemviz-sentence, .gmemviz-function)'))
    .filter((node) => parseFloat(getComputedStyle(node).fontSize) < least - 0.6)
    .map((node) => `${node.tagName} ${getComputedStyle(node).fontSize} ${node.textContent.slice(0, 30)}`)"""


def test_without_scripts_it_is_text_and_pictures(folder, browser):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    page.goto((folder / "talk.html").as_uri())
    assert page.locator(".slide:visible").count() == SLIDES
    assert page.locator(".notes:visible").count() == SLIDES
    assert page.locator(".gm-still svg[role=img]:visible").count() >= 7
    assert page.locator(".gm-player:visible").count() == 0
    keep("talk-no-script.png", page.screenshot(full_page=True))
    context.close()


def test_a_page_of_paper_is_a_slide(folder):
    pdf = (folder / "talk.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == SLIDES
    boxes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^\]]*)\]", pdf)}
    assert {(w * 9, h * 16) for _, _, w, h in boxes} == {(960.0 * 9, 540.0 * 16)}
    keep("talk.pdf", pdf)
