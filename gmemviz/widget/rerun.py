"""Remember which cell made which widgets, and close them when the cell runs again.

A front end that does not say which cell it runs (a script, nbval) keeps them all.
"""

from typing import Any, Final

import ipywidgets

# cell -> (the execution that made them, the widgets)
_MADE: Final[dict[str, tuple[str, list[ipywidgets.Widget]]]] = {}


def _running_cell() -> tuple[str, str]:
    # JupyterLab names the cell in the metadata of its execute_request.
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    parent: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
    cell = parent.get("metadata", {}).get("cellId", "")
    return str(cell), str(parent.get("header", {}).get("msg_id", ""))


def adopt(widget: ipywidgets.Widget) -> None:
    """Note that the running cell made `widget`; close what its earlier runs made."""
    cell, execution = _running_cell()
    if not cell:
        return
    made_by, widgets = _MADE.get(cell, ("", []))
    if made_by != execution:
        for stale in widgets:
            stale.close()
        widgets = []
    _MADE[cell] = execution, [*widgets, widget]
