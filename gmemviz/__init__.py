"""Show, check and settle how Linux inodes die.

The names below come from the rooms in this folder and are imported when first used, so that
`import gmemviz` stays quick. Nothing else lives here, but which rooms say what results look like.
"""

from importlib import import_module
from typing import Any, Final

__version__ = "0.1.0"

_ROOMS: Final = {
    "errors": ("GmemvizError",),
    "evidence": ("confirm", "conform", "validate"),
    "facts": ("kernels", "load"),
    "model": ("Design", "Report", "design_from_choices"),
    "probe": ("ask_kernel", "ask_or_load", "load_report", "reports"),
    "record": ("follow", "load_recording", "recordings"),
    "render": ("Film",),
    "study": (
        "check", "compare", "designs", "designs_for", "explain", "gallery", "judge", "mail",
        "match", "verdict",
    ),
    "widget": ("Driver", "Explorer", "MatrixExplorer", "Player", "ProbeView", "Stage", "play"),
}  # fmt: skip

EXPORTS: Final[dict[str, str]] = {}
"""What `gmemviz` has, and the room that each comes from."""

for _room, _names in _ROOMS.items():
    EXPORTS.update(dict.fromkeys(_names, f"gmemviz.{_room}"))

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
