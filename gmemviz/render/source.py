"""Show lines of the reader's own kernel tree; the package ships none."""

import os
from pathlib import Path
from typing import Final

from gmemviz.facts import Facts

LINES: Final = 14


def own_tree() -> Path | None:
    """Return the tree that GMEMVIZ_TREE names, or None."""
    named = os.environ.get("GMEMVIZ_TREE")
    return Path(named) if named else None


def excerpt(tree: Path, facts: Facts, function: str) -> str:
    """Return the first lines of a function from `tree`, or why there are none.

    The facts say where it is; where the tree has another version, the name is not there.
    """
    place = facts.function(function)
    try:
        text = (tree / place.path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"({tree / place.path}: {error.strerror})"
    lines = text.splitlines()[place.line - 1 :]
    if not any(function in line for line in lines[:3]):
        return f"(your tree is not {facts.release}: {place.path}:{place.line} is something else)"
    end = next((at for at, line in enumerate(lines) if line == "}"), LINES) + 1
    shown = lines[: min(end, LINES)]
    return "\n".join([*shown, "..."] if end > LINES else shown)
