"""Write a derived Design as a page of TOML that `check --design` takes, with where it comes from.

[hooks.free_inode]
function = "toy_free_inode"
does = [
    "free body via kfree",
]
at = [
    "toy.c:52",
]
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gmemviz.derive.records import Derived
from gmemviz.facts import Source
from gmemviz.model.design import LOOSE, spelled
from gmemviz.text import printable

TITLED: Final = ("hooks", "actors", "callbacks")
"""Keys whose tables have a body each; the `LOOSE` ones have their places in a table `at`."""

Places = Mapping[tuple[str, str], tuple[Source, ...]]


def with_places(table: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Return a Design's table with `at` beside each `does`: the statements behind each line.

    `places` are by (body, line). Of a line that stands in no source it is "", as for path walk's
    own reading of i_link (fs/namei.c:pick_link@v6.12).
    """
    found = dict(table)
    for group in TITLED:
        if group in table:
            found[group] = {name: _placed(name, own, places) for name, own in table[group].items()}
    loose = {key: _at(key, table[key], places) for key in LOOSE if table.get(key)}
    return found | ({"at": loose} if loose else {})


def _placed(name: str, own: Mapping[str, Any], places: Places) -> dict[str, Any]:
    return {**own, "at": _at(name, own["does"], places)} if own.get("does") else dict(own)


def _at(name: str, does: Iterable[str], places: Places) -> list[str]:
    return [spelled(places.get((name, line), ())) for line in does]


def toml(derived: Derived, way: int = 0) -> str:
    """Return the page of one way; what it rests on stands in front, as comments."""
    table = derived.texts[way]
    name = derived.table.filesystem or derived.table.name
    lines = [f"# {derived.table.path}:{derived.table.line}: {derived.table.name}"]
    lines += [f"# assumed: {words}" for words in derived.assumed]
    lines += [f"# unread: {unread}" for unread in derived.unread]
    lines.append(f"name = {_value(name)}")
    groups = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    lines += [f"{key} = {_value(value)}" for key, value in table.items() if key not in groups]
    for group, entries in groups.items():
        if group == "at":
            lines += ["", "[at]", *_entry(entries)]
            continue
        for key, entry in entries.items():
            lines += ["", f"[{group}.{_key(key)}]", *_entry(entry)]
    return printable("\n".join(lines)) + "\n"


# Actions and their places are many and long: a line each.
def _entry(entry: Mapping[str, Any]) -> Iterable[str]:
    for key, value in entry.items():
        if key not in ("does", "at", *LOOSE):
            yield f"{key} = {_value(value)}"
            continue
        yield f"{key} = ["
        for line in value:
            yield f"    {_value(line)},"
        yield "]"


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else _value(name)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return f'"{value}"'
