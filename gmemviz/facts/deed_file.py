"""Keep the deeds of every table of a kernel in a file, and read them a table at a time.

One record a table, of whatever type its reader makes (`derive.TableRead`), packed. A table goes by
``path:line name``: two of one name may stand in one file, under one #if and another. As in a
snapshot nothing is kernel text, and the package that it is of is named with its checksum.
"""

import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from gmemviz.errors import FactsError
from gmemviz.facts.packed import Packer, Unpacker
from gmemviz.facts.records import OpsTable
from gmemviz.facts.snapshot import Facts, Lazy
from gmemviz.whole import write_whole

SCHEMA: Final = 1
_KEYS: Final = {
    "schema": int, "kernel": str, "release": str, "package": str, "sha256": str,
    "words": list, "fields": dict, "tables": dict,
}  # fmt: skip
"""What a file has, and of which type."""

_DAMAGE: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)

TableDeeds = TypeVar("TableDeeds")


def table_key(table: OpsTable) -> str:
    """Return what a table goes by in a file of deeds."""
    return f"{table.path}:{table.line} {table.name}"


def write(path: Path, facts: Facts, tables: Mapping[str, object]) -> None:
    """Write a record for each table, by `table_key`; the same records give the same bytes."""
    packer = Packer()
    packed = {key: _text(packer.pack(record)) for key, record in tables.items()}
    of = {"kernel": facts.kernel, "release": facts.release}
    of |= {"package": facts.package, "sha256": facts.sha256}
    shared = {"words": packer.words, "fields": packer.fields}
    text = _text({"schema": SCHEMA, **of, **shared, "tables": packed})
    write_whole(path, lzma.compress(text.encode("ascii"), preset=9))


def _text(data: object) -> str:
    return json.dumps(data, separators=(",", ":"))


def read(path: Path, kind: type[TableDeeds]) -> Mapping[str, TableDeeds]:
    """Return the record of each table, unpacked as `kind` when it is first asked for.

    FactsError for a file that is damaged or of another schema.
    """
    try:
        data = json.loads(lzma.decompress(path.read_bytes()))
    except (ValueError, lzma.LZMAError) as error:
        raise FactsError(f"{path} has no deeds: {error}") from error
    except OSError as error:
        raise FactsError(f"cannot read {path}: {error.strerror or error}") from error
    _check(data, path)
    unpacker = Unpacker(data["words"], data["fields"])

    def record(key: str) -> TableDeeds:
        try:
            found: TableDeeds = unpacker.unpack(kind, json.loads(data["tables"][key]))
        except _DAMAGE as error:
            raise FactsError(f"{path} is damaged: the deeds of {key} cannot be read") from error
        return found

    return Lazy(data["tables"], record)


def _check(data: Any, path: Path) -> None:
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise FactsError(f"{path} has no deeds of schema {SCHEMA}; make it anew with `make facts`")
    for key, kind in _KEYS.items():
        if not isinstance(data.get(key), kind):
            raise FactsError(f"{path} is damaged: {key!r} is missing or not a {kind.__name__}")
