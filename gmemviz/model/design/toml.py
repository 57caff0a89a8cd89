"""Read the words of a Design that somebody wrote: a table of TOML, checked key by key.

Nothing of the kernel stands behind it. Whatever is wrong is one sentence with the key, what stands
there, and the nearest word that is allowed: a stranger's file is never a traceback.
"""

import re
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from gmemviz.errors import (
    DesignError,
    UnknownNameError,
    Word,
    WordError,
    choice,
    choices,
    meant,
    under,
)
from gmemviz.facts import HOOKS, HookName
from gmemviz.model.design import limits
from gmemviz.model.design.actions import INODE_KINDS, Action, InodeKind
from gmemviz.model.design.actors import (
    BY_ITSELF,
    FROM,
    HOLDS,
    LOCKS,
    RUNS,
    UNTIL,
    Callback,
    DeclaredActor,
    From,
    Holds,
    Lock,
    Until,
)
from gmemviz.model.design.choices import (
    GALLERY_PLACEMENTS,
    METADATA,
    READERS,
    RELEASES,
    Metadata,
    PlacementName,
)
from gmemviz.text import brief, printable

NEEDS: Final = ("owns_object", "scarce", "born_in_alloc", "left_empty", "put_sleeps", "embeds",
    "by_i_mapping",
    "before_root",
    "per_file",
)  # fmt: skip
"""Keys of a kind of metadata that are true or false."""


def table_of_text(written: str) -> dict[str, Any]:
    """Return the table that TOML text says; DesignError with line and column where it is none.

    It may begin with a byte order mark, and is no longer or deeper than `limits` allows.
    """
    limits.refuse_long("the TOML", written, limits.LONGEST)
    limits.refuse_deep(written)
    try:
        table = tomllib.loads(written.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise DesignError(f"not TOML: {printable(str(error))}") from None
    except ValueError:
        digits = sys.get_int_max_str_digits()
        raise DesignError(f"an integer has more than {digits:,} digits") from None
    limits.refuse_values(table)
    return table


def at_its_line(refused: WordError, written: str) -> WordError:
    r"""Return a refusal with the line of TOML text that has the word, where one is found.

    What is refused is looked for in quotes, as a key, and then within quotes.

    >>> print(at_its_line(DesignError("no such word: 'fre'", "fre"), 'a = 1\nb = "fre"'))
    line 2: no such word: 'fre'
    """
    line = line_of(refused.about, written)
    return type(refused)(f"line {line}: {refused}", refused.about) if line else refused


def line_of(word: str, written: str, *, after: int = 0) -> int:
    r"""Return the line of TOML text that has a word, the first `after` so many; 0 where none has.

    >>> line_of("fre tree", 'a = ["fre tree",\n "fre tree"]', after=1)
    2
    """
    plain = re.escape(word)
    for pattern in (
        rf"""["']{plain}["']""",
        rf"""\b{plain}\b["']?\s*[=.\]]""",
        rf"""["'][^"'\n]*{plain}""",
    ):
        places = [found.start() for found in re.finditer(pattern, written)] if word else []
        if places:
            return written.count("\n", 0, places[min(after, len(places) - 1)]) + 1
    return 0


def within(table: Mapping[str, Any], keys: Collection[str], where: str) -> None:
    """Raise UnknownNameError for a key that `where` does not have."""
    for key in table:
        choice(f"key of {where}", key, keys)


def one_of(
    table: Mapping[str, Any], key: str, allowed: Collection[Word], default: Word | None = None
) -> Word:
    """Return the word under `key`; DesignError where it is no word, or missing with no default."""
    if default and key not in table:
        return default
    if key not in table:
        raise DesignError(f"{key} is missing (must be one of {', '.join(allowed)})")
    if not isinstance(table[key], str):
        near = meant(table[key], allowed)
        raise DesignError(
            f"{key} must be one of {', '.join(allowed)} in quotes, not {brief(table[key])}{near}",
            key,
        )
    return choice(key, table[key], allowed)


def text(table: Mapping[str, Any], key: str, default: str = "") -> str:
    """Return the text under `key`, on one line."""
    value = table.get(key, default)
    if not isinstance(value, str):
        raise DesignError(f"{key} must be text, not {brief(value)}", key)
    return " ".join(value.split())


def flag(table: Mapping[str, Any], key: str, *, default: bool) -> bool:
    """Return whether `key` says true."""
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise DesignError(f"{key} must be true or false, not {brief(value)}", key)
    return value


def names(table: Mapping[str, Any], key: str, allowed: Collection[str]) -> tuple[str, ...]:
    """Return the list of words under `key`, each one of `allowed`."""
    words = _words(table.get(key, []), key)
    limits.refuse_many(key, words, limits.LISTED)
    return choices(key, words, allowed)


def _words(value: object, key: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise DesignError(f"{key} must be a list of words, not {brief(value)}", key)
    return value


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise DesignError(f"{key} must be a table, not {brief(value)}", key)
    return value


def kinds(table: Mapping[str, Any]) -> dict[str, tuple[Metadata, PlacementName]]:
    """Return each kind of metadata by name, with the placement that it is kept in.

    A kind is one of METADATA with its placement, or a table that says what it needs.
    """
    written = _table(table, "metadata")
    limits.refuse_many("kinds of metadata", written, limits.KINDS)
    return dict(_kinds(written))


def _kinds(written: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Metadata, PlacementName]]]:
    for name, value in sorted(written.items()):
        with under(f"metadata.{printable(name)}"):
            if isinstance(value, str):
                kind = METADATA[choice("metadata", name, METADATA)]
                kept = kind, choice("placement", value, GALLERY_PLACEMENTS)
            else:
                own = _table(written, name)
                kept = _kind(name, own), one_of(own, "placement", GALLERY_PLACEMENTS)
        yield name, kept


