"""Join the files that a front end is made of, as one script and one stylesheet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gmemviz.render import theme

STATIC: Final = Path(__file__).parent / "static"
_PLAYER: Final = ("shared.js", "steps.js", "pictures.js", "player.js")
_STAGE: Final = (
    "shared.js",
    "steps.js",
    "pictures.js",
    "stage_text.js",
    "stage_memory.js",
    "stage_time.js",
    "stage_both.js",
    "stage_tabs.js",
    "stage_rail.js",
    "stage.js",
)
_SCRIPTS: Final[Mapping[str, tuple[str, ...]]] = {  # in the order in which they are joined
    "player": _PLAYER,
    "page": (*_PLAYER, "page.js"),
    "driver": ("shared.js", "driver.js"),
    "matrix": ("shared.js", "matrix.js"),
    "keys": ("shared.js", "keys.js"),
    "link": ("shared.js", "link.js"),
    "code": ("shared.js", "code.js"),
    "stage": _STAGE,
    "stage_page": (*_STAGE, "stage_page.js"),
}


def script(name: str = "player") -> str:
    """Return one front end whole: its files in their order, since none can import another.

    A widget's script is a text that the browser loads as one module, from no address.
    """
    return "\n".join((STATIC / file).read_text(encoding="utf-8") for file in _SCRIPTS[name])


def stylesheet(name: str = "player") -> str:
    """Return what all front ends share, one's layout, and the looks that the theme gives."""
    layout = ((STATIC / file).read_text(encoding="utf-8") for file in ("shared.css", f"{name}.css"))
    return "\n".join((*layout, theme.css()))
