"""Take a Design by what a reader has at hand: its name in the gallery, or a file of TOML.

Every public function that takes a Design takes these as well. `check` is the model's own, with that
and with scenarios by their names.

>>> check("guest_memfd-7.3", scenarios=["last-close"]).verdict
'correct'
"""

from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from gmemviz import model
from gmemviz.errors import GmemvizError, choice
from gmemviz.facts import Facts
from gmemviz.model import SCENARIOS, Design, Report, Scenario
from gmemviz.model.design import LONGEST, TITLE
from gmemviz.model.scenarios import of_design
from gmemviz.model.search import LIMIT
from gmemviz.study.gallery import gallery
from gmemviz.whole import open_regular

TOML: Final = ".toml"
"""How the name of a file ends that a text may give in place of a Design's."""

Given = TypeVar("Given")


def named(given: Given | str | Path) -> Given | Design:
    """Return the Design of a gallery name or of a file, and whatever else is given as it is.

    A text that ends with .toml is a file, as any Path. UnknownNameError names the nearest Design,
    GmemvizError the file that cannot be read or meant.
    """
    if isinstance(given, Path) or (isinstance(given, str) and given.endswith(TOML)):
        return read_design(Path(given))
    return gallery(given) if isinstance(given, str) else given


def read_design(path: Path) -> Design:
    """Return the Design that a file of TOML says; GmemvizError where it can't be read or meant."""
    try:
        file = open_regular(path)
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte in it
        raise _unreadable(path, error) from None
    return design_in(file, path)


def design_in(file: BinaryIO, path: Path) -> Design:
    """Return the Design that an open file says, and close it; `path` is what it is called."""
    try:
        # Some editors begin with a BOM. Characters are counted: bytes may end within one.
        with file, TextIOWrapper(file, "utf-8-sig", newline="") as words:
            text = words.read(LONGEST + 1)
    except UnicodeDecodeError:
        raise GmemvizError(f"cannot read {path}: it is not a text file in UTF-8") from None
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(text) > LONGEST:
        raise GmemvizError(f"cannot read {path}: a Design may have {LONGEST:,} characters")
    return Design.from_text(text, name=path.stem[:TITLE])


def _unreadable(path: Path, error: Exception) -> GmemvizError:
    return GmemvizError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}")


def scenario_of(design: Design, name: str) -> Scenario:
    """Return a scenario by its name, which may be of the Design's own actors (`actor reader`)."""
    known = {**SCENARIOS, **{own.name: own for own in of_design(design)}}
    return known[choice("scenario", name, known)]


def check(
    design: Design | str | Path,
    *,
    facts: Facts | None = None,
    scenarios: Sequence[Scenario | str] | None = None,
    limit: int = LIMIT,
    keep_moves: bool = False,
    **more: Any,
) -> Report:
    """Return the Report of a Design, a name of the gallery or a file of TOML.

    Every interleaving of each scenario that asks about it is searched, or of `scenarios` alone,
    up to `limit` states. `facts` are those of another kernel or tree; `keep_moves` keeps what a
    diagram of states needs. `more` is for who tests the model (`gmemviz.model.check`).
    """
    found = named(design)
    wanted: Any = scenarios  # what is no scenario the model refuses
    if isinstance(found, Design) and isinstance(scenarios, list | tuple):
        wanted = [_scenario(found, each) for each in scenarios]
    return model.check(
        found, facts=facts, scenarios=wanted, limit=limit, keep_moves=keep_moves, **more
    )


def _scenario(design: Design, given: Scenario | str) -> Scenario:
    return scenario_of(design, given) if isinstance(given, str) else given
