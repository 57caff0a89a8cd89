"""The site in Chromium, from a server on loopback: a link opens its answer, also without one."""

import functools
import json
import random
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gmemviz.model import check, design_from_choices
from gmemviz.stage import AXES, headline
from gmemviz.study import CHOICES
from scripts import site

pytestmark = [pytest.mark.browser, pytest.mark.npm]

CELLS = 200
PATIENCE = 90  # seconds: Python as WebAssembly starts once, on a machine that tests keep busy
THREAD = "6.12/own/i_private_data/free-all/hugetlb-subpool"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing of each file."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    # Pages of the gallery are those that `export` makes, which have tests of their own.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "design_pages", lambda: iter(()))
        patch.setattr(site, "recording_pages", lambda: iter(()))
        site.write(out)
    return out


@pytest.fixture
def server(folder):
    handler = functools.partial(Quiet, directory=str(folder))
    serving = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield serving
    serving.shutdown()
    serving.server_close()


@pytest.fixture
def opened(context, server):
    """Return what opens the playground at a state; whatever goes elsewhere fails the test."""
    base = f"http://127.0.0.1:{server.server_port}/"
    asked = []
    context.on("request", lambda request: asked.append(request.url))

    def show(state="", query=""):
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(f"{base}playground.html{query}#{state}")
        return page

    yield show
    assert [url for url in asked if not url.startswith((base, "data:", "blob:"))] == []


def until(page, is_there):
    """Wait for something of a page; its policy forbids Playwright's own way, which evaluates."""
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        assert time.monotonic() < deadline, page.inner_text("body")[:300]
        page.wait_for_timeout(20)


def sentence(page):
    return page.inner_text(".gms-sentence")


def test_a_link_opens_its_answer_and_a_click_gives_another(opened):
    page = opened("rfc-v1-free_inode/to-sleep-in-softirq")
    until(page, lambda: "sleep" in sentence(page).lower())
    assert page.url.endswith("#rfc-v1-free_inode/to-sleep-in-softirq")
    page = opened(THREAD)
    assert "second creation is refused" in sentence(page)  # drawn before Python is there
    before = page.url
    page.click('.gms-choice[data-word="evict-after-truncate"], .gms-family[data-family="evict"]')
    page.click('.gms-choice[data-word="evict-after-truncate"]')
    until(page, lambda: page.url != before)
    assert page.url.endswith(THREAD.replace("free-all", "evict-after-truncate"))
    assert "Correct" in sentence(page)
    assert "now" in page.inner_text(".gms-was")


def origin(page):
    return page.input_value("select[name=origin]")


def step_of(page):
    return int(page.get_attribute("#stage", "data-step")) + 1


def test_a_link_goes_along_with_the_step_and_opens_there(opened):
    page = opened("rfc-v2")
    until(page, lambda: origin(page) == "rfc-v2")
    first = step_of(page)
    assert page.url.endswith("#rfc-v2/shortest-run")  # nobody has gone anywhere yet
    page.focus("#stage [tabindex='0']")
    page.keyboard.press("ArrowLeft")
    until(page, lambda: page.url.endswith(f"#rfc-v2/to-late-release/{first - 1}"))
    again = opened(page.url.partition("#")[2])
    until(again, lambda: step_of(again) == first - 1)
    assert again.url.endswith(f"#rfc-v2/to-late-release/{first - 1}")


def test_python_has_started_when_the_site_was_made(opened, context):
    heard = []
    context.on("console", lambda message: heard.append(message.text))
    page = opened("guest_memfd-7.3")
    until(page, lambda: "Correct" in sentence(page))
    assert heard == []


def test_without_the_memory_that_was_kept_it_starts_anew(opened, context):
    heard = []
    context.on("console", lambda message: heard.append(message.text))
    context.route("**/memory.gz", lambda route: route.abort())
    page = opened("guest_memfd-7.3")
    until(page, lambda: "Correct" in sentence(page))
    assert any("Python starts anew" in text for text in heard)


def test_so_does_that_of_a_filesystem_and_of_choices_before_python_is_there(opened):
    page = opened("fs=7.3/bpf&step=5")
    until(page, lambda: origin(page) == "fs=7.3/bpf")
    until(page, lambda: step_of(page) == 5)
    assert page.url.endswith("#fs=7.3/bpf&step=5")
    page = opened()
    page.focus("#stage [tabindex='0']")
    page.keyboard.press("ArrowLeft")
    until(page, lambda: f"{THREAD}/to-" in page.url)


def test_random_cells_are_answered_as_the_command_line_does(opened):
    page = opened()
    until(page, lambda: page.is_visible(".gms-sentence"))
    chance = random.Random(CELLS)  # noqa: S311
    for _ in range(CELLS):
        choices = {axis: chance.choice(words) for axis, words in AXES.items()}
        state = "/".join(choices[axis] for axis in CHOICES)
        page.evaluate("(state) => { location.hash = state; }", state)
        wanted = headline(check(design_from_choices(**choices))).sentence
        until(
            page, lambda wanted=wanted: wanted in (sentence(page), page.inner_text(".gm-refused"))
        )


