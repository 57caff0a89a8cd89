"""play: whatever has a film, in a Player."""

import pytest

from gmemviz.facts import load
from gmemviz.model import SCENARIOS, check
from gmemviz.record import follow, load_recording
from gmemviz.render import draw_road
from gmemviz.study import gallery
from gmemviz.widget import play


def test_play_plays_anything():
    report = check(gallery("rfc-v1-hugetlb"), keep_moves=True)
    real = follow(load_recording("6.12-pipe"))
    for shown in (report, gallery("shmem-7.3"), real):
        player = play(shown)
        assert len(player.film["frames"]) > 5
        player.close()
    assert player.film["origin"] == "recorded"
    road = draw_road(load("7.3"), "iput", filesystems=["shmem"])
    still = play(road)
    assert (len(still.film["frames"]), still.film["origin"]) == (1, "extracted")
    assert "fs/inode.c:" in still.film["pictures"][0]["svg"]
    still.close()


def test_a_report_that_kept_no_moves_is_searched_once_more():
    design, asked = gallery("guest_memfd-7.3"), [SCENARIOS["module-exit"]]
    kept, bare = (check(design, scenarios=asked, keep_moves=keep) for keep in (True, False))
    films = [play(report).film for report in (kept, bare)]
    assert films[0] == films[1]
    states = next(one for one in films[0]["pictures"] if one["name"] == "states")
    assert "I_FREEING" in states["svg"]


def test_where_and_how_fast_it_begins_is_handed_on():
    player = play(gallery("shmem-7.3"), start=3, interval_ms=200)
    assert (player.index, player.interval_ms) == (3, 200)
    player.close()
    with pytest.raises(ValueError, match="interval_ms must be a whole number from 20 to 60000"):
        play(gallery("shmem-7.3"), interval_ms=5)
