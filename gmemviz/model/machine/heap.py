"""Keep the abstract heap while one step runs, and notice what must not happen.

It stands for what slab debugging, lockdep and might_sleep notice in a kernel that runs:
objects are allocated, touched and freed as by mm/slub.c, and every rule of a context is here.
A cell named like an object ("inode") holds its status; "inode.i_count" is a field.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from gmemviz.facts import CONTEXTS, Context, Effect
from gmemviz.model.design import DefectCode, unmarked
from gmemviz.model.machine.stands_for import NoFunction, stands_for
from gmemviz.model.machine.state import Cell

ABSENT: Final = "absent"
HELD: Final = "allocated"
AWAITING: Final = "awaiting-grace"
FREED: Final = "freed"

HANDED_OVER: Final = "handed over"
"""What metadata is that belongs to somebody else now: no leak, and not ours to free."""
REFUSED: Final = "refused"
"""What an effect says of something scarce that a creator asked for and did not get."""
STALE: Final = "stale"
"""What a pointer holds that nobody has set in this life of the memory that it lies in."""

# Bits of i_state that decide about the end; the values are ours. (include/linux/fs.h)
I_FREEING: Final = 1
I_CLEAR: Final = 2
I_WILL_FREE: Final = 4

_SPINLOCK: Final = NoFunction("lock", "a spinlock is inlined, and lockdep speaks for it")
_ALLOCATOR: Final = NoFunction("several", "the allocators of slabs, pages and text")
_MODEL: Final = NoFunction("model", "bookkeeping of the search")


class Defect(NamedTuple):
    """Say what a step, or the end of a run, showed to be wrong.

    `doing` completes a sentence whose subject is the function of the step. `cell` is the model's
    name of the object, where that is another.
    """

    code: DefectCode
    object: str
    doing: str
    cell: str = ""


class Touch(NamedTuple):
    """Say what one step did to an object, as (resv_map, "reads"), also where nothing changed.

    An Effect says what is different afterwards; a load of a pointer, or of freed memory, changes
    nothing, and yet it is what a run is about. `object` is a cell. `verb` has room on an arrow, and
    is "" where this is only the way to something else; `doing` completes a sentence before it.
    """

    object: str
    verb: str
    doing: str = ""


def phrase(verb: str, what: str = "", when: str = "") -> str:
    """Return what is done to an object that is named next.

    >>> phrase("reads", "the pointer in", "at the last folio_put")
    'at the last folio_put reads the pointer in'
    """
    return " ".join(filter(None, (when, verb, what)))


class DefectFound(Exception):  # noqa: N818 (a result on its way, not an error)
    """End a run where a kernel's ends; never leaves the search.

    `shown` is all that the step showed: the hazards that it noted before, then what ended it.
    `touches` is what it had touched until then, the last one mostly being what ended it.
    """

    def __init__(
        self, defect: Defect, noted: Iterable[Defect] = (), touches: Iterable[Touch] = ()
    ) -> None:
        super().__init__(defect)
        self.defect = defect
        self.touches = tuple(touches)
        self.shown = (*noted, defect)


def _defect(code: DefectCode, name: str, doing: str) -> Defect:
    plain = unmarked(name)
    return Defect(code, plain, unmarked(doing), name if name != plain else "")


class Machine(dict[str, Cell]):
    """Give one step of one actor the cells to read and write: a copy of those of a state.

    Only one that `tells` notes its effects, its touches and `came`, what came of a step that may
    come out one way or another, as igrab: a search has no use for them.
    """

    __slots__ = ("came", "context", "effects", "noted", "register", "tells", "touches")

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
        self.came = ""
        self.effects: list[Effect] = []
        self.touches: list[Touch] = []
        self.noted: list[Defect] = []

    @stands_for(_MODEL)
    def count(self, name: str) -> int:
        """Return a cell that holds a number."""
        value = self[name]
        assert isinstance(value, int), name
        return value

    @stands_for(_MODEL)
    def add(self, name: str, by: int) -> int:
        """Count a cell up or down, and return what it holds then; `crash` where it is not set.

        Between alloc_inode and inode_init_always an inode has no i_count that anybody has set.
        """
        if self[name] is None:
            self.fail("crash", name, f"counts by {name}, which nothing has set yet")
        self[name] = total = self.count(name) + by
        return total

    @stands_for(_MODEL)
    def fail(self, code: DefectCode, name: str, doing: str) -> None:
        """End the run: from here on a kernel is stopped, or its memory is anybody's."""
        raise DefectFound(_defect(code, name, doing), self.noted, self.touches)

    @stands_for(_MODEL)
    def note(self, code: DefectCode, name: str, doing: str) -> None:
        """Note a hazard, at which no kernel stops; the step, and the run, goes on."""
        self.noted.append(_defect(code, name, doing))

    @stands_for(_MODEL)
    def says(self, name: str, change: str) -> None:
        """Note an effect for the reader of the run."""
        if self.tells:
            self.effects.append(Effect(name, change))

    @stands_for(_MODEL)
    def comes_to(self, words: str) -> None:
        """Note which of its outcomes the step has, for the sentence of the run."""
        if self.tells:
            self.came = words

    @stands_for(_MODEL)
    def touched(self, name: str, verb: str, what: str = "", when: str = "") -> None:
        """Note for the reader of the run that the step has to do with an object."""
        if self.tells:
            self.touches.append(Touch(name, verb, phrase(verb, what, when)))

    @stands_for(_ALLOCATOR)
    def allocate(self, name: str, *, cache: str = "") -> None:
        """Make an object live; `leak` where that forgets a live one."""
        self.touched(name, "allocates")
        if self[name] in (HELD, AWAITING):
            self.note("leak", name, f"overwrites the only pointer to {name}")
        self[name] = HELD
        if cache:
            self[f"{name}.cache"] = cache
        self.says(name, HELD)

    @stands_for(NoFunction("hardware", "a load or a store"))
    def touch(self, name: str, verb: str, what: str = "", when: str = "") -> None:
        """Read or write an object; `use-after-free` when its memory is gone.

        `what` of it, as "the pointer in", and `when` complete the sentence; the verb is a value.
        """
        self.touched(name, verb, what, when)
        if self[name] == FREED:
            doing = phrase(verb, what, when)
            self.fail("use-after-free", name, f"{doing} {name}, whose memory is freed")

    @stands_for(_ALLOCATOR)
    def free(self, name: str, *, cache: str = "") -> None:
        """Give an object's memory back; `double-free`, `wrong-cache`."""
        self.touched(name, "frees")
        if self[name] == FREED:
            self.fail("double-free", name, f"frees {name}, which is freed already")
        if cache and self[f"{name}.cache"] != cache:
            came = self[f"{name}.cache"]
            self.fail("wrong-cache", name, f"frees {name} to {cache}, and it came from {came}")
        self[name] = FREED
        self.says(name, FREED)

    @stands_for("kernel/sched/core.c:__might_sleep")
    def sleep(self, name: str, doing: str) -> None:
        """Do what may sleep; `sleep-in-atomic` under i_lock, `sleep-in-softirq` in RCU.

        A kernel says "scheduling while atomic", schedules, and what slept goes on.
        """
        where = CONTEXTS[self.context].word
        if self.context in ("L", "A"):
            self.note("sleep-in-atomic", name, f"{doing} {name} {where}")
        if self.context == "B":
            self.note("sleep-in-softirq", name, f"{doing} {name} {where}")

    @stands_for(_SPINLOCK)
    def lock(self, name: str) -> None:
        """Take a plain lock that dies with its object; `lock-context` in softirq.

        Such as a maple tree's ma_lock, which process context takes without turning softirqs off.
        """
        if self.context == "B":
            doing = f"takes the plain lock of {name} in softirq, "
            self.note("lock-context", name, doing + "and process context takes it with softirqs on")

    @stands_for(_SPINLOCK)
    def shared_lock(self, name: str) -> None:
        """Take a plain lock that live objects share; `deadlock` in softirq.

        In the run that goes on nobody was interrupted who held it.
        """
        if self.context == "B":
            doing = f"takes {name} in softirq, and it may have interrupted a holder"
            self.note("deadlock", name, doing)

    @stands_for(NoFunction("hardware", "BUG_ON is an instruction that traps"))
    def bug_on(self, name: str, text: str, *, condition: bool) -> None:
        """Check an assertion of the skeleton; `assertion`."""
        if condition:
            self.fail("assertion", name, f"hits {text}")
