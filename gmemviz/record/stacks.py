"""Keep a call stack per task, to notice what a recording does not hold."""

__all__ = ("Stacks",)


class Stacks:
    """Follow entries and exits, task by task, and count the unmatched ones.

    The depths are the kernel's own, so a lost line cannot shift what comes after
    it; None stands for a function that was entered where the text does not show.
    """

    def __init__(self) -> None:
        self.no_entry = 0
        self.no_exit = 0
        self.last_without_exit = ""
        self._open: dict[str, list[str | None]] = {}

    def enter(self, actor: str, depth: int, function: str, *, is_leaf: bool) -> None:
        """Enter `function`; everything at its depth or deeper has returned."""
        stack = self._unwind(actor, depth)
        if not is_leaf:
            stack.append(function)

    def leave(self, actor: str, depth: int, function: str | None) -> None:
        """Return from the function at `depth`, named where the text names it."""
        stack = self._unwind(actor, depth + 1)
        entered = stack.pop()
        if entered is not None and function not in (None, entered):
            self._drop(entered)
            self.no_entry += 1

    def rename(self, actor: str, name: str) -> None:
        """Learn the name of a task that was unnamed so far."""
        if actor in self._open:
            self._open[_task(name)] = self._open.pop(actor)

    def finish(self) -> None:
        """Count what is still open where the text ends."""
        for actor in list(self._open):
            self._unwind(actor, 0)

    def _unwind(self, actor: str, depth: int) -> list[str | None]:
        stack = self._open.setdefault(_task(actor), [])
        for function in stack[depth:]:
            self._drop(function)
        del stack[depth:]
        self.no_entry += depth - len(stack)
        stack.extend([None] * (depth - len(stack)))
        return stack

    def _drop(self, function: str | None) -> None:
        if function is not None:
            self.no_exit += 1
            self.last_without_exit = function


# A name may change within a recording (<...>-113, drive-113), a pid does not; each
# CPU has an idle task with pid 0.
def _task(actor: str) -> str:
    pid = actor.rpartition("-")[2]
    return actor if pid == "0" else pid
