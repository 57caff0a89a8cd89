"""Find the step of a run that a reader should see first: where it goes wrong, or where it ends.

The last step is often not that. A leak shows when nobody is left, and what is late shows when it
comes back (fs/inode.c:i_callback); what decided it has happened before.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from gmemviz.model import Path
from gmemviz.model.design import DefectCode
from gmemviz.model.machine import ABSENT, AWAITING, FREED, REFUSED
from gmemviz.model.search import Step

DECIDED_BY: Final[Mapping[DefectCode, str]] = {"late-release": REFUSED}
"""What has decided a defect that shows only later, by the change that it was."""


def moment(path: Path, run: Sequence[Step]) -> int:
    """Return the index of the step to open at, from 0; `run` are the steps of `path`.

    Of a correct run it is where the last thing is freed. Of metadata that leaks it is the hook
    passed by, or else the last step that could have freed it: where the memory that led to it goes.
    """
    last = len(run) - 1
    defect = path.defect
    if defect is None:
        return _last(run, lambda step: bool(step.freed), last)
    if decided := DECIDED_BY.get(defect.code):
        return _last(run, lambda step: any(e.change == decided for e in step.effects), last)
    if path.is_at_end:
        passed = _last(run, lambda step: bool(step.passed), -1)
        return passed if passed >= 0 else _last(run, _lets_go, last)
    return last


def _last(run: Sequence[Step], holds: Callable[[Step], bool], otherwise: int) -> int:
    found = [index for index, step in enumerate(run) if holds(step)]
    return found[-1] if found else otherwise


# Memory that is freed, or goes to RCU, takes along the pointers that lie in it.
def _lets_go(step: Step) -> bool:
    return any(effect.change in (ABSENT, AWAITING, FREED) for effect in step.effects)
