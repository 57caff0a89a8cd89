"""The link to a state: where it points, and what the address of a page may ask for."""

import pytest

from gmemviz.widget import Explorer
from gmemviz.widget.link import Link
from gmemviz.widget.player import Player
from tests.widget.tiny_film import tiny_film

LEAK = "7.3/own/i_private/none/resv_map/to-leak/7"


@pytest.fixture
def explorer():
    explorer = Explorer(cleanup="destroy+free", metadata="shared_policy")
    yield explorer
    explorer.close()


def ask(explorer, **content):
    """Do as the browser does when the address of the page has a query."""
    explorer._link._handle_custom_msg(content, [])


def test_the_address_asks_for_a_state(explorer):
    ask(explorer, state=LEAK)
    assert explorer.state == LEAK
    assert (explorer._link.run, explorer._link.told) == (LEAK.rsplit("/", 1)[0], "")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("7.3/own/i_private/none/resv_map/to-leak/99", "step 99 is beyond the run to-leak"),
        ("9.9/own/i_private/none/resv_map", "unknown kernel: '9.9'"),
        ("guest_memfd-7.3/last-close/3", "guest_memfd-7.3 is a Design of the gallery"),
        ("<img src=x onerror=alert(1)>", "cannot replay the state '<img src=x onerror=alert(1)>'"),
        (["not", "a", "string"], "cannot replay the state"),
        ("7.3/" * 9999, "it is not KERNEL/MOUNT"),
    ],
)
def test_what_an_address_cannot_mean_is_one_sentence(explorer, state, said):
    before = explorer.state
    ask(explorer, state=state)
    assert explorer.state == before
    assert said in explorer._link.told
    assert "\n" not in explorer._link.told
    assert len(explorer._link.told) < 1000
    explorer.choose(cleanup="none")
    assert explorer._link.told == ""


def test_the_link_follows_choices_and_run(explorer):
    explorer.choose(cleanup="free-all")
    assert explorer._link.run == explorer.state.rsplit("/", 1)[0]
    explorer._run.value = "o-path"
    assert explorer._link.run.endswith("/free-all/shared_policy/o-path")
    other = Explorer(state=LEAK)
    assert other._link.run == LEAK.rsplit("/", 1)[0]
    other.close()
    assert other._link.comm is None


def test_pointing_elsewhere_is_one_message_and_forgets_what_was_told():
    link = Link(player=Player(tiny_film()))
    link.told = "no such run"
    sent = []
    link.send_state = lambda key=None: sent.append(set(key))
    link.point("shmem-7.3/o-path", has_step=False)
    assert (link.run, link.has_step, link.told) == ("shmem-7.3/o-path", False, "")
    assert sent == [{"run", "has_step", "told"}]
