"""Probe: ask the running kernel how it does it, without root and without changing anything.

Not here: what the answers mean for a Design (`study`).
May import: errors, facts, processes.
"""

from gmemviz.probe.run import (
    ask_kernel,
    ask_or_load,
    experiments,
    load_report,
    perform,
    reports,
)

__all__ = ("ask_kernel", "ask_or_load", "experiments", "load_report", "perform", "reports")
