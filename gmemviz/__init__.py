"""Show, check and settle how Linux inodes die.

    >>> import gmemviz
    >>> gmemviz.check("guest_memfd-7.3").verdict
    'correct'

A Design is given as it is, by its name in the gallery, or as a file of TOML; what comes back prints
itself in a line, and shows itself in a notebook. `help(gmemviz.check)` tells of each name:

  a Design       Design, gallery, designs, design_from_choices
  its verdict    check, Report, verdict, mail, compare, judge, designs_for
  to see it      Stage, Explorer, MatrixExplorer, Driver, play, Player, Film
  a real kernel  confirm, load_recording, recordings, follow, conform, validate
  the running    ask_kernel, ask_or_load, load_report, reports, match, ProbeView
  its source     load, kernels
  words          explain; what is refused is a GmemvizError

Each name is imported from the room it lives in when it is first used, so that `import gmemviz`
stays quick; __init__.pyi tells editors of them.
"""

from importlib import import_module
from typing import Any, Final

from gmemviz.version import __version__ as __version__

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


def __getattr__(name: str) -> Any:
    if name not in EXPORTS:
        raise AttributeError(f"module 'gmemviz' has no attribute {name!r}")
    from gmemviz.parts import needs

    with needs("lab"):  # the widgets alone are of what not everybody installs
        value = getattr(import_module(EXPORTS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *EXPORTS})
