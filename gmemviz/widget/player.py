"""Show a film: every frame goes to the browser once, and the reader steps there."""

from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from gmemviz.errors import of_kind, whole_number
from gmemviz.frontend import STATIC, checked_film, clamped, script, stylesheet
from gmemviz.render import still_html, theme
from gmemviz.shown import plain
from gmemviz.text import one_line
from gmemviz.widget.composed import Bundle, with_still


class Keys(anywidget.AnyWidget):
    """Show nothing, and make keys and focus ours in an explorer that has no other front end."""

    _esm = script("keys")
    _css = (STATIC / "shared.css").read_text(encoding="utf-8")


class Player(anywidget.AnyWidget):
    """Step through a film: play, scrub and keys, over several pictures at once.

    `film` is what a `gmemviz.render.Film` says of itself as plain JSON. Assign
    another film and the pictures change in place. Python owns `film` and
    `interval_ms`; the browser owns `index` and `playing` (Python may set them),
    and goes on stepping when the kernel is gone.
    """

    _esm = script()
    _css = stylesheet()

    film = traitlets.Dict().tag(sync=True)
    index = traitlets.Int(0).tag(sync=True, echo_update=False)
    playing = traitlets.Bool(False).tag(sync=True, echo_update=False)
    interval_ms = traitlets.Int(700, min=20, max=60_000).tag(sync=True)

    def __init__(self, film: Mapping[str, Any], *, start: int = 0, interval_ms: int = 700) -> None:
        of_kind("start", start, int)
        whole_number("interval_ms", interval_ms, least=20, most=60_000)
        super().__init__(film=checked_film(film), index=start, interval_ms=interval_ms)

    def show(self, film: Mapping[str, Any], *, start: int = 0) -> None:
        """Replace the film and go to a step of it, from 0, in one message.

        ValueError names what is wrong with the film; a step beyond its end means the last.
        """
        with self.hold_sync():
            self.film = dict(film)
            self.index = start

    def still(self) -> dict[str, str]:
        """Return what stands for the player where no widget runs, by mime type."""
        return {"text/plain": self._text(), "text/html": still_html(self.film, theme.css())}

    def _text(self) -> str:
        return plain(str(self.film["text"])) or repr(self)

    @traitlets.validate("film")
    def _check_film(self, proposal: Any) -> dict[str, Any]:
        return checked_film(proposal["value"])

    @traitlets.validate("index")
    def _clamp_index(self, proposal: Any) -> int:
        return clamped(proposal["value"], self.film)

    @traitlets.observe("film")
    def _follow_film(self, _change: object) -> None:
        self.index = clamped(self.index, self.film)

    def __repr__(self) -> str:
        return (
            f"Player({one_line(self.film['title'])!r}, {self.film['origin']}, "
            f"step {self.index + 1} of {len(self.film['frames'])})"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Bundle:
        return with_still(super()._repr_mimebundle_(**kwargs), self.still())
