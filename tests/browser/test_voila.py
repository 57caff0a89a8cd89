"""The start notebook as a web page of its own, which Voila makes of it."""

import contextlib
import re
import subprocess
import sys
import time

import pytest

from tests.browser.lab_page import shot
from tests.browser.lab_server import ROOT, free_port, private_environment
from tests.browser.test_link import SEEN

pytestmark = [pytest.mark.browser, pytest.mark.voila]

EXPLORER = ".gmemviz-explorer"
LEAK = "7.3/own/i_private/none/resv_map/to-leak/7"
PLAYERS = "() => document.querySelectorAll('.gmemviz-player').length === 3"
SHOWS = "state => document.querySelector('.gmemviz-link input').value === state"
AT_END = f"""() => {{
    const [at, of] = document.querySelector("{EXPLORER} .gmemviz-count").textContent.split(" / ");
    return at === of;
}}"""
ICONS = re.compile(r"https://[^/]+/npm/@fortawesome/")  # Voila's own, without which it does


@contextlib.contextmanager
def running_voila(home, *what):
    address = f"http://127.0.0.1:{free_port()}"
    with (home / "voila.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "voila", *what, "--no-browser", "--Voila.ip=127.0.0.1",
             f"--port={address.rpartition(':')[2]}"],
            cwd=ROOT, env=private_environment(home), stdout=log, stderr=log,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while address not in (text := (home / "voila.log").read_text()):
                assert server.poll() is None, text
                assert time.monotonic() < deadline, text
                time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture(scope="module")
def voila(tmp_path_factory):
    with running_voila(tmp_path_factory.mktemp("voila"), "notebooks/00_start_here.ipynb") as there:
        yield there


@pytest.fixture
def opened(page):
    """Return a function that opens an address where there is no network, and waits for it."""
    troubles = []

    def look(request):
        here = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
        if not request.url.startswith(here) and not ICONS.match(request.url):
            troubles.append(f"request to {request.url}")

    page.route(ICONS, lambda route: route.abort())
    page.on("request", look)
    page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))

    def open_page(address, until=PLAYERS):
        page.goto(address, timeout=90_000)
        page.wait_for_function(until, timeout=60_000)
        return page

    yield open_page
    assert troubles == []


def verdict(page):
    return page.locator(f"{EXPLORER} .gm-verdict").inner_text()


def count(page):
    return page.locator(f"{EXPLORER} .gmemviz-count").inner_text()


def test_it_opens_at_a_link_and_toggles_and_plays(voila, opened):
    page = opened(f"{voila}/?state={LEAK}")
    page.wait_for_function(SHOWS, arg=LEAK)
    page.wait_for_function(SEEN, arg=EXPLORER)
    assert "leak" in verdict(page)
    assert page.get_by_role("heading", name="When may an inode's metadata be freed?").is_visible()
    assert page.get_by_text("gallery(").count() == 0  # prose and outputs, no sources

    page.locator(f"{EXPLORER} .jupyter-button", has_text="evict-after-truncate").press("Enter")
    page.wait_for_function(
        f"() => document.querySelector('{EXPLORER} .gm-verdict').textContent.includes('✓ correct')"
    )
    page.wait_for_function(AT_END)  # the run comes after the verdict
    page.locator(f"{EXPLORER} .gmemviz-player").focus()
    for key in ("Home", "ArrowRight", "PageDown", "ArrowRight", "PageUp"):
        page.keyboard.press(key)
    assert count(page).startswith("3 / ")
    page.locator(EXPLORER).evaluate("element => element.scrollIntoView()")
    shot(page, "voila-light")

    page.evaluate("delete Navigator.prototype.clipboard")
    page.locator(f"{EXPLORER} .gmemviz-link button").press("Enter")
    page.get_by_text("A link to this step is copied.").wait_for()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)


def test_what_a_link_cannot_mean_is_said(voila, opened):
    page = opened(f"{voila}/?state=7.3/own/i_private/none/resv_map/to-leak/999")
    page.locator(".gmemviz-link [role=status]", has_text="is beyond the run to-leak").wait_for()
    assert "use-after-free" in verdict(page)  # what the notebook chose stays


def test_dark(voila, opened):
    page = opened(f"{voila}/?theme=dark")
    ink = page.locator(f"{EXPLORER} .gmemviz-player").evaluate("e => getComputedStyle(e).color")
    assert all(int(part) > 200 for part in re.findall(r"\d+", ink)[:3])
    page.locator(EXPLORER).evaluate("element => element.scrollIntoView()")
    shot(page, "voila-dark")


def test_the_suite_as_a_site(tmp_path, opened):
    with running_voila(tmp_path, "notebooks") as site:
        page = opened(f"{site}/voila/render/00_start_here.ipynb?state={LEAK}")
        page.wait_for_function(SHOWS, arg=LEAK)
        page.get_by_role("link", name="03 ").first.click()
        page.wait_for_url(re.compile("/voila/render/03_teardown.ipynb$"))
        page.wait_for_selector(EXPLORER, timeout=90_000)
        assert page.locator(".gmemviz-link input").input_value() != LEAK
