"""Read the tables of questions: a file for each group of what is asked, in the order of asking.

A file holds tables, and a table its rows, with what they have in common above them: `capability`,
`bits`, `without`, `mapped` and `note` are those of a `Case`, `file` is one of `FILES`. A row has
the question's name, the call in words, the answers, the functions of the kernel that give them,
and one or more steps. The answers are one, a list, or a table by release. A last cell in braces
says in what the row differs from its table:

    ["memslot of a shared one", "a guest_memfd memslot of a shared one",
     "0", "virt/kvm/guest_memfd.c:kvm_gmem_commit_memory_region@v7.3",
     ["bench.bind", "file"], {file = "shared"}],
"""

import tomllib
from importlib.resources import files
from typing import Any, Final

from gmemviz.probe.abi import MAPPABLE, TOUCHABLE
from gmemviz.probe.questions.case import Answers, Case

GROUPS: Final = ("create", "file", "memory", "memslot")
FOLDER: Final = files("gmemviz.probe.questions")

# What flags a guest_memfd is made with.
FILES: Final = {"plain": 0, "mappable": MAPPABLE, "shared": TOUCHABLE}


def cases(group: str) -> tuple[Case, ...]:
    """Return the questions of one of `GROUPS`, in the order of asking."""
    found: list[Case] = []
    for table in tomllib.loads((FOLDER / f"{group}.toml").read_text(encoding="utf-8")).values():
        rows = table.pop("rows")
        found += [_case(row, table) for row in rows]
    return tuple(found)


def _case(row: list[Any], table: dict[str, Any]) -> Case:
    name, call, answers, source, *steps = row
    differs = steps.pop() if isinstance(steps[-1], dict) else {}
    options = {**table, **differs}
    flags = FILES[options.pop("file", "plain")]
    without = _several(options.pop("without", ()))
    by_release = answers if isinstance(answers, dict) else {"before": answers}
    return Case(
        name, call, {release: _several(some) for release, some in by_release.items()}, source,
        tuple(steps), flags, without=without, **options,
    )  # fmt: skip


def _several(answers: Any) -> Answers:
    return (answers,) if isinstance(answers, str) else tuple(answers)
