"""The Explorer's Python side: toggles, verdicts, reasons, and nothing left behind."""

import pytest
from ipywidgets.widgets.widget import _instances

from gmemviz.errors import UnknownNameError
from gmemviz.model import CLEANUPS
from gmemviz.widget import Explorer


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
