"""Play what happened or could: a Design, Report, Trace, Conformity, Confirmation, Film, Drawing."""

from pathlib import Path

from gmemviz.render import Played, film_of
from gmemviz.study import named
from gmemviz.widget.player import Player
from gmemviz.widget.rerun import adopt


def play(shown: Played | str | Path, *, start: int = 0, interval_ms: int = 700) -> Player:
    """Return a Player of `shown`: a Design's shortest way to a defect, or a whole run.

    A Design may be given by its name in the gallery, or by its file.
    A Drawing stands still, zooms and shows its tooltips. A Conformity plays the recording and
    the model's run in step, and so does a Confirmation with a recording (else GmemvizError). A
    Trace of a recording gets its places from the shipped facts of
    its kernel, where there are any. `start` is the step to
    begin with, `interval_ms` the pace.
    """
    player = Player(film_of(named(shown)).to_json(), start=start, interval_ms=interval_ms)
    adopt(player)
    return player
