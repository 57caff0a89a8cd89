"""Do what the kernel's scopes do as they are entered, and as they are left.

    guard(mutex)(&toy->lock);                         mutex_lock here, mutex_unlock on the way out
    struct toy *found __free(toy_put) = toy_get();    toy_put(found) on the way out
    CLASS(toy_ref, ref)(inode);                       both, with a name
    scoped_guard(spinlock, &toy->lock) { ... }        for a block

A way out is the end of the block, a return, a break; of a goto, the blocks inside the function.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from gmemviz.extract.code import Statement
from gmemviz.extract.deeds.calling import LEAVES, CallRun, RowCall
from gmemviz.extract.deeds.formulas import FALSE
from gmemviz.extract.deeds.places import NOBODY, NOTHING, Address, Value
from gmemviz.extract.deeds.spots import NEW, MemorySpot
from gmemviz.extract.deeds.summaries import FunctionText
from gmemviz.facts import Unread

ENTERS: Final = ("guard", "CLASS", "ACQUIRE")
"""Statements that enter a scope of their block (include/linux/cleanup.h)."""

KNOWN: Final[Mapping[str, tuple[str, str]]] = {
    "mutex": ("mutex_lock", "mutex_unlock"),
    "spinlock": ("spin_lock", "spin_unlock"),
    "spinlock_bh": ("spin_lock_bh", "spin_unlock_bh"),
    "spinlock_irq": ("spin_lock_irq", "spin_unlock_irq"),
    "spinlock_irqsave": ("spin_lock_irqsave", "spin_unlock_irqrestore"),
    "rwsem_read": ("down_read", "up_read"),
    "rwsem_write": ("down_write", "up_write"),
    "rcu": ("rcu_read_lock", "rcu_read_unlock"),
}
"""The kernel's own locks as classes, for a few files that come without its headers
(include/linux/mutex.h, spinlock.h, rwsem.h, rcupdate.h@v6.12)."""


class Leaving(NamedTuple):
    """Be what is done on the way out of a scope: with a variable as it is then, or with a value.

    Where no header says it, `row` is the kernel's function that does it.
    """

    text: FunctionText | None
    value: Value
    variable: MemorySpot | None
    at: int
    row: str = ""


class ScopeRun(CallRun):
    """Keep what is to be done on the way out of each block that we are in, the innermost last."""

    scopes: list[list[Leaving]]

    def enters(self, first: int) -> bool:
        """Enter the scope of a `guard(toy)(...)` that begins there, if one does."""
        if self.words[first] not in ENTERS or self.words[first + 1 : first + 2] != ["("]:
            return False
        given = self.tokens.matching(first + 1) + 1
        if self.words[given : given + 1] != ["("]:
            return False
        names = [
            self.words[part[0]] if part[0] < part[1] else "" for part in self.arguments(first + 1)
        ]
        values = [self.value(*part) for part in self.arguments(given)]
        variable = MemorySpot(names[1]) if names[1:] and names[1] else None
        self.enter(names[0] if names else "", values, first, variable)
        return True

    def enter(
        self, name: str, values: list[Value], index: int, variable: MemorySpot | None = None
    ) -> None:
        """Enter a scope of a class, with what it is given."""
        enter, leave = self.library.scope_of(name, self.path)
        value = self.into(enter, values, index) if enter else NOTHING
        held = values[0] if values else NOTHING
        if variable is not None:
            self.variables.add(variable.root)
            is_lock = enter is not None and enter.arguments == ["_T"]
            self.put(variable, held if is_lock else value)
        if leave is not None:
            self.scopes[-1].append(Leaving(leave, held, variable, index))
        elif enter is None and name in KNOWN:
            begins, ends = KNOWN[name]
            self.by_row(begins, held, index)
            self.scopes[-1].append(Leaving(None, held, variable, index, ends))
        elif enter is None:
            could = f"{self.words[index]}({name}) could do anything"
            self.not_read(
                Unread(self.source(index), could, "its class was not found"),
                frozenset({NOBODY, *self.reached(values)}),
            )

    def by_row(self, name: str, value: Value, index: int) -> None:
        """Do what a row says of a function, to a value."""
        row = self.library.api.row(name)
        if row is None:
            return
        if row.deed is not None:
            self.to_all(RowCall(row, name, index, []), value)
        if row.sleeps:
            self.do("sleeps", NOBODY, index, name)

    def scoped(self, first: int, scope: int, last: int) -> Value:
        """Read `struct toy *found __free(toy_put) = toy_get();`."""
        equals = next((i for i in self.tops(scope, last) if self.words[i] == "="), last)
        variable = MemorySpot(self.words[scope - 1] if scope > first else "")
        self.variables.add(variable.root)
        self.put(variable, NOTHING)
        if self.words[equals + 1 : equals + 2] == ["{"]:
            self.initialise(variable, equals + 1)
        elif equals < last:
            self.put(variable, self.value(equals + 1, last))
        name = self.words[scope + 2] if scope + 2 < last else ""
        text = self.library.ending(self.words[scope], name, self.path)
        if text is not None:
            self.scopes[-1].append(Leaving(text, NOTHING, variable, scope))
            return NOTHING
        row = self.library.api.row(name)
        if self.words[scope] == "__free" and row is not None and row.section in LEAVES:
            self.scopes[-1].append(Leaving(None, NOTHING, variable, scope, name))
            return NOTHING
        could = f"{self.words[scope]}({name}) could give back what it is given"
        reached = self.reached([self.load(variable)])
        # What was made here is the body's own affair, also where it goes with the scope.
        old = [place for place in reached if not place.root.startswith(NEW)]
        self.puzzle(scope, could, "what it does was not found", old)
        return NOTHING

    def close(self, kept: int) -> None:
        """Do what is done on the way out of all blocks but the outer ones that are `kept`."""
        for scope in reversed(self.scopes[kept:]):
            for leaving in reversed(scope):
                if self.reach != FALSE:
                    self.leaves(leaving)

    def leaves(self, leaving: Leaving) -> None:
        """Do what is done on one way out."""
        value, variable, text = leaving.value, leaving.variable, leaving.text
        if variable is not None:
            by_address = text is not None and text.by_address
            value = Address(variable) if by_address else self.load(variable)
        if text is not None:
            self.into(text, [value], leaving.at)
        else:
            self.by_row(leaving.row, value, leaving.at)

    def scope(self, statement: Statement) -> Value:
        """Read the block of scoped_guard(): its lock is held in it."""
        parts = self.arguments(statement.first + 1)
        words = [self.words[slice(*part)] for part in parts]
        self.scopes.append([])
        if statement.name == "scoped_guard" and words and len(words[0]) == 1:
            values = [self.value(*part) for part in parts[1:]]
            self.enter(words[0][0], values, statement.first)
        self.inside(statement)
        self.close(len(self.scopes) - 1)
        self.scopes.pop()
        return NOTHING

    def inside(self, statement: Statement) -> None:
        """Read the body of a statement that may be left by a break."""
        raise NotImplementedError
