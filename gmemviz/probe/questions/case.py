"""Say one question: how it is asked, and which answer a kernel should give."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gmemviz.facts import Observation, release_numbers
from gmemviz.probe.fixture import Bench, Kernel
from gmemviz.probe.questions.steps import take
from gmemviz.probe.system import answer

# The answers that a kernel may give: an errno's name, a signal's, or a value as text.
Answers = tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """Hold one question: a row of a table.

    `answers` are those to expect by the release that brought them, the oldest first; the key
    "before" has no number, so it stands for whatever is older. `source` says which function of
    the kernel gives them. A VM whose `capability` lacks one of `bits` gives `without` instead.

    `flags` are those of KVM_CREATE_GUEST_MEMFD that the file has; where the VM does not take
    them the question is not asked. `mapped` bytes of the file are mapped before the first of the
    `steps` (see `steps.take`).
    """

    name: str
    call: str
    answers: Mapping[str, Answers]
    source: str
    steps: tuple[list[Any], ...]
    flags: int = 0
    mapped: int = 0
    capability: str = ""
    bits: int = 0
    without: Answers = ()
    note: str = ""

    def run(self, bench: Bench) -> object:
        """Ask it; what is returned or raised is the answer (see `system.answer`)."""
        return take(bench, self.steps, flags=self.flags, mapped=self.mapped)

    def expected(self, kernel: Kernel) -> Answers:
        """Return the answers to expect of a kernel."""
        if self.bits & ~kernel.capabilities.get(self.capability, 0):
            return self.without
        known = [release for release in self.answers if release_numbers(release) <= kernel.version]
        return self.answers[known[-1]]


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
