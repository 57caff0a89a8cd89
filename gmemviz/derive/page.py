"""Write a derived Design as a page of TOML that `check --design` takes, with where it comes from.

[hooks.free_inode]
function = "toy_free_inode"
does = [
"free body via kfree",  # super.c:52
]
"""

from collections.abc import Iterable, Mapping
from typing import Any

from gmemviz.derive.records import Derived
from gmemviz.facts import Source
from gmemviz.text import printable


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
        for key, entry in entries.items():
            lines += ["", f"[{group}.{_key(key)}]", *_entry(key, entry, derived.places)]
    return printable("\n".join(lines)) + "\n"


def _entry(
    title: str, entry: Mapping[str, Any], places: Mapping[tuple[str, str], tuple[Source, ...]]
) -> Iterable[str]:
    for key, value in entry.items():
        if key != "does":
            yield f"{key} = {_value(value)}"
            continue
        yield "does = ["
        for line in value:
            at = " -> ".join(
                f"{place.path}:{place.line}" for place in places.get((title, line), ())
            )
            yield f"    {_value(line)},{'  # ' + at if at else ''}"
        yield "]"


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else _value(name)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return f'"{value}"'
