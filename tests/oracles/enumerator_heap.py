"""What the oracle's actors change, one step at a time: memory, and words in it.

Part of the second oracle (see oracle.py); it knows nothing of the package's search.
"""

from typing import NamedTuple

HELD = "held"
FREED = "freed"
I_LOCK = "with i_lock held"
SOFTIRQ = "in softirq"
PROCESS = "in process context"


class Defect(Exception):  # noqa: N818 (what a run shows, not an error)
    """What no kernel comes through in a state that can be told; all else it only says."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Step(NamedTuple):
    """What an actor would do next, at once: one of `ways`, as soon as `when` holds.

    What a way returns is sent back to the actor; that is all it ever learns of the heap.
    """

    ways: tuple
    when: object = None


def do(action):
    return Step((action,))


def wait(test):
    return Step((lambda _: None,), test)


class Heap:
    """`fate` of each object ever allocated, and every other `word` by its name.

    `notes` are of the one step that made this heap: which hooks were of no use, or of some. So is
    what it has `said`: codes at which a kernel warns, is lucky or notices nothing.
    """

    def __init__(self):
        self.fate = {"superblock": HELD, "own cache": HELD}
        self.word = {"mount count": 1, "readers": frozenset(), "pins": 0, "pte": 0}
        self.notes = self.said = frozenset()

    def copy(self):
        other = Heap.__new__(Heap)
        other.fate, other.word = dict(self.fate), dict(self.word)
        other.notes = other.said = frozenset()
        return other

    def say(self, code):
        self.said |= {code}

    def key(self):
        return frozenset(self.fate.items()), frozenset(self.word.items())

    def allocate(self, thing):
        if self.fate.get(thing) == HELD:  # nobody will find the old one
            self.say("leak")
        self.fate[thing] = HELD

    def touch(self, thing):
        if self.fate.get(thing) == FREED:
            raise Defect("use-after-free")

    def free(self, thing):
        if self.fate.get(thing) == FREED:
            raise Defect("double-free")
        self.fate[thing] = FREED

    def add(self, name, number):
        self.word[name] += number
        return self.word[name]


def sleep(heap, context):
    """Let the scheduler say that this is no place to sleep, and run the others: then go on."""
    if context == I_LOCK:
        heap.say("sleep-in-atomic")
    if context == SOFTIRQ:
        heap.say("sleep-in-softirq")
