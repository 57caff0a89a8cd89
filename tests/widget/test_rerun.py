"""A cell that runs again closes what its last run made; without a cell everything stays."""

import ipywidgets

from gmemviz.study import gallery
from gmemviz.widget import Explorer, play, rerun


def test_a_cell_that_runs_again_closes_what_it_made(monkeypatch):
    runs = iter([("cell", "1"), ("cell", "1"), ("cell", "2"), ("other", "3")])
    monkeypatch.setattr(rerun, "_running_cell", lambda: next(runs))
    film = play(gallery("guest_memfd-7.3"))
    explorer = Explorer()
    inner = [explorer, explorer.player, *explorer._rows["cleanup"]._buttons.values()]
    again = Explorer()
    assert all(widget.comm is None for widget in (film, *inner))
    other = Explorer()
    assert again.comm is not None
    again.close()
    other.close()


def test_who_does_not_say_which_cell_runs_keeps_them_all(monkeypatch):
    monkeypatch.setattr(rerun, "_running_cell", lambda: ("", "1"))
    labels = [ipywidgets.Label() for _ in range(3)]
    for label in labels:
        rerun.adopt(label)
    assert all(label.comm is not None for label in labels)
