"""Show, check and settle how Linux inodes die.

The names below come from the rooms in this folder and are imported when first used, so that
`import gmemviz` stays quick. Nothing else lives here, but which rooms say what results look like.
"""

from importlib import import_module
from typing import Any, Final

__version__ = "0.1.0"

EXPORTS: Final = {
    "Design": "gmemviz.model",
    "Driver": "gmemviz.widget",
    "Explorer": "gmemviz.widget",
    "Film": "gmemviz.render",
    "GmemvizError": "gmemviz.errors",
    "MatrixExplorer": "gmemviz.widget",
    "Player": "gmemviz.widget",
    "ProbeView": "gmemviz.widget",
    "Report": "gmemviz.model",
    "ask_kernel": "gmemviz.probe",
    "ask_or_load": "gmemviz.probe",
    "check": "gmemviz.model",
    "compare": "gmemviz.study",
    "confirm": "gmemviz.evidence",
    "conform": "gmemviz.evidence",
    "design_from_choices": "gmemviz.model",
    "designs": "gmemviz.study",
    "designs_for": "gmemviz.study",
    "follow": "gmemviz.record",
    "gallery": "gmemviz.study",
    "judge": "gmemviz.study",
    "kernels": "gmemviz.facts",
    "load": "gmemviz.facts",
    "load_report": "gmemviz.probe",
    "load_recording": "gmemviz.record",
    "match": "gmemviz.study",
    "mail": "gmemviz.study",
    "play": "gmemviz.widget",
    "reports": "gmemviz.probe",
    "recordings": "gmemviz.record",
    "verdict": "gmemviz.study",
}

SHOWN: Final = ("gmemviz.study.shown", "gmemviz.render.shown")
"""Who knows what results look like; loaded when a notebook first asks (`gmemviz.shown`)."""

__all__ = ("EXPORTS", "__version__", *sorted(EXPORTS))  # noqa: PLE0604 (all are strings)


def __getattr__(name: str) -> Any:
    if name not in EXPORTS:
        raise AttributeError(f"module 'gmemviz' has no attribute {name!r}")
    value = getattr(import_module(EXPORTS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *EXPORTS})