def test_a_design_of_one_s_own_is_checked_and_linked(opened):
    page = opened()
    page.select_option("select[name=origin]", "own")
    until(page, lambda: "toml=" in page.url)
    assert "truncate_inode_pages_final" in sentence(page)
    toml = page.input_value("textarea")
    page.fill("textarea", toml.replace("mount", "mont"))
    page.click("text=check it")
    until(page, lambda: "mont" in page.inner_text(".gm-refused"))
    page.fill("textarea", toml.replace('"free tree", "truncate"', '"truncate", "free tree"'))
    page.click("text=check it")
    until(page, lambda: "Correct" in sentence(page))
    again = opened(page.url.partition("#")[2])
    until(again, lambda: "Correct" in sentence(again))
    assert again.input_value("textarea").index('"truncate", "free tree"')


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("7.3/own/i_private/none/nothing", "nothing"),
        ("toml=AAAA", "ends in the middle"),
        ("fs=7.3/bpf&step=0", '"0" is no step'),
        ("fs=7.3/bpf&step=99999", "is beyond the run, which has"),
        ("toml=" + "A" * 1_000_000, "send it as a file"),
        ("<img src=x onerror=alert(1)>", "state"),
    ],
)
def test_a_link_that_means_nothing_is_refused_in_a_sentence(opened, state, says):
    page = opened(state)
    until(page, lambda: says in page.inner_text(".gm-refused"))
    assert page.locator(".gm-refused img").count() == 0


def test_a_second_visit_needs_no_server(opened, server):
    page = opened()
    ready = "navigator.serviceWorker.ready.then(() => true)"
    assert page.evaluate(ready)
    server.shutdown()
    server.server_close()
    again = opened("guest_memfd-7.3")
    until(again, lambda: "Correct" in sentence(again))


def test_a_search_is_ended_by_a_button(opened):
    page = opened()
    page.select_option("select[name=origin]", "guest_memfd-7.3")
    page.click("button[name=stop]")
    assert not page.is_visible("button[name=stop]")
    page.select_option("select[name=origin]", "rfc-v2")
    until(page, lambda: page.url.endswith("#rfc-v2/shortest-run"))


def test_a_stopped_question_leaves_the_list_at_what_is_shown(opened):
    page = opened("guest_memfd-7.3")
    until(page, lambda: page.url.endswith("#guest_memfd-7.3/shortest-run"))
    page.select_option("select[name=origin]", "fs=7.3/ext4")
    page.click("button[name=stop]")
    assert page.input_value("select[name=origin]") == "guest_memfd-7.3"


def test_back_goes_to_the_answer_before_and_an_empty_address_to_the_first(opened):
    page = opened()
    first = sentence(page)
    for name in ("guest_memfd-7.3", "rfc-v1-hugetlb"):
        page.select_option("select[name=origin]", name)
        until(page, lambda name=name: page.url.endswith(f"#{name}/shortest-run"))
    page.go_back()
    until(page, lambda: page.input_value("select[name=origin]") == "guest_memfd-7.3")
    page.go_back()
    until(page, lambda: sentence(page) == first)
    assert page.input_value("select[name=origin]") == "choices"
    page.go_forward()
    until(page, lambda: page.input_value("select[name=origin]") == "guest_memfd-7.3")


def test_what_was_asked_before_a_broken_link_does_not_answer_it(opened):
    page = opened()
    page.select_option("select[name=origin]", "guest_memfd-7.3")
    page.evaluate("location.hash = 'toml=AAAA'")
    until(page, lambda: "ends in the middle" in page.inner_text(".gm-refused"))
    assert "what was shown before" in page.inner_text(".gm-refused")
    assert page.input_value("select[name=origin]") == "choices"
    until(page, lambda: not page.inner_text("output"))  # Python is there, and has answered it
    page.evaluate("location.hash = '%'")
    until(page, lambda: "unknown design" in page.inner_text(".gm-refused"))
    assert "Correct" not in sentence(page)


def test_two_designs_stand_beside_each_other_and_that_is_a_link(opened):
    page = opened("rfc-v2")
    until(page, lambda: origin(page) == "rfc-v2")
    page.select_option("select[name=beside]", "guest_memfd-7.3")
    until(page, lambda: page.title().endswith(" - gmemviz") and "|guest_memfd-7.3" in page.url)
    until(page, lambda: page.locator(".gms-side").count() or "A" in page.inner_text(".gms-was"))
    again = opened("rfc-v2|guest_memfd-7.3&step=3")
    until(again, lambda: step_of(again) == 3)
    assert again.input_value("select[name=beside]") == "guest_memfd-7.3"
    again.select_option("select[name=beside]", "")
    until(again, lambda: again.url.endswith("#rfc-v2/shortest-run"))


def test_the_matrix_tells_how_far_it_is_and_a_button_ends_it(opened):
    page = opened()
    page.select_option("select[name=origin]", "matrix=7.3/own")
    until(page, lambda: "parts are searched" in page.inner_text("output"))
    page.click("button[name=stop]")
    until(page, lambda: not page.is_visible("button[name=stop]"))
    page.select_option("select[name=origin]", "designs=7.3/own/flags")
    until(page, lambda: page.is_visible(".gm-list table"))
    assert "Designs that keep flags" in page.inner_text(".gm-list h1")
    assert page.url.endswith("#designs=7.3/own/flags")
    page.select_option("select[name=origin]", "rfc-v2")
    until(page, lambda: page.is_visible(".gms-sentence"))
    assert not page.is_visible(".gm-list")


def test_a_recording_that_is_not_there_is_said(opened):
    page = opened("recording=none")
    until(page, lambda: 'no recording "none"' in page.inner_text(".gm-refused"))


def test_embedded_it_is_the_stage_alone(opened):
    page = opened(query="?embed")
    until(page, lambda: page.is_visible(".gms-sentence"))
    assert not page.is_visible("select[name=origin]")


def test_the_stage_is_whole_at_1280_by_720(opened):
    page = opened()
    until(page, lambda: page.is_visible(".gms-time"))
    parts = json.dumps([".gms-headline", ".gms-rail", ".gms-memory", ".gms-bar", ".gms-time"])
    bottoms = page.evaluate(
        f"{parts}.map((name) => document.querySelector(name).getBoundingClientRect().bottom)"
    )
    assert max(bottoms) <= 720
