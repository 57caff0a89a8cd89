"""Hold what is derived of a filesystem's source against what its own kernel says of it in use.

Nothing is written as C: the distribution's module runs, slub watches all caches, and user space
does what it can to bring inodes to their end (`record/boot/provoked.toml`). It cannot stop anybody
in the midst of a hook, so what it did not provoke is named, and silence agrees in part.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from gmemviz.derive import derive, shipped_tables
from gmemviz.errors import RecordingError, choice
from gmemviz.evidence.confirm.confirmation import Judgement
from gmemviz.evidence.console import Word, heard, trouble
from gmemviz.facts import kernel_name, snapshots, usual_name
from gmemviz.model.scenarios import by_default
from gmemviz.record.boot import (
    ACCELERATORS,
    AUTO,
    LOST,
    PROVOCATIONS,
    PROVOKED,
    Provoked,
    find_kernel,
    provoke,
)
from gmemviz.shown import Several, Table, Text, shows_itself
from gmemviz.study import data, mail_text, spoken
from gmemviz.study.tables import check_shipped
from gmemviz.text import one_line, printable

REMAIN: Final = re.compile(r"BUG (?P<cache>\S+) .*: Objects remaining on __kmem_cache_shutdown")
"""What slub says where a module destroys a cache that has objects out.
(mm/slub.c:list_slab_objects@v6.12)"""


class TableVerdict(NamedTuple):
    """Give what the model says of one super_operations table: its name, the verdict, the codes."""

    table: str
    verdict: str
    codes: tuple[str, ...]


@shows_itself
@dataclass(frozen=True)
class FilesystemConfirmation:
    """Give the model's verdicts on a filesystem, and what its kernel said, play by play.

    `asked` are the scenarios that the model asks about it; `said` are the console's lines of each
    play, `unplayed` those that could not be, each with the reason.
    """

    filesystem: str
    release: str
    verdicts: tuple[TableVerdict, ...]
    asked: tuple[str, ...]
    said: Mapping[str, tuple[str, ...]]
    unplayed: Mapping[str, str]

    @cached_property
    def model(self) -> tuple[str, ...]:
        """Return the codes that the model has."""
        return tuple(sorted(set(chain.from_iterable(found.codes for found in self.verdicts))))

    @cached_property
    def shown(self) -> dict[str, tuple[str, Word]]:
        """Return the codes that the kernel showed, each with the first play and line that did."""
        first: dict[str, tuple[str, Word]] = {}
        for play, lines in self.said.items():
            for word in _heard(lines):
                first.setdefault(word.code, (play, word))
        return Table(sorted(first.items()))

    @cached_property
    def trouble(self) -> dict[str, str]:
        """Return the plays that tell nothing, or not all, each with the line that says why."""
        found = Table[str, str]()
        for play, lines in self.said.items():
            if not _heard(lines) and (why := trouble(lines)):
                found[play] = why
        return found

    @property
    def surplus(self) -> tuple[str, ...]:
        """Return the codes that the kernel showed and the model has not."""
        return tuple(code for code in self.shown if code not in self.model)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the model's codes that no play has shown."""
        return tuple(code for code in self.model if code not in self.shown)

    @cached_property
    def not_played(self) -> tuple[str, ...]:
        """Return the scenarios of the model that no play is a run of."""
        played = [play for play in self.said if play not in self.trouble]
        scenarios = set(chain.from_iterable(PROVOCATIONS[play].asks for play in played))
        return Several(name for name in self.asked if name not in scenarios)

    @property
    def judgement(self) -> Judgement:
        """Return whether kernel and model say the same, as far as user space can show it."""
        if self.surplus:
            return "disagrees"
        if len(self.trouble) == len(self.said):
            return "not confirmable"
        is_decided = all(found.verdict in ("correct", "defects") for found in self.verdicts)
        is_whole = is_decided and not (self.missing or self.trouble or self.unplayed)
        # What was shown is there, whatever else was not played.
        return "agrees" if is_whole and (self.shown or not self.not_played) else "agrees in part"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why kernel and model disagree, or agree in part alone, a sentence each."""
        return tuple(_reasons(self))

    def answer(self) -> dict[str, Any]:
        """Return it all as JSON-plain data."""
        return data({
            "filesystem": self.filesystem,
            "release": self.release,
            "judgement": self.judgement,
            "tables": [
                {"table": table, "verdict": verdict, "defects": codes}
                for table, verdict, codes in self.verdicts
            ],
            "model": self.model,
            "shown": {
                code: {"run": play, "line": word.line} for code, (play, word) in self.shown.items()
            },
            "missing": self.missing,
            "surplus": self.surplus,
            "not_played": self.not_played,
            "because": self.reasons,
            "trouble": [f"{play}: {why}" for play, why in self.trouble.items()],
            "unplayed": self.unplayed,
            "runs": list(self.said),
        })  # fmt: skip

    @property
    def text(self) -> str:
        """Return it as plain text: the judgement, both verdicts, the plays, the lines."""
        return Text(printable(mail_text(self._lines())))

    def _lines(self) -> Iterator[str]:
        yield f"{self.judgement}: {self.filesystem}, the kernel's own"
        for table, verdict, codes in self.verdicts:
            yield f"model:  {table}: {', '.join(codes) or verdict}"
        shown = ", ".join(self.shown) or "nothing: clean"
        yield f"kernel: {shown} ({self.release}, slub debugging on, {len(self.said)} plays)"
        yield from (f"  {play}: {PROVOCATIONS[play].does}" for play in self.said)
        yield from (f"  {play} is not played: {why}" for play, why in self.unplayed.items())
        for code, (play, word) in self.shown.items():
            mark = ", which the model does not say" if code in self.surplus else ""
            yield f"  {code} ({play}){mark}: {spoken(word.line)}"
        yield from (f"  {self.judgement} because {reason}" for reason in self.reasons)

    def __repr__(self) -> str:
        plays = f"{len(self.said)} plays"
        name = one_line(self.filesystem)
        return f"<FilesystemConfirmation {name}: {self.judgement}, {self.release}, {plays}>"


def _quiet(line: str) -> None:
    """Say nothing."""


def confirm_filesystem(
    name: str,
    *,
    kernel: str | Path,
    accel: str = AUTO,
    progress: Callable[[str], None] = _quiet,
) -> FilesystemConfirmation:
    """Use a filesystem of a real kernel in QEMU till its inodes die, beside what the model says.

    `kernel` is an image or one of `gmemviz kernels`, of a release whose facts are shipped.
    RecordingError where they are not, where the kernel has no such module or the guest plays
    nothing; UnknownNameError for a filesystem that is not played; MissingToolError says which tool
    is not there. Nothing keeps running.
    """
    name = choice("filesystem", usual_name(name), PROVOKED)
    choice("accelerator", accel, ACCELERATORS)
    found = find_kernel(kernel)
    own = kernel_name(found.release)
    if own not in snapshots():
        read = ", ".join(snapshots())
        raise RecordingError(f"Linux {found.release} was not read: {read} were")
    played = provoke(found, name, accel=accel, progress=progress)
    return confirmation_of(name, own, found.release, played)


def confirmation_of(
    name: str, kernel: str, release: str, played: Provoked
) -> FilesystemConfirmation:
    """Return what the console's lines of a filesystem's plays come to beside a kernel's source."""
    rows = [found.row for found in check_shipped(kernel, name)]
    verdicts = [TableVerdict(row["table"], row["verdict"], tuple(row["defects"])) for row in rows]
    designs = chain.from_iterable(derive(read).designs for read in shipped_tables(kernel, name))
    # Each of these has names, which no hook of a superblock says.
    scenarios = {
        scenario.name for design in designs for scenario in by_default(replace(design, named=True))
    }
    return FilesystemConfirmation(
        name, release, tuple(verdicts), tuple(sorted(scenarios)), played.said, played.unplayed
    )


def _heard(lines: tuple[str, ...]) -> tuple[Word, ...]:
    words = {word.code: word for word in heard(lines)}
    for line in lines:
        if REMAIN.search(line):
            words.setdefault("objects-remain", Word("objects-remain", line))
    return tuple(words[code] for code in sorted(words))


NAMED: Final = 3  # scenarios that a sentence names


def _reasons(found: FilesystemConfirmation) -> Iterator[str]:
    for code in found.surplus:
        yield f"the kernel shows {code} ({found.shown[code][0]}), and the model has none"
    if found.judgement in ("disagrees", "agrees"):
        return
    yield from (f"{code} was not provoked" for code in found.missing)
    yield from (f"{play} tells nothing: {why}" for play, why in found.trouble.items())
    for table, verdict, _ in found.verdicts:
        if verdict not in ("correct", "defects"):
            yield f"the model's verdict on {table} is {verdict}"
    if any(LOST in lines for lines in found.said.values()):
        yield "the kernel was lost"
    if found.not_played:
        rest = len(found.not_played) - NAMED  # all of them are in `not_played`
        more = f" and {rest} more" if rest > 0 else ""
        yield f"user space does not provoke {', '.join(found.not_played[:NAMED])}{more}"