def _kind(name: str, own: Mapping[str, Any]) -> Metadata:
    limits.refuse_name(name)
    within(own, ("placement", "says", "read_by", "release", "of", *NEEDS), f"metadata {name}")
    like = METADATA.get(name, Metadata(name, "metadata that the Design brings"))
    release = one_of(own, "release", RELEASES) if "release" in own else like.release
    return Metadata(
        name,
        text(own, "says", like.says),
        names(own, "read_by", READERS) if "read_by" in own else like.read_by,
        release=release,
        of=names(own, "of", INODE_KINDS) if "of" in own else like.of,
        **{need: flag(own, need, default=getattr(like, need)) for need in NEEDS},
    )


def bodies(
    table: Mapping[str, Any],
) -> tuple[dict[HookName, tuple[str, ...]], dict[HookName, str]]:
    """Return what each hook does, and the function that does it where one is named."""
    written = _table(table, "hooks")
    does: dict[HookName, tuple[str, ...]] = {}
    functions: dict[HookName, str] = {}
    limits.refuse_many("hooks", written, limits.LISTED)
    for word, value in written.items():
        hook = choice("hook", word, HOOKS)
        if isinstance(value, list):
            does[hook] = tuple(_words(value, hook))
            continue
        if not isinstance(value, dict):
            raise DesignError(
                f"{hook} must be a list of actions or a table, not {brief(value)}", word
            )
        body: dict[str, Any] = value
        within(body, ("does", "function", "at"), f"hooks.{hook}")
        does[hook] = tuple(_words(body.get("does", []), f"hooks.{hook}.does"))
        if "function" in body:
            functions[hook] = text(body, "function")
    return does, functions


def named_tables(table: Mapping[str, Any], key: str) -> dict[str, Mapping[str, Any]]:
    """Return the tables under `key` by the name that each has."""
    written = _table(table, key)
    limits.refuse_many(key, written, limits.ACTORS)
    for name in written:
        limits.refuse_name(name, what=f"a name of {key}")
    return {name: _table(written, name) for name in sorted(written)}


