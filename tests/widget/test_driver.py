"""The Driver's Python side: what a click does to the walk, the pictures and the tree."""

import re
from dataclasses import replace

import ipywidgets
import pytest

from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.frontend import STATIC, script
from gmemviz.model import design_from_choices
from gmemviz.model.drive.drive import drive
from gmemviz.render.films.film import film_of_drive
from gmemviz.study import gallery
from gmemviz.widget.driver import OWN, Driver

BROKEN = {
    "kernel": "7.3", "mount": "own", "placement": "containing-struct",
    "cleanup": "evict-before-truncate", "metadata": "resv_map",
}  # fmt: skip


@pytest.fixture
def driver():
    made = Driver(gallery("guest_memfd-7.3"), scenario="gup-fast")
    yield made
    made.close()


def view(driver):
    return driver._panel.view


def ask(driver, **message):
    driver._asked(None, message, None)


def click(driver, actor, way=0):
    row = next(one for one in view(driver)["actors"] if one["name"] == actor)
    ask(driver, do="take", at=view(driver)["at"], move=row["offers"][way]["move"])


def on(driver, actor):
    ask(driver, do="on", at=view(driver)["at"], actor=actor)


def names(driver, *, free):
    return [one["name"] for one in view(driver)["actors"] if bool(one["offers"]) == free]


def test_before_the_first_step(driver):
    assert names(driver, free=True) == ["task"]
    assert names(driver, free=False) == ["rcu", "gup"]
    assert view(driver)["where"] == "nothing has happened yet"
    assert [one["label"] for one in driver.player.film["frames"]] == ["start"]
    assert [one["name"] for one in driver.player.film["pictures"]] == ["states", "memory"]
    (offer,) = view(driver)["actors"][0]["offers"]
    assert offer["function"] == "alloc_inode_sb"
    assert offer["hook"] == "alloc_inode"
    assert re.fullmatch(r"include/linux/fs\.h:\d+ alloc_inode_sb@v7\.3\.4", offer["place"])
    assert view(driver)["actors"][2]["why"] == "no PTE leads to a folio"


def test_a_click_takes_a_step_and_the_pictures_follow(driver):
    click(driver, "task")
    assert len(driver.drive.moves) == 1
    frames = driver.player.film["frames"]
    assert driver.player.index == len(frames) - 1 == driver.drive.ends[0] - 1
    assert frames[-1]["label"] == "alloc_inode_sb"
    assert [one["name"] for one in driver.player.film["pictures"]][-1] == "lanes"
    assert view(driver)["where"] == f"after step {len(frames)}"


def test_on_goes_until_something_changes(driver):
    while names(driver, free=True) == ["task"]:
        on(driver, "task")
    assert names(driver, free=True) == ["task", "gup"]
    assert driver.player.film["frames"][-1]["label"] == "filemap_add_folio"


def test_back_keeps_what_is_ahead_and_another_step_branches(driver):
    while names(driver, free=True) == ["task"]:
        on(driver, "task")
    click(driver, "task")
    moves = driver.drive.moves
    ask(driver, do="goto", walk=0, at=len(moves) - 1)
    assert driver.drive.moves == moves[:-1]
    (task, gup) = [one["offers"][0] for one in view(driver)["actors"] if one["offers"]]
    assert (task["tried"], gup["tried"]) == (True, False)
    click(driver, "task")  # forward again: no branch
    assert (driver.drive.moves, len(driver.walks)) == (moves, 1)
    ask(driver, do="goto", walk=0, at=len(moves) - 1)
    click(driver, "gup")
    assert len(driver.walks) == 2
    trunk, fork = view(driver)["walks"]
    assert (trunk["depth"], fork["depth"], fork["is_tip"]) == (0, 1, True)
    assert fork["after"] == driver.drive.ends[len(moves) - 2]
    assert [turn["actor"] for turn in fork["turns"]] == ["gup"]
    ask(driver, do="goto", walk=0, at=len(moves))
    assert driver.drive.moves == moves
    assert view(driver)["walk"] == 0


def test_start_over_keeps_the_branches(driver):
    on(driver, "task")
    ask(driver, do="goto", walk=0, at=0)
    assert driver.drive.moves == ()
    assert len(driver.walks[0].moves) == 1
    assert [one["label"] for one in driver.player.film["frames"]] == ["start"]


def test_who_scrubs_the_player_goes_on_from_there(driver):
    while names(driver, free=True) == ["task"]:
        on(driver, "task")
    moves = driver.drive.moves
    driver.player.index = driver.drive.ends[3] - 1
    assert driver.drive.moves == moves[:4]
    assert names(driver, free=True) == ["task"]
    driver.player.index = 0  # within the first move: it is not done yet
    assert driver.drive.moves == ()
    driver.player.index = len(driver.player.film["frames"]) - 1
    assert driver.drive.moves == moves


def test_a_stale_click_means_where_it_was_made(driver):
    on(driver, "task")
    old = view(driver)
    click(driver, "task")
    click(driver, "task")
    move = old["actors"][0]["offers"][0]["move"]
    ask(driver, do="take", at=old["at"], move=move)
    assert len(driver.drive.moves) == old["at"] + 1
    ask(driver, do="take", at=old["at"], move=[0, 99, 0])  # no such step: nothing happens
    ask(driver, do="nonsense")
    assert len(driver.walks) == 1


