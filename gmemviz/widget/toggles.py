"""Offer one choice as a row of toggle buttons, the impossible ones disabled with the reason."""

from collections.abc import Callable, Iterable, Mapping

import ipywidgets
import traitlets


class Toggles(ipywidgets.HBox):
    """Hold one row: exactly one of `options` is chosen, as `value` says.

    `says` explains each option in its tooltip. Set `reasons` to disable each option that has one
    and to say why; an empty one is none.
    """

    value = traitlets.Unicode()
    reasons: Mapping[str, str] = traitlets.Dict()  # type: ignore[assignment]

    def __init__(self, what: str, options: Iterable[str], says: Mapping[str, str]) -> None:
        self._says = dict(says)
        self._buttons = {option: self._button(option) for option in options}
        name = ipywidgets.Label(what, layout=_NAME)
        row = ipywidgets.HBox(list(self._buttons.values()), layout=_WRAP)
        super().__init__([name, row], layout=_ROW)
        for option, button in self._buttons.items():
            button.observe(self._on_click(option), "value")

    def _button(self, option: str) -> ipywidgets.ToggleButton:
        tooltip = self._says.get(option, option)
        return ipywidgets.ToggleButton(description=option, tooltip=tooltip, layout=_COMPACT)

    def _on_click(self, option: str) -> Callable[[object], None]:
        def clicked(_: object) -> None:
            button = self._buttons[option]
            if button.value and option != self.value and self.reasons.get(option):
                button.value = False  # greyed out in the browser, but a message may come
            elif button.value:
                self.value = option
            elif self.value == option:  # the chosen one does not go off by itself
                button.value = True

        return clicked

    @traitlets.observe("value")
    def _show_value(self, _: object) -> None:
        for option, button in self._buttons.items():
            button.value = option == self.value

    @traitlets.observe("reasons")
    def _show_reasons(self, _: object) -> None:
        for option, button in self._buttons.items():
            reason = self.reasons.get(option, "")
            button.disabled = bool(reason)
            button.tooltip = f"not here: {reason}" if reason else self._says.get(option, option)

    def close(self) -> None:
        """Close the row and its buttons."""
        for widget in (*self._buttons.values(), *self.children):
            widget.close()
        super().close()


# One layout for all buttons: a widget each would cost a message each.
_COMPACT = ipywidgets.Layout(width="auto", height="26px", margin="1px 2px", padding="0 7px")
_NAME = ipywidgets.Layout(flex="0 0 72px", margin="2px 4px")
_WRAP = ipywidgets.Layout(flex_flow="row wrap")
_ROW = ipywidgets.Layout(align_items="baseline")
