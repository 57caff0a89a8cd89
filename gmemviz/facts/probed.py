"""Hold what a running kernel answered, one frozen record an entry, and write it as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from gmemviz.errors import ProbeError
from gmemviz.facts.records import Origin
from gmemviz.parts import needs
from gmemviz.shown import Several, Table, Text, shows_itself

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
READ = (SCHEMA, f"gmemviz.probe/{SCHEMA}")
"""What a report may say of its shape: a file that is shipped the number, `probe --json` a name."""


@shows_itself
@dataclass(frozen=True, slots=True)
class Observation:
    """Give one question to the kernel and its answer.

    `got` is an errno's name, a signal's name, or a value; "" where it was not asked, and
    `note` then says why. `expected` are the answers that this kernel should give by its
    `source`, none where the answer is simply a fact about the machine.
    """

    group: str
    name: str
    call: str
    got: str
    expected: tuple[str, ...] = ()
    source: str = ""
    note: str = ""

    @classmethod
    def from_plain(cls, row: Mapping[str, Any]) -> "Observation":
        """Take back what `asdict` made of one; TypeError where a value is not text."""
        names = [field.name for field in fields(cls) if field.name != "expected"]
        texts = {name: _text(row[name]) for name in names}
        return cls(**texts, expected=tuple(map(_text, row["expected"])))

    @property
    def agrees(self) -> bool | None:
        """Return whether the answer is an expected one; None where none was expected or got."""
        return self.got in self.expected if self.expected and self.got else None

    @property
    def finding(self) -> str:
        """Return the difference in words, or "" where there is none."""
        if self.agrees is not False:
            return ""
        wanted = " or ".join(self.expected)
        return f"{self.call} gave {self.got}, where {wanted} was expected ({self.source})."


@shows_itself
@dataclass(frozen=True, slots=True)
class Measurement:
    """Give one reading: `seconds` since the experiment began, and a value in `unit`."""

    step: str
    seconds: float
    quantity: str
    value: float
    unit: str


@shows_itself
@dataclass(frozen=True, slots=True)
class Experiment:
    """Give what one live experiment measured.

    `claim` says what is tried; `holds` whether the readings bear it out, None where it could
    not be run or they cannot tell; `finding` says in words what was seen, or was in the way.
    """

    name: str
    claim: str
    holds: bool | None
    finding: str
    measurements: tuple[Measurement, ...] = ()

    @classmethod
    def from_plain(cls, row: Mapping[str, Any]) -> "Experiment":
        """Take back what `asdict` made of one."""
        if row["holds"] not in (None, True, False):
            raise TypeError(f"{row['holds']!r} is neither true, false nor null")
        readings = tuple(Measurement(**reading) for reading in row["measurements"])
        name, claim, finding = (_text(row[key]) for key in ("name", "claim", "finding"))
        return cls(name, claim, row["holds"], finding, readings)


@shows_itself
@dataclass(frozen=True)
class ProbeReport:
    """Give all that one run asked: the observations in the order of asking.

    `kernel` is the release that uname gives. `origin` is "probed" for this machine, now, and
    "recorded" for a report from a file. `missing` says in words what could not be asked.
    """

    kernel: str
    machine: str
    origin: Origin
    observations: tuple[Observation, ...]
    missing: tuple[str, ...] = ()
    experiments: tuple[Experiment, ...] = ()

    def value(self, name: str) -> str:
        """Return the answer of the observation `name`, "" where it was not asked."""
        return next((seen.got for seen in self.observations if seen.name == name), "")

    @property
    def headline(self) -> str:
        """Return where it is from and how much agrees, or what was in the way, in one line."""
        asked = sum(seen.agrees is not None for seen in self.observations)
        count = f"{asked - len(self.findings)} of {asked} answers are the expected ones"
        mount = self.value("mount")
        said = f"guest_memfd with mount {mount}, {count}." if mount else " ".join(self.missing)
        return f"{self.origin} on {self.kernel}, {self.machine}: {said}"

    @property
    def findings(self) -> tuple[str, ...]:
        """Return the differences from what was expected, in words."""
        return Several(filter(None, (seen.finding for seen in self.observations)))

    def frame(self) -> "pd.DataFrame":
        """Return the observations as a table, a row each, with `agrees`."""
        with needs("lab"):
            import pandas as pd  # half a second that `gmemviz probe --json` does not need

        rows = list(map(_row, self.observations))
        names = [field.name for field in fields(Observation)]
        return pd.DataFrame(rows, columns=[*names, "agrees"])

    def plain(self) -> dict[str, Any]:
        """Return the report as what JSON knows; `from_json` takes it back."""
        return Table(
            schema=SCHEMA,
            kernel=self.kernel,
            machine=self.machine,
            origin=self.origin,
            missing=list(self.missing),
            findings=list(self.findings),
            observations=list(map(_row, self.observations)),
            experiments=list(map(asdict, self.experiments)),
        )

    def json(self) -> str:
        """Return the report as JSON text."""
        return Text(json.dumps(self.plain(), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def from_json(cls, text: str) -> "ProbeReport":
        """Read what `json` wrote, as a recorded report; ProbeError if it is not one."""
        try:
            plain = json.loads(text)
            if plain["schema"] not in READ:
                raise ProbeError(f"the report has schema {plain['schema']!r} (must be {SCHEMA})")
            return cls(
                _text(plain["kernel"]),
                _text(plain["machine"]),
                "recorded",
                tuple(map(Observation.from_plain, plain["observations"])),
                tuple(map(_text, plain["missing"])),
                tuple(map(Experiment.from_plain, plain["experiments"])),
            )
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ProbeError(f"not a probe report: {type(error).__name__} {error}") from error

    def __repr__(self) -> str:
        return f"<ProbeReport {self.headline}>"


# An observation as what JSON knows.
def _row(seen: Observation) -> dict[str, Any]:
    return {**asdict(seen), "expected": list(seen.expected), "agrees": seen.agrees}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value
