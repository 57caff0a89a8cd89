"""Name the scenarios that the driver can run in a real kernel, as `scenarios.toml` has them."""

import tomllib
from importlib.resources import files
from typing import Any, Final, NamedTuple

TABLES: Final[dict[str, Any]] = tomllib.loads(
    (files("gmemviz.record.boot") / "scenarios.toml").read_text(encoding="utf-8")
)
"""The whole file: `groups` of functions, `images`, `scenarios`, and what `tracing` is told."""


class RecordedScenario(NamedTuple):
    """Say what a scenario does, and what its recording needs of the kernel.

    `sources` are the files whose tables of hooks are its filesystem's, `modules` are
    loaded before (with what they depend on), `further` functions are recorded too. `image` is the
    filesystem of which the host makes one, or "".
    """

    driver: str
    sources: tuple[str, ...]
    modules: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    image: str = ""


def _scenario(table: dict[str, Any]) -> RecordedScenario:
    further: list[str] = []
    for group in table.get("groups", ()):
        further += TABLES["groups"][group]
    further += table.get("further", ())
    return RecordedScenario(
        table["driver"],
        tuple(table["sources"]),
        tuple(table.get("modules", ())),
        tuple(further),
        table.get("image", ""),
    )


SCENARIOS: Final = {name: _scenario(table) for name, table in TABLES["scenarios"].items()}
"""Every scenario, by the name that the driver knows too."""
