"""Start processes, and let none outlive what it was started for.

Here are the workers that share a task out, the programs that other rooms run, and what a signal
to end comes to. What is run, and why, other rooms know. Nothing but `errors` is imported.
"""

from gmemviz.processes import programs
from gmemviz.processes.parent import die_with_parent
from gmemviz.processes.programs import run
from gmemviz.processes.signals import ends_in_order
from gmemviz.processes.workers import Maps, Workers, refuse_no_executor

__all__ = (
    "Maps",
    "Workers",
    "die_with_parent",
    "ends_in_order",
    "programs",
    "refuse_no_executor",
    "run",
)
