"""Probe: ask the running kernel how it does it, without root and without changing anything.

Not here: what the answers mean for a Design (`study`).
May import: errors, facts, processes.
"""

# First: a sub-room that is imported later would take the name of the function below.
import gmemviz.probe.experiments  # noqa: F401
from gmemviz.probe.run import (
    ask_kernel,
    ask_or_load,
    experiments,
    load_report,
    perform,
    reports,
)

__all__ = ("ask_kernel", "ask_or_load", "experiments", "load_report", "perform", "reports")
