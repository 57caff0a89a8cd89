"""Show a state and copy a link to it; say which state the address of the page asks for."""

from typing import Any

import anywidget
import ipywidgets
import traitlets

from gmemviz.frontend import STATIC, script
from gmemviz.widget.player import Player


class Link(anywidget.AnyWidget):
    """Hold a state without its step, which the browser asks the player for.

    A page opened with `?state=...` sends `{"state": ...}` once; `told` is what to say of it.
    """

    _esm = script("link")
    _css = (STATIC / "link.css").read_text(encoding="utf-8")

    player: Any = traitlets.Instance(Player).tag(sync=True, **ipywidgets.widget_serialization)
    run = traitlets.Unicode().tag(sync=True)
    has_step = traitlets.Bool(True).tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)

    def point(self, run: str, *, has_step: bool = True) -> None:
        """Hold another state, and say no more of what the address asked for.

        Without `has_step` the player shows no run of the state's, and so none of its steps.
        """
        with self.hold_sync():
            self.run, self.has_step, self.told = run, has_step, ""
