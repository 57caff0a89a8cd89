"""The talk in JupyterLab as a deck, with the settings that `make lab` gives."""

import json
import shutil

import pytest

from scripts import talk
from tests.browser import lab_server
from tests.browser.conftest import run_all
from tests.browser.exported import keep

pytestmark = [pytest.mark.browser, pytest.mark.deck]

DECK = '.jp-NotebookPanel-toolbar [data-command="deck:toggle"]'
EXPLORER = ".gmemviz-explorer"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    settings = json.loads((talk.HERE / "lab_settings.json").read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab_server, "SETTINGS", settings | lab_server.SETTINGS)
        with lab_server.running_lab(tmp_path_factory.mktemp("lab")) as lab:
            shutil.copy(talk.NOTEBOOK, lab.folder)
            yield lab


def press(page, key, until, most=1):
    """Press a key until a heading stands on the screen, and say how often."""
    for times in range(1, most + 1):
        page.keyboard.press(key)
        page.wait_for_timeout(500)
        if page.get_by_role("heading", name=until).is_visible():
            return times
    raise AssertionError(f"{most} times {key}, and no {until}")


def test_a_deck_with_working_widgets(lab, watched):
    page = watched
    page.goto(lab.page("talk.ipynb"))
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    run_all(page, EXPLORER)
    page.get_by_role("heading", name="When may an inode").click()
    page.locator(DECK).click()
    page.wait_for_selector(".jp-Deck")
    press(page, "PageDown", "The question")
    assert not page.get_by_role("heading", name="When may an inode").is_visible()
    press(page, "PageDown", "The road of an inode", most=3)
    press(page, "PageUp", "The question")
    press(page, "ArrowRight", "The road of an inode", most=3)
    assert not page.locator("p", has_text="Step through with the arrow keys").is_visible()

    player = page.locator(".gmemviz-player:visible").first
    player.focus()
    page.keyboard.press("ArrowRight")
    assert player.locator(".gmemviz-count").inner_text() == "3 / 7"
    keep("talk-live-road.png", page.screenshot())
    page.keyboard.press("Escape")

    press(page, "ArrowRight", "From the floor", most=40)
    verdict = page.locator(f"{EXPLORER} .gm-verdict")
    assert "lock-context" in verdict.inner_text()
    page.keyboard.press("ArrowRight")  # selects the Explorer's cell; a first click would
    page.locator(f"{EXPLORER} .jupyter-button", has_text="destroy+free").click()
    page.wait_for_function(
        f"() => document.querySelector('{EXPLORER} .gm-verdict').textContent.includes('✓ correct')"
    )
    keep("talk-live-floor.png", page.screenshot())
