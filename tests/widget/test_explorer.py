"""The Explorer's Python side: toggles, verdicts, reasons, and nothing left behind."""

import pytest
from ipywidgets.widgets.widget import _instances

from gmemviz.errors import UnknownNameError
from gmemviz.facts import load
from gmemviz.model import CLEANUPS, SCENARIOS, check
from gmemviz.record import follow, load_recording
from gmemviz.render import draw_road
from gmemviz.study import gallery
from gmemviz.widget import Explorer, play, rerun


@pytest.fixture
def explorer():
    explorer = Explorer(cleanup="destroy+free", metadata="shared_policy")
    yield explorer
    explorer.close()


def buttons(explorer, name):
    return explorer._rows[name]._buttons


def test_it_starts_with_the_merged_design(explorer):
    assert explorer.report.defects == ()
    assert explorer.film.frames[-1]["roles"]["mem__inode"] == "freed"
    assert "✓ correct" in explorer._verdict.value


def test_a_click_checks_and_redraws(explorer):
    before = explorer.player.film
    buttons(explorer, "cleanup")["free-all"].value = True
    assert explorer.choices["cleanup"] == "free-all"
    assert explorer.report.defects == ("lock-context",)
    assert "lock-context" in explorer._verdict.value
    assert explorer.player.film != before
    assert [b for b, w in buttons(explorer, "cleanup").items() if w.value] == ["free-all"]


def test_the_chosen_button_does_not_go_off(explorer):
    buttons(explorer, "kernel")["7.3"].value = False
    assert buttons(explorer, "kernel")["7.3"].value is True


def test_impossible_choices_are_disabled_with_the_reason(explorer):
    flags = buttons(explorer, "placement")["i_private-flags"]
    assert flags.disabled
    assert "holds bits, and shared_policy needs a pointer" in flags.tooltip
    explorer.choose(metadata="flags")
    assert not flags.disabled
    explorer.choose(placement="i_private-flags")
    tree = buttons(explorer, "metadata")["shareability-tree"]
    assert tree.disabled
    assert "holds bits" in tree.tooltip


def test_every_choice_can_be_made(explorer):
    for cleanup in CLEANUPS:
        explorer.choose(cleanup=cleanup)
        assert explorer.report.design.cleanup == cleanup
    explorer.choose(kernel="6.12", mount="anon-inode", placement="i_private", metadata="flags")
    assert explorer.report.defects == ("unreachable-hook",)


def test_watch_any_scenario(explorer):
    explorer._run.value = "o-path"
    assert explorer.film.note.startswith("o-path: ")
    explorer.choose(cleanup="free-all")
    assert explorer._run.value == "shortest run"


def test_it_says_itself_where_no_widget_runs(explorer):
    bundle, _ = explorer._repr_mimebundle_()
    assert bundle["text/html"].startswith("<img ")
    assert bundle["text/plain"].startswith("Design:     7.3, own mount, shared_policy")
    assert repr(explorer).startswith("Explorer(kernel='7.3', mount='own'")


def test_bad_words_make_no_widget():
    before = len(_instances)
    with pytest.raises(UnknownNameError, match="unknown choice: 'colour'"):
        Explorer(colour="red")
    with pytest.raises(UnknownNameError, match="unknown cleanup: 'nil'"):
        Explorer(cleanup="nil")
    with pytest.raises(UnknownNameError, match="holds bits"):
        Explorer(placement="i_private-flags", metadata="resv_map")
    assert len(_instances) == before


def test_a_cell_that_runs_again_closes_what_it_made(monkeypatch):
    runs = iter([("cell", "1"), ("cell", "1"), ("cell", "2"), ("other", "3")])
    monkeypatch.setattr(rerun, "_running_cell", lambda: next(runs))
    film = play(gallery("guest_memfd-7.3"))
    explorer = Explorer()
    inner = [explorer, explorer.player, *buttons(explorer, "cleanup").values()]
    again = Explorer()
    assert all(widget.comm is None for widget in (film, *inner))
    other = Explorer()
    assert again.comm is not None
    again.close()
    other.close()


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
