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
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar

from gmemviz.errors import FactsError
from gmemviz.facts.records import Call, CallKind, Field, Function, Guard, OpsTable
from gmemviz.facts.snapshot import Facts, Lazy
from gmemviz.whole import write_whole

Decoded = TypeVar("Decoded")

SCHEMA: Final = 3
_KEYS: Final = {
    "schema": int, "kernel": str, "release": str, "package": str, "sha256": str,
    "files": list, "functions": dict, "tables": dict, "fields": list, "skipped": list,
}  # fmt: skip
"""What a snapshot has, and of which type."""

_KINDS: Final[Mapping[str, CallKind]] = {
    "d": "direct", "i": "inline", "o": "ops", "l": "deferred", "n": "default",
}  # fmt: skip
_GUARDS: Final[Mapping[str, Guard]] = {
    "-": "", "s": "hook-set", "u": "hook-unset", "i": "if", "e": "else", "l": "loop", "c": "case",
    "x": "early-exit",
}  # fmt: skip
_KIND_LETTER: Final = {kind: letter for letter, kind in _KINDS.items()}
_GUARD_LETTER: Final = {guard: letter for letter, guard in _GUARDS.items()}
_SLOT_MARKS: Final = re.compile("[=@]")


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
    for key, kind in _KEYS.items():
        if not isinstance(data.get(key), kind):
            raise FactsError(f"{path} is damaged: {key!r} is missing or not a {kind.__name__}")


def _encode(facts: Facts) -> dict[str, Any]:
    functions = facts.functions
    fields = facts.fields.values()
    paths = {function.path for function in chain.from_iterable(functions.values())}
    paths.update(table.path for table in facts.tables)
    paths.update(field.path for field in fields)
    files = sorted(paths)
    number = {path: index for index, path in enumerate(files)}
    tables: dict[str, list[str]] = {}
    for table in facts.tables:
        tables.setdefault(table.struct, []).append(_encode_table(table, number))
    return {
        "schema": SCHEMA,
        "kernel": facts.kernel,
        "release": facts.release,
        "package": facts.package,
        "sha256": facts.sha256,
        "files": files,
        "functions": {name: _encode_group(group, number) for name, group in functions.items()},
        "tables": dict(sorted(tables.items())),
        "fields": [(of, name, number[path], *rest) for of, name, path, *rest in fields],
        "skipped": facts.skipped,
    }


def _encode_group(group: Iterable[Function], number: Mapping[str, int]) -> str:
    return "\n".join(_encode_function(function, number) for function in group)


def _encode_function(function: Function, number: Mapping[str, int]) -> str:
    flags = "s" * function.static + "i" * function.inline
    calls = ";".join(_encode_call(call, function.line) for call in function.calls)
    return f"{number[function.path]} {function.line} {flags}|{calls}"


def _encode_call(call: Call, first_line: int) -> str:
    code = f"{_KIND_LETTER[call.kind]}{_GUARD_LETTER[call.guard]}{call.line - first_line}"
    return f"{call.callee} {code} {call.struct or call.hook}".rstrip()


def _encode_table(table: OpsTable, number: Mapping[str, int]) -> str:
    slots = []
    for (member, target), line in zip(table.slots, table.lines, strict=True):
        slots.append(f"{member}={target}@{line - table.line}")
    place = f"{number[table.path]}|{table.line}"
    names = ",".join((table.filesystem, *table.carriers))
    conditions = ";".join(map(" ".join, table.conditions))
    return f"{table.name}|{place}|{names}|{' '.join(slots)}|{conditions}"


def _decode(data: dict[str, Any], path: Path) -> Facts:
    files: list[str] = data["files"]
    functions: dict[str, str] = data["functions"]

    # Whoever made the file, what cannot be decoded is one sentence.
    def decoded(what: str, decode: Callable[[], Decoded]) -> Decoded:
        try:
            return decode()
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise FactsError(f"{path} is damaged: {what} cannot be read") from error

    def group(name: str) -> tuple[Function, ...]:
        return decoded(f"function {name!r}", lambda: _decode_group(name, functions[name], files))

    return Facts(
        kernel=data["kernel"],
        release=data["release"],
        package=data["package"],
        sha256=data["sha256"],
        functions=Lazy(functions, group),
        read_tables=lambda: decoded("its tables", lambda: _decode_tables(data["tables"], files)),
        read_fields=lambda: decoded("its fields", lambda: _decode_fields(data["fields"], files)),
        skipped=tuple((str(path), str(why)) for path, why in data["skipped"]),
    )


def _decode_group(name: str, text: str, files: list[str]) -> tuple[Function, ...]:
    return tuple(_decode_function(name, line, files) for line in text.split("\n"))


def _decode_function(name: str, text: str, files: list[str]) -> Function:
    head, _, rest = text.partition("|")
    file, line_text, flags = head.split(" ")
    line = int(line_text)
    texts = rest.split(";") if rest else []
    calls = tuple(_decode_call(call, line) for call in texts)
    return Function(name, files[int(file)], line, "s" in flags, "i" in flags, calls)


def _decode_call(text: str, first_line: int) -> Call:
    callee, code, *rest = text.split(" ")
    kind, guard, of = _KINDS[code[0]], _GUARDS[code[1]], rest[0] if rest else ""
    struct, hook = ("", of) if kind == "default" else (of, "")
    return Call(callee, kind, first_line + int(code[2:]), guard, struct, hook)


def _decode_tables(groups: dict[str, list[str]], files: list[str]) -> tuple[OpsTable, ...]:
    tables: list[OpsTable] = []
    for struct, group in groups.items():
        tables += [_decode_table(struct, text, files) for text in group]
    return tuple(tables)


def _decode_table(struct: str, text: str, files: list[str]) -> OpsTable:
    name, file, line_text, names, slot_text, condition_text = text.split("|", 5)
    line = int(line_text)
    slots, lines, conditions = [], [], []
    for slot in slot_text.split():
        member, target, offset = _SLOT_MARKS.split(slot)
        slots.append((member, target))
        lines.append(line + int(offset))
    for entry in filter(None, condition_text.split(";")):
        member, _, condition = entry.partition(" ")
        conditions.append((member, condition))
    filesystem, *carriers = names.split(",")
    return OpsTable(
        name, struct, files[int(file)], line, tuple(slots), filesystem, tuple(lines),
        tuple(conditions), tuple(carriers),
    )  # fmt: skip


def _decode_fields(rows: list[Any], files: list[str]) -> dict[tuple[str, str], Field]:
    fields = {}
    for struct, name, file, line, condition in rows:
        fields[struct, name] = Field(struct, name, files[file], line, condition)
    return fields
