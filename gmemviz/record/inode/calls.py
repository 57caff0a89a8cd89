"""Find who called whom among the events of a recording."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from gmemviz.facts import Event

NOBODY: Final = -1
CALLBACK: Final = "i_callback"
"""What RCU calls to free an inode (fs/inode.c:i_callback@v6.12)."""


def base(function: str) -> str:
    """Drop what the compiler appended: dput.part.0 is dput."""
    return function.partition(".")[0]


class Calls:
    """Index the events of one recording by caller.

    A softirq that interrupts a function is not called by it (only the contexts show
    that), and i_callback is called by RCU, or by alloc_inode when that fails. What
    a part of a function calls (iput.part.0 below iput) counts as the whole one's.
    But a hook is called by the VFS alone, so below the caller that `hooks` has for it, or
    where an event is known to be one, it is that caller's, whatever its context: an
    evict_inode in softirq is a bug that is to be seen.
    """

    def __init__(
        self, events: Sequence[Event], hooks: Mapping[str, Collection[str]] | None = None
    ) -> None:
        self.events = events
        self._hooks = hooks or {}
        self.names = [base(event.function) for event in events]
        self.caller: list[int] = []
        self._find_callers()
        self._callees: dict[int, list[int]] = {}
        for index, caller in enumerate(self.caller):
            self._callees.setdefault(caller, []).append(index)

    def of(self, index: int) -> Sequence[int]:
        """Give the events that the one at `index` called directly."""
        return self._callees.get(index, ())

    def above(self, index: int) -> Iterator[int]:
        """Give the callers of `index`, the nearest first."""
        while (index := self.caller[index]) != NOBODY:
            yield index

    def below(self, index: int, *, stop: frozenset[str] = frozenset()) -> Iterator[int]:
        """Give everything under `index` in order, but nothing under a name in `stop`."""
        pending = list(reversed(self.of(index)))
        while pending:
            callee = pending.pop()
            yield callee
            if self.names[callee] not in stop:
                pending.extend(reversed(self.of(callee)))

    def _find_callers(self) -> None:
        stacks: dict[str, dict[int, int]] = {}
        interrupted: dict[str, tuple[int, dict[int, int]]] = {}
        for index, event in enumerate(self.events):
            stack = stacks.setdefault(event.actor, {})
            top, before = interrupted.get(event.actor, (NOBODY, {}))
            if top != NOBODY and self._goes_on(index, top, before, stack):
                stack = stacks[event.actor] = before
                del interrupted[event.actor]
            elif event.context == "B" and self.names[index] == CALLBACK:
                interrupted[event.actor] = (event.depth, before if top != NOBODY else stack)
                stack = stacks[event.actor] = {}
            # Depths may skip where entries were lost, so ask for deeper ones by key.
            for depth in [depth for depth in stack if depth >= event.depth]:
                del stack[depth]
            stack[event.depth] = index
            caller = stack.get(event.depth - 1, NOBODY)
            if caller != NOBODY:
                caller = self._whole(caller) if self._can_call(caller, index) else NOBODY
            self.caller.append(caller)

    def _goes_on(
        self, index: int, top: int, before: Mapping[int, int], stack: Mapping[int, int]
    ) -> bool:
        """Tell whether a task goes on, behind a callback at depth `top` that interrupted it.

        RCU may run a callback in the midst of what the task does. What is no softirq any more may
        yet be the callback's, whose hook has slept or stands in a context that is wrong: so it is
        the task's where it is no deeper than the callback, or where the task stood in a caller for
        it (`before`) and it is no hook of the callback's (`stack`).
        """
        event = self.events[index]
        if event.context == "B":
            return False
        if event.depth <= top:
            return True
        caller = stack.get(event.depth - 1, NOBODY)
        is_hook = caller != NOBODY and self._is_hook(caller, index)
        return event.depth - 1 in before and not is_hook

    def _whole(self, index: int) -> int:
        caller = self.caller[index]
        is_part = caller != NOBODY and "." in self.events[index].function
        return caller if is_part and self.names[caller] == self.names[index] else index

    def _can_call(self, caller: int, callee: int) -> bool:
        entered_softirq = self.events[callee].context == "B" != self.events[caller].context
        if self.names[callee] == CALLBACK:
            return not entered_softirq and self.names[caller] == "alloc_inode"
        return not entered_softirq or self._is_hook(caller, callee)

    def _is_hook(self, caller: int, callee: int) -> bool:
        hooks = self._hooks.get(self.names[caller], ())
        return self.events[callee].hook != "" or self.names[callee] in hooks
