"""The start notebook, besides its main gesture: its keys, its reasons, its recording."""

import shutil

import pytest

from tests.browser.exported import ROOT
from tests.browser.lab_page import CELLS, shot

__all__ = ("EXPLORER", "ROOT", "shot")

pytestmark = pytest.mark.browser

EXPLORER = ".gmemviz-explorer"


def test_keys_stay_in_reasons_are_said_and_the_recording_plays(lab, notebook):
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", lab.folder)
    page = notebook("00_start_here.ipynb", until=EXPLORER)
    page.wait_for_function("() => document.querySelectorAll('.gmemviz-player').length === 3")
    cells = page.locator(CELLS).count()
    page.locator(f"{EXPLORER} .jupyter-button", has_text="evict-after-truncate").click()
    for key in ("b", "a", "x"):  # one more cell, if JupyterLab heard them
        page.keyboard.press(key)

    button = page.locator(f"{EXPLORER} .jupyter-button", has_text="i_private-flags")
    assert button.is_disabled()
    assert "needs a pointer" in button.get_attribute("title")

    player = page.locator(".gmemviz-player").last
    player.scroll_into_view_if_needed()
    player.focus()
    page.keyboard.press("End")
    assert "recorded" in player.inner_text()
    assert "kvm_gmem_free_inode" in player.inner_text()
    assert page.locator(CELLS).count() == cells
    shot(page, "start-recording")
