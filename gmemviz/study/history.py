"""Tell how guest_memfd came to free its metadata where it does: dated steps with their evidence.

What a step says is data; what the model says of its Design is searched for when asked.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from gmemviz.errors import FactsError, choice
from gmemviz.facts import Facts, HookName, Source, kernels, load
from gmemviz.model import Design, Report, check
from gmemviz.parts import needs
from gmemviz.shown import shows_itself
from gmemviz.study.answer import verdict
from gmemviz.study.gallery import designs, gallery
from gmemviz.study.plain import placements

if TYPE_CHECKING:
    import pandas as pd

EVIDENCE: Final = ("extracted", "probed", "recorded", "read", "trusted")
"""What an entry may rest on: a kernel's source, a running kernel, a traced one, a public mail
archive; or nothing that we saw. What the model says is simulated, and never stored."""

FREES: Final[tuple[HookName, ...]] = ("evict_inode", "destroy_inode", "free_inode")
"""The hooks that metadata of an inode of guest_memfd was ever to be freed in."""

FREEING: Final = ("free", "free struct", "free to inode_cachep")
"""Verbs that give memory back at once. (model/design/actions.py)"""

WORDS: Final = ("title", "who", "change", "subject", "design", "release", "but")
DAYS: Final = ("when", "mailed")
NEEDED: Final = ("title", "who", "change")


@shows_itself
@dataclass(frozen=True, slots=True)
class Entry:
    """Give one step of the history: when, whose, what changed, and what that rests on.

    `when` is that of the release, where the entry is about one, or else of the mail; None where no
    day is known. `subject` is that of the mail which the step is about, and the first of what was
    read; `mailed` is its day where that is another. `evidence` are (kind, words), a kind of
    EVIDENCE. `design` names what can be played ("" for none) in the gallery; for a `release` whose
    facts are not shipped it stands in, and `but` says how it differs.
    """

    title: str
    who: str
    change: str
    evidence: tuple[tuple[str, str], ...]
    when: date | None = None
    subject: str = ""
    design: str = ""
    release: str = ""
    but: str = ""
    mailed: date | None = None

    @property
    def day(self) -> str:
        """Return the day in words, also where it is unknown."""
        return _in_words(self.when) if self.when else "day unknown"

    @property
    def played(self) -> str:
        """Return which Design is played on which kernel's facts, and what it is not."""
        if not self.design:
            return ""
        kernel = gallery(self.design).kernel
        stands_in = f", standing in for {self.release}" if self.release not in ("", kernel) else ""
        return f"{self.design} on {kernel}{stands_in}{self.but and f'; {self.but}'}"

    @property
    def report(self) -> Report | None:
        """Return what `check` finds now of the Design that is played; None where there is none."""
        return check(gallery(self.design)) if self.design else None


@cache
def history() -> tuple[Entry, ...]:
    """Return the steps, oldest first."""
    text = files("gmemviz.study").joinpath("history.toml").read_text(encoding="utf-8")
    return read_history(text)


def read_history(text: str) -> tuple[Entry, ...]:
    """Return the entries that TOML text says.

    UnknownNameError for a key, Design, kernel or recording that is not known; FactsError where
    something is missing, is not what it should be, or is not in the facts that it points to.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FactsError(f"the history is not TOML: {error}") from None
    for key in table:
        choice("key of the history", key, ("entry",))
    found = tuple(map(_entry, table.get("entry", [])))
    days = [entry.when or date.max for entry in found]
    if days != sorted(days):
        raise FactsError("the history must go from the oldest entry to the newest")
    return found


def _entry(table: Mapping[str, Any]) -> Entry:
    title = table.get("title", "without a title")
    for key in table:
        choice(f"key of the entry {title}", key, (*DAYS, *WORDS, *EVIDENCE))
    words = {key: _text(title, key, table[key]) for key in WORDS if key in table}
    missing = [key for key in NEEDED if not words.get(key)]
    if missing:
        raise FactsError(f"the entry {title} has no {' and no '.join(missing)}")
    days = {key: _day(title, key, table[key]) for key in DAYS if key in table}
    if "design" in words:
        choice("design", words["design"], designs())
    evidence = tuple(_evidence(title, table))
    entry = Entry(evidence=evidence, when=days.get("when"), mailed=days.get("mailed"), **words)
    if entry.subject:
        sent = entry.mailed or entry.when
        mail = "read", f"{entry.subject}, {entry.who}, {_in_words(sent) if sent else entry.day}"
        entry = replace(entry, evidence=(mail, *entry.evidence))
    if not entry.evidence:
        raise FactsError(f"the entry {title} has no evidence: none of {', '.join(EVIDENCE)}")
    return entry


def _in_words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _day(title: str, key: str, value: object) -> date:
    if type(value) is not date:  # a moment of a day is a date, too
        raise FactsError(f"{key} of the entry {title} must be a day, not {value!r}")
    return value


def _text(title: str, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise FactsError(f"{key} of the entry {title} must be text, not {value!r}")
    return value


def _evidence(title: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from gmemviz.record import recordings  # the room that boots kernels, for a list of names

    for kind in EVIDENCE:
        rests_on = table.get(kind, [])
        if not isinstance(rests_on, list):
            raise FactsError(f"{kind} of the entry {title} must be a list, not {rests_on!r}")
        for words in rests_on:
            text = _text(title, kind, words)
            if kind == "recorded":
                choice("recording", text, recordings())
            yield kind, str(_place(text)) if kind == "extracted" else text


def _place(text: str) -> Source:
    # PATH:NAME@vKERNEL, where NAME is a function, a table of hooks, or struct.member.
    path, _, rest = text.partition(":")
    name, _, kernel = rest.partition("@v")
    facts = load(choice("kernel", kernel, kernels()))
    line = _line(facts, path, name)
    if line is None:
        raise FactsError(f"the facts of {kernel} have no {name} in {path}")
    return Source(path, line, name, facts.tag)


def _line(facts: Facts, path: str, name: str) -> int | None:
    struct, _, member = name.partition(".")
    places = [(function.path, function.line) for function in facts.functions.get(name, ())]
    places += [(table.path, table.line) for table in facts.tables if table.name == name]
    if field := facts.fields.get((struct, member)):
        places.append((field.path, field.line))
    return dict(places).get(path)


def frees(design: Design) -> dict[HookName, str]:
    """Return what a Design frees in each hook of FREES; NULL for a hook that is not set."""
    freed: dict[HookName, str] = {}
    for hook in FREES:
        body = design.body(hook) or ()
        words = [action.metadata or "struct" for action in body if action.verb in FREEING]
        is_null = design.body(hook) is None
        freed[hook] = "NULL" if is_null else ", ".join(words) or "nothing"
    return freed


def history_frame() -> "pd.DataFrame":
    """Return the played steps as a table: place, what each hook frees, and the verdict.

    The verdict is searched for now, by `check`.
    """
    with needs("lab"):
        import pandas as pd

    rows = {entry.title: _row(entry) for entry in history() if entry.design}
    return pd.DataFrame.from_dict(rows, orient="index")


def _row(entry: Entry) -> dict[Any, str]:
    design = gallery(entry.design)
    return {
        "mount": design.mount.name,
        "metadata in": ", ".join(dict.fromkeys(placements(design).values())),
        **frees(design),
        "simulated": verdict(check(design)),
        "played": entry.played,
    }