def test_a_defect_ends_the_run_and_says_so():
    driver = Driver(**BROKEN, scenario="last-close")
    while not view(driver)["end"]:
        on(driver, "task")
    assert view(driver)["end"] == (
        "use-after-free: the last step reads resv_map, whose memory is freed."
    )
    assert view(driver)["is_bad"]
    assert names(driver, free=True) == []
    assert view(driver)["walks"][0]["end"] == "use-after-free"
    assert driver.player.film["frames"][-1]["defect"] == "use-after-free"
    with pytest.raises(GmemvizError, match="the run has ended: use-after-free"):
        driver.take("rcu")
    driver.close()


def test_what_is_left_over_shows_at_the_end():
    driver = Driver(
        **{**BROKEN, "placement": "i_private", "cleanup": "none"}, scenario="last-close"
    )
    while not view(driver)["end"]:
        on(driver, names(driver, free=True)[0])
    assert view(driver)["end"].startswith("leak: resv_map is still allocated")
    frames = driver.player.film["frames"]
    assert (frames[-1]["label"], frames[-1]["defect"]) == ("end of the run", "leak")
    assert driver.player.index == len(frames) - 1
    driver.close()


def test_the_choices_above(driver):
    rows = driver._rows
    assert rows["design"].value == "guest_memfd-7.3"
    assert rows["kernel"].layout.display == "none"
    rows["scenario"].value = "o-path"
    assert driver.drive.ground.world.scenario.name == "o-path"
    rows["design"].value = "shmem-7.3"
    assert driver.drive.ground.world.design == gallery("shmem-7.3")
    rows["design"].value = OWN
    assert rows["kernel"].layout.display is None
    rows["cleanup"].value = "free-all"
    assert driver.drive.ground.world.design.cleanup == "free-all"
    rows["placement"].value = "i_private-flags"  # shared_policy is a pointer
    assert "not a design" in view(driver)["refused"]
    assert rows["placement"].value == "containing-struct"
    rows["metadata"].value = "resv_map"
    assert view(driver)["refused"] == ""


def test_choose_takes_any_design(driver):
    mine = replace(gallery("shmem-7.3"), name="mine")
    driver.choose("o-path", mine)
    assert driver._rows["design"].value == "mine"
    assert driver.drive.ground.world.design is mine
    driver._rows["design"].value = "shmem-7.3"
    driver._rows["design"].value = "mine"
    assert driver.drive.ground.world.design is mine
    with pytest.raises(UnknownNameError, match="unknown scenario: 'nonsense'"):
        driver.choose("nonsense")


def test_a_drive_goes_on_where_it_stands():
    here = drive(gallery("guest_memfd-7.3"), "gup-fast").go("task", "filemap_add_folio")
    driver = Driver(here)
    assert driver.drive.moves == here.moves
    driver.take("gup")
    assert len(driver.drive.moves) == len(here.moves) + 1
    assert driver.film.text == film_of_drive(here.take("gup")).text
    driver.close()


def test_a_design_of_five_choices_fills_them_in():
    made = design_from_choices(**BROKEN)
    driver = Driver(drive(made).go("task", "your_alloc_inode"))
    assert driver._rows["design"].value == OWN
    assert {name: driver._rows[name].value for name in BROKEN} == BROKEN
    driver.close()
    driver = Driver(replace(made, owner=True, name="more than that"))
    assert driver._rows["design"].value == "more than that"
    driver.close()


def test_wrong_words_leave_no_widget_behind():
    before = set(ipywidgets.widgets.widget._instances)
    with pytest.raises(UnknownNameError, match="unknown choice: 'colour'"):
        Driver(colour="red")
    with pytest.raises(UnknownNameError, match="unknown scenario: 'nonsense'"):
        Driver(gallery("shmem-7.3"), scenario="nonsense")
    with pytest.raises(GmemvizError, match="not a design"):
        Driver(placement="i_private-flags", metadata="resv_map")
    assert set(ipywidgets.widgets.widget._instances) == before


def test_without_a_widget_there_is_a_picture_and_the_words(driver):
    on(driver, "task")
    data, _ = driver._repr_mimebundle_()
    assert data["text/html"].startswith('<img src="data:image/svg+xml;base64,')
    text = data["text/plain"]
    assert "What can happen next:\n  1 task P mpol_shared_policy_init: the pointer to" in text
    assert "    gup get_user_pages_fast: no PTE leads to a folio (soonest after " in text
    assert data == driver._repr_mimebundle_()[0]
    assert repr(driver) == "Driver('guest_memfd-7.3', gup-fast, after 1 moves)"


def test_hostile_names_stay_text():
    evil = replace(design_from_choices(**BROKEN), name="<script>alert(1)</script>")
    driver = Driver(evil)
    assert "<script" not in driver._repr_mimebundle_()[0]["text/html"]
    driver.close()


def test_close_leaves_nothing():
    before = set(ipywidgets.widgets.widget._instances)
    driver = Driver(gallery("shmem-7.3"))
    driver.close()
    kept = set(ipywidgets.widgets.widget._instances) - before
    left = [ipywidgets.widgets.widget._instances[one] for one in kept]
    assert [
        w for w in left if not isinstance(w, (ipywidgets.Layout, ipywidgets.widgets.Style))
    ] == []


def test_the_panel_has_no_colours_and_asks_no_network():
    css, code = (STATIC / "driver.css").read_text(), script("driver")
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", css)
    assert not re.search(r"^\s*import\b|\bimport\(|\bfetch\(|innerHTML|eval\(", code, re.MULTILINE)
    assert set(re.findall(r"https?://[^\"'\s]+", code)) == {"http://www.w3.org/2000/svg"}
