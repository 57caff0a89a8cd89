"""The player's Python side: what it accepts, keeps, says, and shows without a browser."""

import base64
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import MappingProxyType

import pytest

from gmemviz.frontend import STATIC, checked_film, script, stylesheet
from gmemviz.render.films.still import still_step, still_svg
from gmemviz.widget.player import Player
from tests.widget.tiny_film import tiny_film


def test_a_player_keeps_an_own_copy_of_the_film():
    film = tiny_film()
    player = Player(MappingProxyType(film))
    film["frames"][0]["label"] = "changed later"
    assert player.film["frames"][0]["label"] == "iput"
    assert player.film["contexts"] == {}


def test_defaults_and_keywords():
    player = Player(tiny_film())
    assert (player.index, player.interval_ms, player.playing) == (0, 700, False)
    player = Player(tiny_film(), start=3, interval_ms=200)
    assert (player.index, player.interval_ms) == (3, 200)


def test_unknown_keywords_raise():
    with pytest.raises(TypeError, match="speed"):
        Player(tiny_film(), speed=2)
    with pytest.raises(TypeError):
        Player(tiny_film(), 3)


@pytest.mark.parametrize(("given", "kept"), [(-5, 0), (0, 0), (11, 11), (12, 11), (999, 11)])
def test_the_index_is_clamped(given, kept):
    player = Player(tiny_film(12), start=given)
    assert player.index == kept
    player.index = 4
    player.index = given
    assert player.index == kept


def test_a_shorter_film_pulls_the_index_in():
    player = Player(tiny_film(12), start=11)
    player.film = tiny_film(5)
    assert player.index == 4


def test_show_replaces_film_and_index_in_one_message():
    player = Player(tiny_film(12), start=11)
    sent = []
    player.send_state = lambda key=None: sent.append(set(key))
    player.show(tiny_film(5), start=2)
    assert (player.index, len(player.film["frames"])) == (2, 5)
    assert sent == [{"film", "index"}]


def test_a_later_assignment_is_checked_too():
    player = Player(tiny_film())
    with pytest.raises(ValueError, match=r"film\.title"):
        player.film = {}
    assert player.film["title"] == "Tiny run"


def test_repr_is_short_and_stable():
    assert repr(Player(tiny_film(), start=2)) == "Player('Tiny run', simulated, step 3 of 12)"


def test_the_mime_bundle_has_widget_picture_and_text():
    film = tiny_film()
    data, _ = Player(film)._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert data["text/plain"] == film["text"]
    assert re.fullmatch(
        r'<img src="data:image/svg\+xml;base64,[\w+/=]+" alt="[^"<>]+">', data["text/html"]
    )
    assert Player(film).still() == Player(film).still()


def test_the_still_shows_the_defect_on_white_with_the_roles_of_that_step():
    film = checked_film(tiny_film(12))
    assert still_step(film) == 11
    root = ET.fromstring(still_svg(film, 11, css=".role-now { stroke: red }"))
    # A still has no ids: two of them may stand on one page.
    classes = {"".join(e.itertext()): e.get("class") for e in root.iter() if e.get("class")}
    assert classes["evict"] == "node role-now"
    assert classes["iput"] == "node"
    assert classes["inode"] == "node role-freed"
    assert any(e.get("fill") == "white" for e in root)
    assert "leak" in "".join(root.itertext())


def test_the_still_keeps_the_rules_that_something_in_it_follows_and_no_others():
    rules = [".node.role-now { stroke: red }", ".role-freed { fill: none }", ".edge { fill: red }"]
    others = [".node.role-never { stroke: blue }", ".gm-verdict.gm-bad { color: red }"]
    svg = still_svg(checked_film(tiny_film(12)), 11, css="\n".join(rules + others))
    kept = ET.fromstring(svg).findtext("{http://www.w3.org/2000/svg}style")
    assert kept.splitlines() == rules


def test_the_still_of_a_run_without_defect_is_its_end():
    assert still_step(checked_film(tiny_film(12, defect=""))) == 11


def test_hostile_words_do_not_leave_the_alt_text():
    film = tiny_film(3, title='"><script>alert(1)</script>')
    page = Player(film).still()["text/html"]
    assert page.count("<") == 1
    svg = base64.b64decode(page.split("base64,")[1].split('"')[0]).decode()
    assert "<script" not in svg


def test_layout_has_no_colours_of_its_own():
    css = "".join((STATIC / name).read_text() for name in ("shared.css", "player.css"))
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", css)
    assert stylesheet().startswith((STATIC / "shared.css").read_text())


def test_the_front_end_is_one_file_that_asks_the_network_for_nothing():
    code = script()
    assert Player._esm == code
    assert not re.search(
        r"^\s*import\b|\bimport\(|\bfetch\(|XMLHttpRequest|innerHTML|eval\(", code, re.MULTILINE
    )
    assert set(re.findall(r"https?://[^\"'\s]+", code)) == {"http://www.w3.org/2000/svg"}


def test_two_hash_seeds_give_the_same_still():
    code = (
        "from tests.widget.tiny_film import tiny_film; from gmemviz.widget import Player;"
        "print(Player(tiny_film()).still())"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                       env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert runs[0] == runs[1]
    assert "data:image" in runs[0]
