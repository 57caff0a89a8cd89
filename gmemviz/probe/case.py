"""Say one question: how it is asked, and which answer this kernel should give."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gmemviz.facts import Observation, release_numbers
from gmemviz.probe.fixture import Bench, Kernel
from gmemviz.probe.system import answer

Expected = Callable[[Kernel], tuple[str, ...]]
"""Give the answers to expect of a kernel."""


@dataclass(frozen=True)
class Case:
    """Hold one question of a table.

    `run` asks it of a Bench; what it returns or raises is the answer (see `answer`).
    `source` says where the expectation is from. `flags` are those of KVM_CREATE_GUEST_MEMFD that
    the question needs; without them it is not asked.
    """

    name: str
    call: str
    run: Callable[[Bench], object]
    expected: Expected
    source: str
    flags: int = 0
    note: str = ""


def always(*answers: str) -> Expected:
    """Expect one of `answers` of every kernel."""
    return lambda _kernel: answers


def since(first: str, then: str | tuple[str, ...], before: str | tuple[str, ...]) -> Expected:
    """Expect `then` of the kernel `first` (such as "7.2") and later, else `before`."""
    number = release_numbers(first)
    then, before = (one if isinstance(one, tuple) else (one,) for one in (then, before))
    return lambda kernel: then if kernel.version >= number else before


def ask(group: str, cases: Iterable[Case], kernel: Kernel) -> Iterator[Observation]:
    """Ask each question of a Bench of its own; yield the observations as they come."""
    for case in cases:
        if case.flags & ~kernel.flags:
            note = f"not asked: the VM takes the flags {kernel.flags:#x} only"
            yield Observation(group, case.name, case.call, "", (), case.source, note)
            continue
        with Bench(kernel) as bench:
            got = answer(lambda: case.run(bench))  # noqa: B023 (called at once)
        expected = case.expected(kernel)
        yield Observation(group, case.name, case.call, got, expected, case.source, case.note)
