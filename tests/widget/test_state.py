"""The Explorer's state: one string that another Explorer takes."""

import pytest
from ipywidgets.widgets.widget import _instances

from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.widget import Explorer

LEAK = "7.3/own/i_private/none/resv_map/to-leak/7"


@pytest.fixture
def explorer():
    explorer = Explorer(cleanup="destroy+free", metadata="shared_policy")
    yield explorer
    explorer.close()


def test_it_says_what_is_shown(explorer):
    assert explorer.state == "7.3/own/containing-struct/destroy+free/shared_policy/shortest-run/1"
    explorer.choose(cleanup="free-all")
    last = len(explorer.film.frames)
    assert explorer.state.endswith(f"/free-all/shared_policy/shortest-run/{last}")
    explorer._run.value = "o-path"
    explorer.player.index = 4
    assert explorer.state == "7.3/own/containing-struct/free-all/shared_policy/o-path/5"


@pytest.mark.parametrize(
    "state",
    [
        LEAK,
        "6.12/anon-inode/i_private/none/flags/shortest-run/2",
        "7.3/own/containing-struct/destroy+free/shared_policy/o-path/9",
        "7.3/own/containing-struct/destroy+free/shared_policy/shortest-run/3",
    ],
)
def test_another_explorer_takes_it(explorer, state):
    explorer.state = state
    assert explorer.state == state
    other = Explorer(state=state)
    assert other.state == state
    assert other.player.film == explorer.player.film
    other.close()


def test_without_a_step_it_shows_the_last_one(explorer):
    explorer.state = LEAK.rsplit("/", 1)[0]
    assert explorer.player.index == len(explorer.film.frames) - 1
    assert explorer.film.frames[-1]["defect"] == "leak"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("7.3/own/i_private/nil/resv_map", "unknown cleanup: 'nil'"),
        ("7.3/own/i_private/none/resv_map/to-crash/7", "unknown run: 'to-crash'"),
        ("7.3/own/i_private/none/resv_map/to-leak/99", "step 99 is beyond the run to-leak"),
        ("7.3/own/i_private/none/resv_map/module-exit/1", "unknown run: 'module-exit'"),
        ("7.3/own/i_private-flags/none/resv_map", "not a design: i_private-flags holds bits"),
        ("guest_memfd-7.3/last-close/3", "guest_memfd-7.3 is a Design of the gallery: play"),
    ],
)
def test_a_state_that_cannot_be_shown_changes_nothing(explorer, state, said):
    explorer._run.value, explorer.player.index = "o-path", 3
    before, film, count = explorer.state, explorer.player.film, len(_instances)
    with pytest.raises(UnknownNameError, match=said):
        explorer.state = state
    with pytest.raises(UnknownNameError, match=said):
        Explorer(state=state)
    assert (explorer.state, explorer.player.film, len(_instances)) == (before, film, count)


def test_a_state_and_choices_are_one_too_many():
    with pytest.raises(GmemvizError, match="give a state or choices"):
        Explorer(state=LEAK, cleanup="none")
