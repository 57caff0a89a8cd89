"""Say which part of gmemviz somebody has not installed: the core needs nothing but Python.

    pip install gmemviz             check, compare, derive, validate, probe ... in text and JSON
    pip install 'gmemviz[draw]'     and pictures, with an engine that draws them
    pip install 'gmemviz[kernels]'  and a place for kernels that are fetched to be booted
    pip install 'gmemviz[lab]'      and all that the notebooks need

pyproject.toml says what is in each of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from gmemviz.errors import MissingToolError

Part = Literal["draw", "kernels", "lab"]


@contextmanager
def needs(name: Part) -> Iterator[None]:
    """Import what a part brings in here: MissingToolError says how to get what is not there.

    A module of gmemviz itself that is missing is a fault of ours, and stays one.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module == "gmemviz":
            raise
        raise MissingToolError(how_to_get(name, module)) from None


def how_to_get(name: Part, module: str) -> str:
    """Return the sentence for a module that a part would bring.

    >>> how_to_get("lab", "pandas")
    "this needs pandas, which is not installed: pip install 'gmemviz[lab]' brings it"
    """
    return f"this needs {module}, which is not installed: pip install 'gmemviz[{name}]' brings it"