def names_of_own(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return the list of names under `key`, which are the Design's own."""
    words = _words(table.get(key, []), key)
    limits.refuse_many(key, words, limits.ACTORS)
    for name in words:
        limits.refuse_name(name, what=f"a name of {key}")
    return tuple(dict.fromkeys(words))


def inode_kinds(table: Mapping[str, Any]) -> tuple[InodeKind, ...]:
    """Return which kinds of inode the Design makes; regular files where it does not say."""
    if "kinds" not in table:
        return ("regular",)
    allowed = tuple(kind for kind in INODE_KINDS if kind != "bad")
    words = names(table, "kinds", allowed)
    if not words:
        raise DesignError(f"kinds must name at least one of {', '.join(allowed)}")
    return tuple(kind for kind in allowed if kind in words)


def locks(table: Mapping[str, Any]) -> tuple[Lock, ...]:
    """Return the locks: each with the kind that it is of."""
    written = _table(table, "locks")
    limits.refuse_many("locks", written, limits.ACTORS)
    for name in written:
        limits.refuse_name(name, what="a lock")
    return tuple(Lock.of_word(name, one_of(written, name, LOCKS)) for name in sorted(written))


def statements(
    table: Mapping[str, Any],
    key: str,
    kinds: Mapping[str, Metadata],
    named: Mapping[str, Collection[str]],
) -> tuple[Action, ...]:
    """Return the body under `key`: one Action a line."""
    words = _words(table.get(key, []), key)
    limits.refuse_many(f"actions of {key}", words, limits.ACTIONS)
    with under(key):
        return tuple(Action.parse(line, kinds, names=named) for line in words)


def actors(
    table: Mapping[str, Any],
    kinds: Mapping[str, Metadata],
    named: Mapping[str, Collection[str]],
) -> Iterator[DeclaredActor]:
    """Yield each actor that the Design declares, by name."""
    for name, own in named_tables(table, "actors").items():
        with under(f"actors.{name}"):
            who = _actor(name, own, kinds, named)
        yield who


def _actor(
    name: str,
    own: Mapping[str, Any],
    kinds: Mapping[str, Metadata],
    named: Mapping[str, Collection[str]],
) -> DeclaredActor:
    within(own, ("holds", "from", "until", "times", "does", "at", "says"), f"actors.{name}")
    holds, lock = _holds(own, named)
    body = statements(own, "does", kinds, named)
    if not body:
        raise DesignError(f"{name} does nothing: does must list its actions", name)
    who = DeclaredActor(name, body, holds, lock)
    usual: From = "listed" if who.walks and holds in BY_ITSELF else "open"
    begins = one_of(own, "from", FROM, usual)
    if begins == "listed" and not who.walks:
        says = "begins listed, and its first word is no walk (walk LIST)"
        raise DesignError(f"{name} {says}", "from")
    until: Until = one_of(own, "until", UNTIL) if "until" in own else ""
    times = own.get("times", 2)
    if times not in (1, 2) or isinstance(times, bool):
        raise DesignError(f"times must be 1, or 2 for any number, not {brief(times)}", "times")
    says = text(own, "says")
    return replace(who, begins=begins, until=until, times=times, says=says)


# ``lock NAME`` is the one that has a name behind it, and only a lock of this Design's will do.
def _holds(own: Mapping[str, Any], named: Mapping[str, Collection[str]]) -> tuple[Holds, str]:
    said = text(own, "holds", "nothing")
    if said.startswith("lock "):
        lock = choice("lock", said.removeprefix("lock "), tuple(named["LOCK"]))
        return "lock", lock
    allowed = tuple(word for word in HOLDS if word != "lock")
    if said not in allowed:
        spelled = (*allowed, "lock NAME")
        near = meant(said, spelled)
        raise UnknownNameError(
            f"unknown holds: {brief(said)} (must be one of {', '.join(spelled)}){near}",
            said,
        )
    return one_of(own, "holds", allowed, "nothing"), ""


def callbacks(
    table: Mapping[str, Any],
    kinds: Mapping[str, Metadata],
    named: Mapping[str, Collection[str]],
) -> Iterator[Callback]:
    """Yield each callback that the Design declares, by name."""
    for name, own in named_tables(table, "callbacks").items():
        with under(f"callbacks.{name}"):
            within(own, ("runs", "does", "at"), f"callbacks.{name}")
            does = statements(own, "does", kinds, named)
            runs = one_of(own, "runs", RUNS, "rcu")
        yield Callback(name, does, runs)
