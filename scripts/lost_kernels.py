"""Run nbval as everybody types it, `pytest --nbval notebooks`; conftest.py brings this in.

Where nobody names them, the project's sanitizers and this environment's Python are taken. A kernel
sometimes dies or falls silent: that is said in a warning, and the notebook is run once more.
"""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final

import pytest

SANITIZERS: Final = Path(__file__).resolve().parent.parent / "tests" / "nbval_sanitize.cfg"
NBVALS_OWN_LIMIT_S: Final = 2000
CELL_LIMIT_S: Final = 60
AGAIN: Final = "it is tried once more"


def pytest_configure(config: pytest.Config) -> None:
    """Set what the caller of nbval left out."""
    asked = config.option
    if not (getattr(asked, "nbval", False) or getattr(asked, "nbval_lax", False)):
        return
    asked.nbval_sanitize_with = asked.nbval_sanitize_with or str(SANITIZERS)
    asked.nbval_current_env = not asked.nbval_kernel_name
    if asked.nbval_cell_timeout == NBVALS_OWN_LIMIT_S:
        asked.nbval_cell_timeout = CELL_LIMIT_S


def is_cell(item: Any) -> bool:
    """Return whether `item` is a cell that nbval runs."""
    return hasattr(item, "cell_num") and hasattr(item.parent, "kernel")


def how_lost(kernel: Any, error: Exception) -> str:
    """Return in words what became of a kernel, or nothing where the cell alone is to blame."""
    said = str(error).lower()
    if "timeout" in said or "timed out" in said:
        return "fell silent"
    return "" if kernel is not None and kernel.is_alive() else "died"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the kernel of each notebook have a second try to start."""
    for notebook in {item.parent for item in items if is_cell(item)}:
        started: Any = notebook
        started.setup = _twice(started, started.setup)


def _twice(notebook: Any, start: Callable[[], None]) -> Callable[[], None]:
    def setup() -> None:
        try:
            start()
        except RuntimeError as error:
            notebook.warn(pytest.PytestWarning(f"{notebook.name}: {error}; {AGAIN}"))
            start()

    return setup


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Generator[None, Any, Any]:
    """Run a cell whose kernel is lost once more, in a new one, after the cells before it."""
    try:
        return (yield)
    except Exception as error:
        lost = how_lost(item.parent.kernel, error) if is_cell(item) else ""
        if not lost or getattr(item.parent, "was_lost", False):
            raise
    place = f"{item.parent.name}: the kernel {lost} in cell {item.cell_num}"
    item.warn(pytest.PytestWarning(f"{place}; {AGAIN}"))
    item.parent.was_lost = True
    return _once_more(item, place)


def _once_more(item: Any, place: str) -> None:
    _renew(item)
    try:
        item.runtest()
    except Exception as error:
        if not how_lost(item.parent.kernel, error):
            raise
        item.parent.timed_out = True  # so nbval expects nothing of the cells behind it
        raise RuntimeError(f"{place}, and so did the next one") from None


def _renew(item: Any) -> None:
    notebook, limit = item.parent, item.config.option.nbval_cell_timeout
    notebook.teardown()
    notebook.timed_out = False
    notebook.setup()
    for cell in item.session.items:
        if cell.parent is notebook and cell.cell_num < item.cell_num:
            asked = notebook.kernel.execute_cell_input(cell.cell.source, allow_stdin=False)
            notebook.kernel.await_reply(asked, timeout=limit)
