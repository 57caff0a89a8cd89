"""Read the words of a Design that somebody wrote: a table of TOML, checked key by key.

Nothing of the kernel stands behind it. Whatever is wrong is one sentence with the key, what stands
there, and the nearest word that is allowed: a stranger's file is never a traceback.
"""

import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from gmemviz.errors import DesignError, Word, choice, choices, meant
from gmemviz.facts import HOOKS, HookName
from gmemviz.model.design import limits
from gmemviz.model.design.choices import (
    GALLERY_PLACEMENTS,
    METADATA,
    READERS,
    RELEASES,
    Metadata,
    PlacementName,
)
from gmemviz.text import brief, printable

_NEEDS: Final = ("owns_object", "scarce", "born_in_alloc", "left_empty", "put_sleeps", "embeds")
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
            f"{key} must be one of {', '.join(allowed)} in quotes, not {brief(table[key])}{near}"
        )
    return choice(key, table[key], allowed)


def text(table: Mapping[str, Any], key: str, default: str = "") -> str:
    """Return the text under `key`, on one line."""
    value = table.get(key, default)
    if not isinstance(value, str):
        raise DesignError(f"{key} must be text, not {brief(value)}")
    return " ".join(value.split())


def flag(table: Mapping[str, Any], key: str, *, default: bool) -> bool:
    """Return whether `key` says true."""
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise DesignError(f"{key} must be true or false, not {brief(value)}")
    return value


def names(table: Mapping[str, Any], key: str, allowed: Collection[str]) -> tuple[str, ...]:
    """Return the list of words under `key`, each one of `allowed`."""
    words = _words(table.get(key, []), key)
    limits.refuse_many(key, words, limits.LISTED)
    return choices(key, words, allowed)


def _words(value: object, key: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise DesignError(f"{key} must be a list of words, not {brief(value)}")
    return value


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise DesignError(f"{key} must be a table, not {brief(value)}")
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
        if isinstance(value, str):
            kind = METADATA[choice("metadata", name, METADATA)]
            yield name, (kind, choice("placement", value, GALLERY_PLACEMENTS))
        else:
            own = _table(written, name)
            yield name, (_kind(name, own), one_of(own, "placement", GALLERY_PLACEMENTS))


def _kind(name: str, own: Mapping[str, Any]) -> Metadata:
    limits.refuse_name(name)
    within(own, ("placement", "says", "read_by", "release", *_NEEDS), f"metadata {name}")
    like = METADATA.get(name, Metadata(name, "metadata that the Design brings"))
    release = one_of(own, "release", RELEASES) if "release" in own else like.release
    return Metadata(
        name,
        text(own, "says", like.says),
        names(own, "read_by", READERS) if "read_by" in own else like.read_by,
        release=release,
        **{need: flag(own, need, default=getattr(like, need)) for need in _NEEDS},
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
            raise DesignError(f"{hook} must be a list of actions or a table, not {brief(value)}")
        body: dict[str, Any] = value
        within(body, ("does", "function"), f"hooks.{hook}")
        does[hook] = tuple(_words(body.get("does", []), f"hooks.{hook}.does"))
        if "function" in body:
            functions[hook] = text(body, "function")
    return does, functions
