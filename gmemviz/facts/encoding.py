"""Write facts as compressed JSON, and read them back an entry at a time.

A function is one string, ``path line flags|callee kind guard line of;...``: path is a
number of the files list, lines count from the line of the definition, kind and guard
are one letter each, and `of` is the struct of a hook, or the hook of a default. A table
is ``name|path|line|filesystem,carrier,...|member=function@line ...|member condition;...``.
Nothing in it is kernel text.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from gmemviz.errors import FactsError
from gmemviz.facts.records import Call, CallKind, Field, Function, Guard, OpsTable
from gmemviz.facts.snapshot import Facts, Lazy
from gmemviz.whole import write_whole

SCHEMA: Final = 3
KINDS: Final[dict[str, CallKind]] = {
    "d": "direct",
    "i": "inline",
    "o": "ops",
    "l": "deferred",
    "n": "default",
}
GUARDS: Final[dict[str, Guard]] = {
    "-": "",
    "s": "hook-set",
    "u": "hook-unset",
    "i": "if",
    "e": "else",
    "l": "loop",
    "c": "case",
    "x": "early-exit",
}
KIND_LETTER = {kind: letter for letter, kind in KINDS.items()}
GUARD_LETTER = {guard: letter for letter, guard in GUARDS.items()}
SLOT_MARKS: Final = re.compile("[=@]")
KEYS: Final = {
    "schema": int,
    "kernel": str,
    "release": str,
    "package": str,
    "sha256": str,
    "files": list,
    "functions": dict,
    "tables": dict,
    "fields": list,
    "skipped": list,
}


def write(facts: Facts, path: Path, *, reads: Iterable[Path] = ()) -> None:
    """Write a snapshot, never over what it `reads`; the same facts give the same bytes."""
    text = json.dumps(_encode(facts), separators=(",", ":"), ensure_ascii=True)
    write_whole(path, gzip.compress(text.encode("ascii"), 9, mtime=0), reads=reads)


def read(path: Path) -> Facts:
    """Read a snapshot; what is damaged or of another schema raises FactsError."""
    try:
        data = json.loads(gzip.decompress(path.read_bytes()))
    except (EOFError, ValueError, gzip.BadGzipFile, zlib.error) as error:
        raise FactsError(f"{path} is not a facts snapshot: {error}") from error
    except OSError as error:
        raise FactsError(f"cannot read {path}: {error.strerror or error}") from error
    _check(data, path)
    return _decode(data, path)


def _check(data: Any, path: Path) -> None:
    if not isinstance(data, dict) or "schema" not in data:
        raise FactsError(f"{path} is not a facts snapshot: it has no schema number")
    if data["schema"] != SCHEMA:
        raise FactsError(
            f"{path} has schema {data['schema']!r}, and this gmemviz reads schema {SCHEMA};"
            " make it anew with `gmemviz extract`"
        )
    for key, kind in KEYS.items():
        if not isinstance(data.get(key), kind):
            raise FactsError(f"{path} is damaged: {key!r} is missing or not a {kind.__name__}")


def _encode(facts: Facts) -> dict[str, Any]:
    paths = {function.path for group in facts.functions.values() for function in group}
    paths |= {table.path for table in facts.tables}
    paths |= {field.path for field in facts.fields.values()}
    files = sorted(paths)
    number = {path: index for index, path in enumerate(files)}
    return {
        "schema": SCHEMA,
        "kernel": facts.kernel,
        "release": facts.release,
        "package": facts.package,
        "sha256": facts.sha256,
        "files": files,
        "functions": {
            name: "\n".join(_encode_function(function, number) for function in group)
            for name, group in facts.functions.items()
        },
        "tables": {
            struct: [
                _encode_table(table, number) for table in facts.tables if table.struct == struct
            ]
            for struct in sorted({table.struct for table in facts.tables})
        },
        "fields": [
            [field.struct, field.name, number[field.path], field.line, field.condition]
            for field in facts.fields.values()
        ],
        "skipped": [list(entry) for entry in facts.skipped],
    }


def _encode_function(function: Function, number: Mapping[str, int]) -> str:
    flags = "s" * function.static + "i" * function.inline
    calls = (
        f"{call.callee} {KIND_LETTER[call.kind]}{GUARD_LETTER[call.guard]}"
        f"{call.line - function.line} {call.struct or call.hook}".rstrip()
        for call in function.calls
    )
    return f"{number[function.path]} {function.line} {flags}|{';'.join(calls)}"


def _encode_table(table: OpsTable, number: Mapping[str, int]) -> str:
    slots = " ".join(
        f"{member}={target}@{line - table.line}"
        for (member, target), line in zip(table.slots, table.lines, strict=True)
    )
    conditions = ";".join(f"{member} {condition}" for member, condition in table.conditions)
    place = f"{number[table.path]}|{table.line}"
    names = ",".join((table.filesystem, *table.carriers))
    return f"{table.name}|{place}|{names}|{slots}|{conditions}"


def _decode(data: dict[str, Any], path: Path) -> Facts:
    files: list[str] = data["files"]
    functions: dict[str, str] = data["functions"]

    def function(name: str) -> tuple[Function, ...]:
        try:
            return tuple(_decode_function(name, one, files) for one in functions[name].split("\n"))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise FactsError(f"{path} is damaged: function {name!r} cannot be read") from error

    def tables() -> tuple[OpsTable, ...]:
        try:
            return tuple(
                _decode_table(struct, entry, files)
                for struct, group in data["tables"].items()
                for entry in group
            )
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise FactsError(f"{path} is damaged: its tables cannot be read") from error

    def fields() -> dict[tuple[str, str], Field]:
        try:
            return {
                (struct, name): Field(struct, name, files[file], line, condition)
                for struct, name, file, line, condition in data["fields"]
            }
        except (IndexError, TypeError, ValueError) as error:
            raise FactsError(f"{path} is damaged: its fields cannot be read") from error

    return Facts(
        kernel=data["kernel"],
        release=data["release"],
        package=data["package"],
        sha256=data["sha256"],
        functions=Lazy(functions, function),
        read_tables=tables,
        read_fields=fields,
        skipped=tuple((str(path), str(why)) for path, why in data["skipped"]),
    )


def _decode_function(name: str, text: str, files: list[str]) -> Function:
    head, _, rest = text.partition("|")
    file, line_text, flags = head.split(" ")
    line = int(line_text)
    calls = tuple(_decode_call(call, line) for call in rest.split(";")) if rest else ()
    return Function(name, files[int(file)], line, "s" in flags, "i" in flags, calls)


def _decode_call(text: str, line: int) -> Call:
    callee, code, *rest = text.split(" ")
    kind, guard, of = KINDS[code[0]], GUARDS[code[1]], rest[0] if rest else ""
    struct, hook = ("", of) if kind == "default" else (of, "")
    return Call(callee, kind, line + int(code[2:]), guard, struct, hook)


def _decode_table(struct: str, text: str, files: list[str]) -> OpsTable:
    name, file, line_text, names, slot_text, condition_text = text.split("|", 5)
    line = int(line_text)
    slots = []
    lines = []
    for slot in slot_text.split():
        member, target, offset = SLOT_MARKS.split(slot)
        slots.append((member, target))
        lines.append(line + int(offset))
    conditions = tuple(
        (member, condition)
        for member, _, condition in (one.partition(" ") for one in condition_text.split(";"))
        if member
    )
    filesystem, *carriers = names.split(",")
    return OpsTable(
        name, struct, files[int(file)], line, tuple(slots), filesystem, tuple(lines), conditions,
        tuple(carriers),
    )  # fmt: skip
