"""Find the Promela of an operation of the model, or of a test that it waits for or jumps by.

Nothing is left out: what stands in no table is refused by its name.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal

from gmemviz.errors import GmemvizError
from gmemviz.model.road import lines
from tests.oracles import promela_vfs, promela_world
from tests.oracles.promela_names import At, Text
from tests.oracles.promela_vfs import fixed

__all__ = ("TABLES", "condition", "operation")

Table = Mapping[Callable[..., object], Callable[..., Text]]

TABLES: Final[Mapping[str, Table]] = {
    "operation": {**promela_vfs.OPERATIONS, **promela_world.OPERATIONS},
    "guard": {**promela_vfs.GUARDS, **promela_world.GUARDS},
    "jump": {  # may look at nothing but the actor's own answer
        lines.always: fixed("true"),
        lines.no: fixed("answer == 0"),
        lines.yes: fixed("answer != 0"),
    },
}
"""What is known of each sort, by the model's own function."""


def operation(wanted: Any, at: At) -> Text:
    """Return the lines of an operation; GmemvizError names one that has no translation."""
    return _told("operation", wanted, at)


def condition(what: Literal["guard", "jump"], wanted: Any, at: At) -> str:
    """Return the expression for a guard or a jump; GmemvizError as for `operation`."""
    return next(_told(what, wanted, at))


def _told(what: str, wanted: Any, at: At) -> Text:
    function, words = wanted, {}
    if isinstance(wanted, partial) and not wanted.args:
        function, words = wanted.func, wanted.keywords
    text = TABLES[what].get(function)
    if text is None or not words.keys() <= _words(text):
        kind = getattr(function, "__qualname__", type(function).__qualname__)
        name = f"{getattr(function, '__module__', '')}.{kind}".removeprefix("gmemviz.model.")
        said = f" with {', '.join(sorted(words))}" if words else ""
        raise GmemvizError(f"no Promela for the {what} {name}{said}")
    return text(at, **words)


def _words(text: Callable[..., Text]) -> set[str]:
    known = inspect.signature(text).parameters.values()
    return {word.name for word in known if word.kind is word.KEYWORD_ONLY}
