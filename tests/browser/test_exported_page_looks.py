"""The exported page's looks: themes, sizes, paper, no scripts, and what axe-core says of it."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.browser.exported import frames, keep

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)], ids="{0[0]}x{0[1]}".format)
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


def test_without_scripts_the_telling_step_and_all_steps_are_there(files, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(files["defects"])
    assert page.locator(".gm-still >> nth=0").is_visible()
    assert page.locator(".gm-still svg[role=img]").count() == 12
    assert page.locator(".gm-run >> nth=2").is_visible()
    assert page.locator(".gm-steps >> nth=0").locator("li").count() > 20
    assert not page.locator(".gm-keys").is_visible()
    context.close()


def test_paper_gets_the_still_picture_and_the_list(opened):
    page = opened("defects")
    page.emulate_media(media="print")
    assert not page.locator(".gmemviz-player").first.is_visible()
    assert not page.locator("#gm-watch").is_visible()
    for nth in range(3):
        assert page.locator(".gm-still").nth(nth).is_visible()
        assert page.locator(".gm-steps").nth(nth).is_visible()
    text = page.locator(".gm-still >> nth=0").inner_text()
    last = frames("rfc-v1-free_inode")
    assert text.startswith(f"Step {len(last)} of {len(last)}: {last[-1]['label']}: ")
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    keep("page-defects.pdf", pdf)


def test_less_motion_makes_play_slow(opened):
    page = opened("correct")
    page.emulate_media(reduced_motion="reduce")
    page.keyboard.press("Space")
    page.wait_for_timeout(1000)
    assert page.locator(".gmemviz-count").inner_text() == f"1 / {len(frames('guest_memfd-7.3'))}"


@SIZES
@THEMES
@pytest.mark.parametrize("name", ["correct", "defects", "recording", "comparison"])
def test_it_fits_and_follows_the_reader_s_colours(opened, page, name, theme, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=theme)
    opened(name)
    page.keyboard.press("PageDown")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (theme == "light")
    drawing = page.locator('[data-picture="calls"] > svg:visible').first.bounding_box()
    assert drawing["y"] < size[1] * 0.52  # behind a verdict with four reasons
    keep(f"page-{name}-{theme}-{size[0]}.png", page.screenshot())


@pytest.mark.skipif(
    not find_spec("axe_playwright_python"), reason="pip install axe-playwright-python"
)
@THEMES
@pytest.mark.parametrize("name", ["correct", "defects", "recording", "comparison"])
def test_axe_finds_no_serious_violation(files, browser, name, theme):
    from axe_playwright_python.base import AXE_FILE_PATH

    context = browser.new_context(bypass_csp=True, color_scheme=theme)
    page = context.new_page()
    page.goto(files[name])
    page.wait_for_selector(".gmemviz-player")
    page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    found = json.loads(page.evaluate("axe.run().then((r) => JSON.stringify(r))"))
    assert found["passes"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]] == []
    context.close()
