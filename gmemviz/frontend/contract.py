"""Check the JSON-plain film that Python hands to the front end.

The browser takes what it gets: an id becomes part of a CSS selector, a role part of a class, an
SVG part of the document. So all of it is held here against what the front end can take, and
refused by the place where it stands, such as `film.frames[3].roles`.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

TEXTS: Final = ("title", "origin", "note", "text")
"""What a film itself says in strings."""

LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "pictures": ("name", "title", "svg", "alt"),
    "legend": ("role", "label", "symbol"),
    "frames": ("label", "actor", "context", "hook", "sentence", "source", "defect"),
}
"""Its lists of mappings, and what each of these says in strings."""

PLAIN_ID: Final = re.compile(r"[A-Za-z0-9_]+")
ROLE: Final = re.compile(r"[A-Za-z0-9_-]+")


def checked_film(film: Mapping[str, Any]) -> dict[str, Any]:
    """Return an own copy of `film`, or raise ValueError naming what is wrong.

    What may be left out is empty in the copy: `note`, `text`, `legend` and `contexts`. An id that
    some frame dresses has to occur once in all pictures, or two shapes would change together.
    """
    if not isinstance(film, Mapping):
        raise ValueError(f"film must be a mapping, not {type(film).__name__}")
    whole: dict[str, Any] = {"note": "", "text": "", "legend": [], "contexts": {}, **film}
    _check_texts("film", whole, TEXTS)
    for name, texts in LISTS.items():
        _check_list(name, whole, texts)
    for name in ("pictures", "frames"):
        if not whole[name]:
            raise ValueError(f"film.{name} must not be empty")
    _check_mapping("film.contexts", whole["contexts"])
    for number, frame in enumerate(whole["frames"]):
        _check_roles(f"film.frames[{number}].roles", frame.get("roles"))
    _check_pictures(whole)
    return _plain(whole)


def clamped(index: int, film: Mapping[str, Any]) -> int:
    """Return `index`, from 0, brought into the frames of `film`."""
    return max(0, min(index, len(film["frames"]) - 1))


def _check_texts(where: str, value: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if not isinstance(value.get(name), str):
            raise ValueError(f"{where}.{name} must be a string, not {value.get(name)!r:.60}")


def _check_list(name: str, film: Mapping[str, Any], texts: tuple[str, ...]) -> None:
    items = film.get(name)
    if not isinstance(items, (list, tuple)):
        raise ValueError(f"film.{name} must be a list, not {type(items).__name__}")
    for number, item in enumerate(items):
        if not isinstance(item, Mapping):
            raise ValueError(f"film.{name}[{number}] must be a mapping, not {item!r:.60}")
        _check_texts(f"film.{name}[{number}]", item, texts)


def _check_mapping(where: str, value: object) -> None:
    is_plain = isinstance(value, Mapping) and all(
        isinstance(word, str) for word in (*value.keys(), *value.values())
    )
    if not is_plain:
        raise ValueError(f"{where} must map strings to strings, not {value!r:.60}")


def _check_roles(where: str, roles: Any) -> None:
    _check_mapping(where, roles)
    for element, role in roles.items():
        if not PLAIN_ID.fullmatch(element):
            raise ValueError(f"{where}: {element!r} is no element id ([A-Za-z0-9_]+)")
        if not ROLE.fullmatch(role):
            raise ValueError(f"{where}[{element!r}]: {role!r} is no role ([A-Za-z0-9_-]+)")


def _check_pictures(film: Mapping[str, Any]) -> None:
    names = Counter(picture["name"] for picture in film["pictures"])
    for name, count in names.items():
        if count > 1:
            raise ValueError(f"film.pictures: {count} pictures are named {name!r}")
    ids: Counter[str] = Counter()
    for number, picture in enumerate(film["pictures"]):
        ids.update(_ids_of(f"film.pictures[{number}].svg", picture["svg"]))
    styled: set[str] = set()
    for frame in film["frames"]:
        styled.update(frame["roles"])
    for element in sorted(styled):
        if ids[element] > 1:
            raise ValueError(f"film.pictures: id {element!r} occurs {ids[element]} times")


# Starting with "<svg" leaves no room for a DOCTYPE, and so for entities.
def _ids_of(where: str, svg: str) -> list[str]:
    if not svg.startswith("<svg"):
        raise ValueError(f"{where} must start with '<svg', not {svg[:20]!r}")
    try:
        root = ET.fromstring(svg)
    except ET.ParseError as error:
        raise ValueError(f"{where} is not well-formed: {error}") from error
    return [element.attrib["id"] for element in root.iter() if "id" in element.attrib]


def _plain(film: Mapping[str, Any]) -> dict[str, Any]:
    try:
        copy = json.loads(json.dumps(film, allow_nan=False, default=dict))
    except (TypeError, ValueError) as error:
        raise ValueError(f"film is not plain JSON: {error}") from error
    return {str(key): value for key, value in copy.items()}
