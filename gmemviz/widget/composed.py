"""Be a widget made of widgets: they close with it, and where none runs something stands for it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import ipywidgets

Bundle = tuple[dict[str, Any], dict[str, Any]]
"""What a notebook keeps of a widget: data by mime type, and metadata."""


class Closes(Protocol):
    """Be a widget, or what holds some."""

    def close(self) -> None:
        """Leave the browser."""


class Composed(ipywidgets.VBox):
    """Hold widgets one below another; `also` are those that lie deeper and close with it."""

    _inner: tuple[Closes, ...] = ()  # none yet, where a wrong word is refused

    def __init__(self, children: Iterable[ipywidgets.Widget], also: Iterable[Closes] = ()) -> None:
        super().__init__(list(children))
        self._inner = (*also, *self.children)
        self.add_class("gmemviz-explorer")

    def _still(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Bundle:
        return with_still(super()._repr_mimebundle_(**kwargs), self._still())

    def close(self) -> None:
        """Close it and everything in it."""
        for part in self._inner:
            part.close()
        super().close()


def with_still(bundle: object, still: Mapping[str, Any]) -> Bundle:
    """Return what a widget says of itself, with `still` for where no widget runs.

    ipywidgets returns data and metadata, data alone, or None, as versions and hosts differ.
    """
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
    return {**data, **still}, metadata


@contextmanager
def unwatched(
    widget: ipywidgets.Widget, handler: Callable[[Any], None], trait: str = "value"
) -> Iterator[None]:
    """Let a trait be set by us: `handler`, which observes it, is for what a reader does."""
    widget.unobserve(handler, trait)
    try:
        yield
    finally:
        widget.observe(handler, trait)
