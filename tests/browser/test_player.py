"""The player in a real JupyterLab: keys, play, two views, no trust, no network."""

import json
import urllib.request

import pytest

from gmemviz.widget import Player
from tests.widget.tiny_film import tiny_film

pytestmark = pytest.mark.browser

LOAD = """import json
from gmemviz.widget import Player
player = Player(json.load(open("film.json")), interval_ms=60)"""


@pytest.fixture
def film(lab):
    film = tiny_film(45)
    (lab.folder / "film.json").write_text(json.dumps(film))
    return film


def count(page, nth=0):
    return page.locator(".gmemviz-count").nth(nth).inner_text()


def wait_for_count(page, text, nth=0):
    page.wait_for_function(
        "([n, text]) => document.querySelectorAll('.gmemviz-count')[n]?.textContent === text",
        arg=[nth, text],
    )


def test_keys_step_and_never_reach_jupyterlab(notebook, film):
    page = notebook("keys.ipynb", LOAD, "player", "player.index")
    page.locator(".gmemviz-picture").first.click()  # a click on a picture is enough
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    for key, expected in [("ArrowRight", 2), ("PageDown", 3), ("ArrowLeft", 2), ("End", 45),
                          ("PageUp", 44), ("Home", 1), ("ArrowRight", 2)]:  # fmt: skip
        page.keyboard.press(key)
        assert count(page) == f"{expected} / 45"
    for key in ("a", "b", "d", "d", "x", "Enter"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert page.evaluate("document.activeElement.classList.contains('gmemviz-player')")
    assert page.locator('[data-id="n_evict"]').get_attribute("class") == "node role-now"
    assert page.locator('[data-id="n_iput"]').get_attribute("class") == "node"
    page.locator(".jp-Cell .jp-InputArea-editor").nth(2).click()
    page.keyboard.press("Control+Enter")  # Python has heard where the browser is
    page.wait_for_function(
        "() => [...document.querySelectorAll('.jp-OutputArea-output pre')].some(e => e.textContent.trim() === '1')"
    )


def test_play_stops_at_the_end_and_survives_the_kernel(notebook, film, lab):
    page = notebook("play.ipynb", LOAD, "player")
    headers = {"Authorization": f"token {lab.token}"}
    kernels = json.load(
        urllib.request.urlopen(urllib.request.Request(f"{lab.url}/api/kernels", headers=headers))
    )
    for kernel in kernels:
        where = f"{lab.url}/api/kernels/{kernel['id']}"
        urllib.request.urlopen(
            urllib.request.Request(where, headers=headers, method="DELETE")
        ).close()
    page.locator(".gmemviz-player").focus()
    page.keyboard.press("Space")
    wait_for_count(page, "45 / 45")
    page.wait_for_function(
        "() => document.querySelector('[data-action=play]').ariaPressed === 'false'"
    )
    assert page.locator(".gmemviz-defect").inner_text() == "✖ leak"


def test_a_held_key_shows_every_frame(notebook, film):
    page = notebook("held.ipynb", LOAD, "player")
    page.locator(".gmemviz-player").focus()
    page.evaluate("""() => {
        window.seen = new Set();
        const count = document.querySelector('.gmemviz-count');
        new MutationObserver(() => seen.add(count.textContent)).observe(count, {childList: true, characterData: true});
    }""")
    for _ in range(40):
        page.keyboard.down("ArrowRight")
        page.wait_for_timeout(45)
    page.keyboard.up("ArrowRight")
    assert page.evaluate("seen.size") == 40
    assert count(page) == "41 / 45"


def test_two_views_of_one_widget_follow_each_other(notebook, film):
    page = notebook("views.ipynb", LOAD, "player", "player", until=".gmemviz-player >> nth=1")
    page.locator(".gmemviz-player").nth(1).focus()
    page.keyboard.press("ArrowRight")
    for nth in (0, 1):
        assert count(page, nth) == "2 / 45"
        view = page.locator(".gmemviz-player").nth(nth)
        assert view.locator('[data-id="n_evict"]').get_attribute("class") == "node role-now"
    assert page.evaluate("""() => {
        const ids = [...document.querySelectorAll('.gmemviz-player [id]')].map(e => e.id);
        return ids.length > 0 && new Set(ids).size === ids.length;
    }""")
    page.keyboard.press("Space")
    wait_for_count(page, "45 / 45", nth=0)


def test_a_new_film_and_a_second_run_of_the_cell_leave_one_player(notebook, film):
    swap = """film = dict(player.film, title="Another run", frames=player.film["frames"][:7])
player.index = 40
player.film = film
player.index"""
    page = notebook("swap.ipynb", LOAD, "player", swap, until="text=Another run")
    wait_for_count(page, "7 / 7")
    page.keyboard.press("Escape")
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    page.wait_for_timeout(1500)
    wait_for_count(page, "7 / 7")
    assert page.locator(".gmemviz-player").count() == 1


def test_an_untrusted_notebook_shows_the_picture(notebook, film, lab):
    data, _ = Player(film)._repr_mimebundle_()
    output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}
    kernel = {"name": "python3", "display_name": "Python 3"}
    cell = {
        "cell_type": "code",
        "id": "c0",
        "metadata": {},
        "source": "player",
        "execution_count": 1,
        "outputs": [output],
    }
    book = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (lab.folder / "untrusted.ipynb").write_text(json.dumps(book))
    page = notebook("untrusted.ipynb", run=False)
    image = page.wait_for_selector(".jp-OutputArea-output img[alt*='Tiny run']")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
