"""Exported pages and the player alone, for who needs contrast, large type, less motion, or hears them."""

import pytest

from tests.browser import reach
from tests.browser.test_player_page import show  # noqa: F401  (a fixture)
from tests.widget.tiny_film import tiny_film

pytestmark = pytest.mark.browser

PAGES = pytest.mark.parametrize("name", ["correct", "defects", "recording", "comparison"])
SHOWN = "main, header, footer"


@PAGES
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_word_and_shape_of_a_page_is_seen(opened, page, name, theme):
    page.emulate_media(color_scheme=theme)
    opened(name)
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        assert reach.weak(page, SHOWN) == [], key


@PAGES
@pytest.mark.parametrize(("width", "percent"), [(1280, 150), (320, 100), (320, 150)])
def test_large_type_and_a_narrow_window_break_nothing(opened, page, name, width, percent):
    page.set_viewport_size({"width": width, "height": 800})
    opened(name)
    page.evaluate(
        "percent => (document.documentElement.style.fontSize = `${percent}%`)", f"{percent}"
    )
    page.keyboard.press("PageDown")
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(reach.CUT, SHOWN) == []
    assert page.evaluate(reach.OVERLAPS, SHOWN) == []
    size = page.evaluate("getComputedStyle(document.querySelector('.gmemviz-player')).fontSize")
    assert size == f"{13 * percent / 100:g}px"


def test_nothing_moves_by_itself_for_who_asked_for_less_motion(opened, page):
    page.emulate_media(reduced_motion="reduce")
    opened("correct")
    moving = """() => [...document.querySelectorAll('*')].filter((node) => {
        const look = getComputedStyle(node);
        return look.animationName !== 'none' || look.transitionDuration !== '0s' || look.scrollBehavior !== 'auto';
    }).length + document.getAnimations().length"""
    assert page.evaluate(moving) == 0


def test_every_picture_and_control_has_a_name(opened, page):
    opened("defects")
    pictures = page.locator(".gmemviz-picture > svg:visible")
    assert pictures.count() == 4
    for nth in range(4):
        assert pictures.nth(nth).get_attribute("role") == "img"
        assert len(pictures.nth(nth).get_attribute("aria-label")) > 30
    unnamed = """() => [...document.querySelectorAll('.gm-player :is(button, input, select), main > p select')]
        .filter((node) => !(node.getAttribute('aria-label') || node.labels?.[0]?.textContent.trim())).length"""
    assert page.evaluate(unnamed) == 0


def test_what_a_step_says_is_never_cut_and_no_step_moves_the_pictures(show, watched):  # noqa: F811
    watched.set_viewport_size({"width": 420, "height": 800})
    film = tiny_film(4)
    film["contexts"] = {"P": "a context of which there is very much to say, more than a line holds"}
    page = show(film)
    tops = []
    for _ in film["frames"]:
        tops.append(page.locator(".gmemviz-pictures").bounding_box()["y"])
        assert page.evaluate(reach.CUT, ".gmemviz-player") == []
        page.locator(".gmemviz-player").press("ArrowRight")
    assert len(set(tops)) == 1


def test_play_at_speed_says_only_where_it_rests(show):  # noqa: F811
    page = show(tiny_film(6))
    page.evaluate("""() => {
        window.said = [];
        const live = document.querySelector('[aria-live]');
        new MutationObserver(() => said.push(live.textContent)).observe(live, {childList: true});
        shown[0].model.set('interval_ms', 60);
    }""")
    page.locator(".gmemviz-player").press("Space")
    page.wait_for_function("() => said.length")
    page.wait_for_timeout(700)
    said = page.evaluate("said")
    assert len(said) == 1
    assert said[0].startswith("Step 6 of 6: evict, i_lock held, must not sleep, defect: leak.")
