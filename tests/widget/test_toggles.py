"""A row of buttons: exactly one is chosen, and one that has a reason cannot be."""

import pytest

from gmemviz.widget.toggles import Toggles


@pytest.fixture
def row():
    row = Toggles("mount", ["own", "anon-inode"], {"own": "a mount of its own"})
    row.value = "own"
    yield row
    row.close()


def pressed(row):
    return [option for option, button in row._buttons.items() if button.value]


def test_a_click_chooses_one_and_the_chosen_does_not_go_off(row):
    assert pressed(row) == ["own"]
    row._buttons["anon-inode"].value = True
    assert (row.value, pressed(row)) == ("anon-inode", ["anon-inode"])
    row._buttons["anon-inode"].value = False
    assert (row.value, pressed(row)) == ("anon-inode", ["anon-inode"])


def test_a_reason_greys_out_and_an_empty_one_is_none(row):
    button = row._buttons["anon-inode"]
    row.reasons = {"own": "", "anon-inode": "it has no hooks"}
    assert (button.disabled, button.tooltip) == (True, "not here: it has no hooks")
    assert not row._buttons["own"].disabled
    button.value = True  # as a message may say
    assert (row.value, button.value) == ("own", False)
    row.reasons = {}
    assert (button.disabled, button.tooltip) == (False, "anon-inode")
    assert row._buttons["own"].tooltip == "a mount of its own"


def test_closing_it_closes_its_buttons(row):
    inner = [row, *row._buttons.values(), *row.children]
    row.close()
    assert all(widget.comm is None for widget in inner)
