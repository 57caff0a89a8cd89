"""Say beside each operation of the model which function of the kernel it stands for.

``@stands_for("fs/inode.c:iput")`` notes it, by kernel where kernels differ. What stands for no
single function says so by a NoFunction, with the reason. A test holds every name against the facts
of each kernel (or, where these end, against an unpacked tree) and counts the rest.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeVar

Instead = Literal["lock", "scheduler", "hardware", "scenario", "design", "model", "several"]
"""What an operation stands for that is no function of the kernel.

``lock``: a spinlock, which is inlined. ``scheduler``: who runs when, and RCU's grace periods.
``hardware``: page tables and interrupts. ``scenario``: where a scenario lets an actor begin.
``design``: code of the Design's own, or of a proposal. ``model``: its bookkeeping.
``several``: what many functions do alike.
"""


class NoFunction(NamedTuple):
    """Say why an operation stands for no single function of the kernel."""

    instead: Instead
    why: str


Stands = str | Mapping[str, str] | NoFunction
"""``path:function``, the same by kernel where the kernels differ, or why there is none."""

STANDS_FOR: Final[dict[Callable[..., Any], Stands]] = {}
"""What each operation stands for, by the operation itself."""

_Operation = TypeVar("_Operation", bound=Callable[..., Any])


def stands_for(what: Stands) -> Callable[[_Operation], _Operation]:
    """Note what an operation stands for; the operation stays as it is.

    >>> @stands_for({"6.12": "mm/swap.c:__folio_put", "7.3": "mm/folio.c:__folio_put"})
    ... def put_folio(machine, target): ...
    >>> STANDS_FOR.pop(put_folio)["7.3"]
    'mm/folio.c:__folio_put'
    """

    def note(operation: _Operation) -> _Operation:
        STANDS_FOR[operation] = what
        return operation

    return note
