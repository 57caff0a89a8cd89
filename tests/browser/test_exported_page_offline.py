"""The exported page needs nothing but itself, and the watch that says so is not blind."""

import re
from pathlib import Path
from urllib.parse import urlparse

import pytest

from tests.browser import exported

pytestmark = pytest.mark.browser

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
AWAY = "http://198.51.100.1"
ADDED = {
    "image": f'<img src="{AWAY}/a.png" alt="">',
    "script": f'<script src="{AWAY}/a.js"></script>',
    "fetch": f'<script>fetch("{AWAY}/a.json").catch(() => 0)</script>',
    "style": f'<link rel="stylesheet" href="{AWAY}/a.css">',
    "font": f"<style>@font-face {{ font-family: a; src: url({AWAY}/a.woff) }} h1 {{ font-family: a }}</style>",
    "frame": f'<iframe src="{AWAY}/"></iframe>',
    "file": '<img src="beside.png" alt="">',
}


@pytest.mark.parametrize("name", exported.LINES)
def test_it_opens_and_steps_with_nothing_but_itself(opened, name):
    page = opened(name)
    page.keyboard.press("PageDown")
    page.keyboard.press("End")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("policy", ["policy", "none"])
@pytest.mark.parametrize("what", ADDED)
def test_a_page_that_asked_for_more_would_fail(files, page, tmp_path, what, policy):
    text = Path(urlparse(files["correct"]).path).read_text(encoding="utf-8")
    assert len(POLICY.findall(text)) == 1
    if policy == "none":
        text = POLICY.sub("", text)
    file = tmp_path / "page.html"
    file.write_text(text.replace("<h1", f"{ADDED[what]}<h1", 1), encoding="utf-8")
    with (
        pytest.raises(AssertionError, match=r"198|beside|violates"),
        exported.watched(page, {file.as_uri()}),
    ):
        exported.open_page(page, file.as_uri())
