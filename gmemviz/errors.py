"""Name what can go wrong outside the model, one class a cause.

Bad arguments are plain ``ValueError`` (see `choice`); a property that a design
violates is a result, never an exception.
"""

from collections.abc import Iterable
from typing import TypeVar

__all__ = (
    "DesignError",
    "FactsError",
    "GmemvizError",
    "MissingToolError",
    "OutputError",
    "ProbeError",
    "RecordingError",
    "UnknownNameError",
    "choice",
)

Word = TypeVar("Word", bound=str)


class GmemvizError(Exception):
    """Stand above every error that gmemviz raises on purpose."""


class UnknownNameError(GmemvizError, ValueError):
    """Refuse a word that is not one of the allowed ones."""


class DesignError(GmemvizError, ValueError):
    """Refuse a Design that says what cannot be meant."""


class FactsError(GmemvizError, ValueError):
    """Refuse a facts snapshot that is damaged or of another schema."""


class RecordingError(GmemvizError, ValueError):
    """Refuse text that is not a function_graph recording."""


class ProbeError(GmemvizError, RuntimeError):
    """Refuse a probe that cannot run, or a file that is not a probe's report."""


class MissingToolError(GmemvizError, RuntimeError):
    """Say which tool the machine lacks and how to get it."""


class OutputError(GmemvizError, OSError):
    """Say which file could not be written, and why."""


def choice(what: str, value: str, allowed: Iterable[Word]) -> Word:
    """Return `value` if it is allowed, else raise UnknownNameError naming all."""
    names = list(allowed)
    for name in names:
        if value == name:
            return name
    raise UnknownNameError(f"unknown {what}: {value!r} (must be one of {', '.join(names)})")
