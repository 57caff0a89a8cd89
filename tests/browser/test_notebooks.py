"""The start notebook as a reader meets it: run all, toggle, see, play by keyboard."""

import os
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out" / "screenshots"
EXPLORER = ".gmemviz-explorer"


def shot(page, name):
    """Keep a screenshot where CI can show it; a read-only checkout keeps none."""
    if os.access(ROOT, os.W_OK):
        OUT.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=OUT / f"{name}.png")


def verdict(page):
    return page.locator(f"{EXPLORER} .gm-verdict").inner_text()


def click(page, words):
    page.locator(f"{EXPLORER} .jupyter-button", has_text=words).first.click()


@pytest.fixture
def start(lab, notebook):
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", lab.folder)
    page = notebook("00_start_here.ipynb", until=EXPLORER)
    page.wait_for_function("() => document.querySelectorAll('.gmemviz-player').length === 3")
    page.locator(EXPLORER).evaluate("element => element.scrollIntoView()")
    return page


def test_toggle_see_and_play(start):
    page = start
    assert "use-after-free" in verdict(page)
    picture = page.locator(f"{EXPLORER} .gmemviz-picture svg").first
    before = picture.inner_html()
    shot(page, "start-broken")

    click(page, "destroy+free")
    page.wait_for_function(
        f"() => document.querySelector('{EXPLORER} .gm-verdict').textContent.includes('✓ correct')"
    )
    assert "is freed in destroy_inode" in verdict(page)
    page.wait_for_function(
        f"before => document.querySelector('{EXPLORER} .gmemviz-picture svg').innerHTML !== before",
        arg=before,
    )

    player = page.locator(f"{EXPLORER} .gmemviz-player")
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    player.focus()
    page.keyboard.press("Home")
    first = player.locator(".gmemviz-count").inner_text()
    for key in ("ArrowRight", "ArrowRight", "b", "a"):
        page.keyboard.press(key)
    assert first.startswith("1 / ")
    assert player.locator(".gmemviz-count").inner_text().startswith("3 / ")
    page.keyboard.press("End")
    page.keyboard.press("Space")  # from the end, play begins anew
    page.wait_for_function(
        f"() => document.querySelector('{EXPLORER} .gmemviz-count').textContent.startsWith('4 / ')"
    )
    page.keyboard.press("Space")
    shot(page, "start-playing")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_keys_on_a_toggle_never_reach_jupyterlab(start):
    page = start
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    click(page, "evict-after-truncate")
    for key in ("b", "a", "x"):  # one more cell, if they did
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_what_cannot_be_chosen_says_why(start):
    button = start.locator(f"{EXPLORER} .jupyter-button", has_text="i_private-flags")
    assert button.is_disabled()
    assert "needs a pointer" in button.get_attribute("title")


def test_the_recording_plays_in_the_same_player(start):
    player = start.locator(".gmemviz-player").last
    player.scroll_into_view_if_needed()
    player.focus()
    start.keyboard.press("End")
    assert "recorded" in player.inner_text()
    assert "kvm_gmem_free_inode" in player.inner_text()
    shot(start, "start-recording")
