"""Keep a call stack per task, to notice what a recording does not hold."""

Entered = tuple[str, int]
"""A function that was entered, and the number of its row."""


class Stacks:
    """Follow entries and exits, task by task, and count the unmatched ones.

    The depths are the kernel's own, so a lost line cannot shift what comes after
    it; None stands for a function that was entered where the text does not show.
    """

    def __init__(self) -> None:
        self.no_entry = 0
        self.no_exit = 0
        self.last_without_exit = ""
        self._open: dict[str, list[Entered | None]] = {}  # by actor; one list a task
        self._by_task: dict[str, list[Entered | None]] = {}

    def enter(self, actor: str, depth: int, entered: Entered, *, is_leaf: bool) -> None:
        """Enter a function; everything at its depth or deeper has returned."""
        stack = self._stack(actor)
        if len(stack) != depth:
            self._unwind(stack, depth)
        if not is_leaf:
            stack.append(entered)

    def leave(self, actor: str, depth: int, function: str | None) -> Entered | None:
        """Return from the function at `depth`, named where the text names it, and give it."""
        stack = self._stack(actor)
        if len(stack) != depth + 1:
            self._unwind(stack, depth + 1)
        entered = stack.pop()
        if entered is None or function in (None, entered[0]):
            return entered
        self._drop(entered)
        self.no_entry += 1
        return None

    def innermost(self, actor: str) -> Entered | None:
        """Give the function that the task is in, or None where that is not known."""
        stack = self._stack(actor)
        return stack[-1] if stack else None

    def depth(self, actor: str) -> int:
        """Give the depth that a function has which the task enters now."""
        return len(self._stack(actor))

    def rename(self, actor: str, name: str) -> None:
        """Learn the name of a task that was unnamed so far."""
        if actor in self._open:
            self._by_task[_task(name)] = self._open.pop(actor)
            self._by_task.pop(_task(actor))
            self._open = {n: stack for n, stack in self._open.items() if _task(n) != _task(name)}

    def finish(self) -> None:
        """Count what is still open where the text ends."""
        for stack in self._by_task.values():
            self._unwind(stack, 0)

    def _stack(self, actor: str) -> list[Entered | None]:
        stack = self._open.get(actor)
        if stack is None:
            stack = self._open[actor] = self._by_task.setdefault(_task(actor), [])
        return stack

    def _unwind(self, stack: list[Entered | None], depth: int) -> None:
        for entered in stack[depth:]:
            self._drop(entered)
        del stack[depth:]
        self.no_entry += depth - len(stack)
        stack.extend([None] * (depth - len(stack)))

    def _drop(self, entered: Entered | None) -> None:
        if entered is not None:
            self.no_exit += 1
            self.last_without_exit = entered[0]


# A name may change within a recording (<...>-113, drive-113), a pid does not; each
# CPU has an idle task with pid 0.
def _task(actor: str) -> str:
    pid = actor.rpartition("-")[2]
    return actor if pid == "0" else pid
