"""Keep the abstract heap while one step runs, and notice what must not happen.

A state is a tuple of cells; `Machine` is that tuple thawed for one step. A cell
named like an object ("inode") holds its status; "inode.i_count" is a field.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from gmemviz.facts import CONTEXTS, Context, Effect
from gmemviz.model.design import DefectCode, unmarked

Cell = str | int | None | tuple[str, ...]
State = tuple[Cell, ...]

ABSENT: Final = "absent"
HELD: Final = "allocated"
AWAITING: Final = "awaiting-grace"
FREED: Final = "freed"

STALE: Final = "stale"
"""What a pointer holds that nobody has set in this life of the memory that it lies in."""

I_FREEING: Final = 1
I_CLEAR: Final = 2
I_WILL_FREE: Final = 4


class Defect(NamedTuple):
    """Say what a step, or the end of a run, showed to be wrong.

    `doing` completes a sentence whose subject is the function of the step. `cell` is the model's
    name of the object, where that is another.
    """

    code: DefectCode
    object: str
    doing: str
    cell: str = ""


class DefectFound(Exception):  # noqa: N818 (a result on its way, not an error)
    """End a run at its first defect; never leaves the search."""

    def __init__(self, defect: Defect) -> None:
        super().__init__(defect)
        self.defect = defect


def _defect(code: DefectCode, name: str, doing: str) -> Defect:
    plain = unmarked(name)
    return Defect(code, plain, unmarked(doing), name if name != plain else "")


class Machine(dict[str, Cell]):
    """Give one step of one actor the cells to read and write: a copy of those of a state.

    Only one that `tells` notes its effects: a search has no use for them.
    """

    __slots__ = ("context", "effects", "noted", "register", "tells")

    def __init__(
        self,
        cells: Mapping[str, Cell] | Iterable[tuple[str, Cell]],
        context: Context,
        register: int = 0,
        *,
        tells: bool = False,
    ) -> None:
        super().__init__(cells)
        self.context = context
        self.register = register
        self.tells = tells
        self.effects: list[Effect] = []
        self.noted: list[Defect] = []

    def count(self, name: str) -> int:
        """Return a cell that holds a number."""
        value = self[name]
        assert isinstance(value, int), name
        return value

    def fail(self, code: DefectCode, name: str, doing: str) -> None:
        """End the run with a defect."""
        raise DefectFound(_defect(code, name, doing))

    def note(self, code: DefectCode, name: str, doing: str) -> None:
        """Note a defect that no kernel stops at; the run goes on."""
        self.noted.append(_defect(code, name, doing))

    def says(self, name: str, change: str) -> None:
        """Note an effect for the reader of the run."""
        if self.tells:
            self.effects.append(Effect(name, change))

    def allocate(self, name: str, *, cache: str = "") -> None:
        """Make an object live; `leak` where that forgets a live one."""
        if self[name] in (HELD, AWAITING):
            self.fail("leak", name, f"overwrites the only pointer to {name}")
        self[name] = HELD
        if cache:
            self[f"{name}.cache"] = cache
        self.says(name, HELD)

    def touch(self, name: str, doing: str) -> None:
        """Read or write an object; `use-after-free` when its memory is gone."""
        if self[name] == FREED:
            self.fail("use-after-free", name, f"{doing} {name}, whose memory is freed")

    def free(self, name: str, *, cache: str = "") -> None:
        """Give an object's memory back; `double-free`, `wrong-cache`."""
        if self[name] == FREED:
            self.fail("double-free", name, f"frees {name}, which is freed already")
        if cache and self[f"{name}.cache"] != cache:
            came = self[f"{name}.cache"]
            self.fail("wrong-cache", name, f"frees {name} to {cache}, and it came from {came}")
        self[name] = FREED
        self.says(name, FREED)

    def sleep(self, name: str, doing: str) -> None:
        """Do what may sleep; `sleep-in-atomic` under i_lock, `sleep-in-softirq` in RCU."""
        where = CONTEXTS[self.context].word
        if self.context in ("L", "A"):
            self.fail("sleep-in-atomic", name, f"{doing} {name} {where}")
        if self.context == "B":
            self.fail("sleep-in-softirq", name, f"{doing} {name} {where}")

    def lock(self, name: str) -> None:
        """Take a plain lock that dies with its object; `lock-context` in softirq."""
        if self.context == "B":
            self.fail(
                "lock-context", name, f"takes the plain lock of {name} in softirq, "
                "and process context takes it with softirqs on",
            )  # fmt: skip

    def shared_lock(self, name: str) -> None:
        """Take a plain lock that live objects share; `deadlock` in softirq."""
        if self.context == "B":
            self.fail(
                "deadlock", name,
                f"takes {name} in softirq, and it may have interrupted a holder",
            )  # fmt: skip

    def bug_on(self, name: str, text: str, *, condition: bool) -> None:
        """Check an assertion of the skeleton; `assertion`."""
        if condition:
            self.fail("assertion", name, f"hits {text}")
