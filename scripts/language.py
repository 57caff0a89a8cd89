"""Write what tells a Design's language: LANGUAGE.md, and a JSON schema for editors.

Both are made of the model's own tables: `python -m scripts.language`; a test holds them equal.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from gmemviz.derive import OF_ROWS, OF_RULES
from gmemviz.extract import SECTIONS
from gmemviz.facts import HOOKS, kernels, snapshots
from gmemviz.model.design import limits
from gmemviz.model.design.actions import EXAMPLES, INODE_KINDS, TESTS, VERBS, VerbRow
from gmemviz.model.design.actors import FROM, HOLDS, LOCKS, RUNS, UNTIL
from gmemviz.model.design.choices import GALLERY_PLACEMENTS, METADATA, MOUNTS, READERS, RELEASES
from gmemviz.model.design.design import ADDERS, ALLOCATORS, FLAGS, KEYS, ORIGINS, WORDS
from gmemviz.model.design.memslots import UNBINDS
from gmemviz.model.design.places import JOINT, LOOSE, PLACE
from gmemviz.model.design.toml import NEEDS
from gmemviz.study import lists
from gmemviz.whole import write_whole

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "LANGUAGE.md"
SCHEMA: Final = ROOT / "gmemviz" / "model" / "design" / "design.schema.json"

HEAD: Final = """\
# The language of a Design

A Design is a page of TOML: which kernel and mount, what an inode owns and where it is kept, what
each hook does, and who else touches it. This page is made of the model's tables
(`python -m scripts.language`), and a test runs each example. Where a word stands for a function of
the kernel, its place is given; the others are the Design's own code.

```toml
name = "permission-reads-late"
kernel = "KERNEL"
mount = "own"
kinds = ["directory"]
metadata.upper = { placement = "containing-struct" }
hooks.alloc_inode = ["alloc container", "init upper"]
hooks.destroy_inode = ["free upper after a grace period", "clear upper"]
hooks.free_inode = ["free struct"]
actors.permission = { holds = "rcu", does = ["read upper untested"] }
```

`gmemviz check --design FILE` answers. It says *correct* only where every actor was entered and
every word acted on, in some run; else it says what was not asked.
"""


LATER: Final = """\

Who queues a callback that puts more than it gets hands a reference of its own to it, unless the
callback is queued already; who cancels it has that reference then.

A callback that frees M lies in M, as with `kfree_rcu`: who queues it hands M over by its address,
so that the pointer may be cleared behind that, and queues nothing where there is none. One that
takes a lock, asks whether M is set, sets it, or goes by the inode finds M by the pointer when it
runs.

What is put, or freed, after a grace period is given back in softirq as its `release` says, so that
nothing of it may sleep. Who replaces M under RCU detaches it first: `detach M` takes the pointer
from all who look for it, and what the body does to M behind it, it does to what it has detached.

There is one srcu_struct. Two inodes may go at once, and all have the locks of the Design in common,
but for those `of each inode`; each actor that locks is asked about beside each on the other inode.

Whoever holds an inode alone may hold it beyond its superblock, unless it runs `until = "umount"`; a
dentry or a file holds the mount, too.

Who begins with `walk LIST`, and holds nothing, a lock, RCU or SRCU, begins while something is on
LIST, be its creator done or not; others begin while the inode is open. `from` says otherwise.

A creation may fail, before the inode is attached or behind it, and the superblock lives on: whoever
need not wait for a file is beside the `error_path`, too. An `error_path` that takes away what the
superblock has is a mount's as well, under s_umount: who runs `until = "umount"` is not at work
meanwhile, and may begin behind it. It runs in each mount that fails, where what it takes away is
there `before_root` and it names nothing of an inode.

A hook that is a function of the VFS, such as `generic_delete_inode`, is no text of a module. The
text goes behind a grace period, which waits for no callback that has yet to begin: what an actor
has queued must have run by then.
"""

OVERLAY: Final = """
## An overlay: what you know and the source does not say

`gmemviz check --tree TREE --fs NAME --overlay FILE` takes a second page of TOML. `never` and
`always` are conditions of the source; every other table has functions, in the form of
`gmemviz/extract/deeds/api.toml`, which go before the kernel's own. All of it is printed with the
verdict, and nothing is written into a tree.

```toml
never = [{ at = "fs/toy/super.c:26", because = "no mount has such inodes" }]
["given back"]
toy_put = { of = 0, at = "fs/toy/util.c:toy_put" }
[inert]
toy_trace = { at = "fs/toy/trace.h:toy_trace" }
```
"""
"""The page that `derive.read_overlay` reads."""


def page() -> str:
    """Return LANGUAGE.md as text."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from HEAD.replace("KERNEL", kernels()[0]).splitlines()
    yield from ("", "## What a body may say", "")
    yield "A body is a list of lines, one action each: of a hook, an actor, a callback or the"
    yield "`error_path`. Behind any of them ` via FUNCTION` names the function that it is done"
    yield (
        "through. `M` is a kind of metadata; `LOCK`, `LIST`, `ACTOR` and `CALLBACK` are names that"
    )
    yield "the Design gives. Beside them, `constructor` is a body of `init M` alone: what the"
    yield "slab's constructor sets, once a slab object's life, so that an inode in memory that was"
    yield "used before finds there what the last owner left."
    yield ""
    yield "The creator attaches what the inode owns, but for what some body attaches: that is NULL"
    yield "until then. What alloc_inode attaches is there from birth, as what is `born_in_alloc`."
    yield "Of what another body attaches there may be two at once, as the first waits for a grace"
    yield "period. Where references are counted, the pointer has one of its own, since the"
    yield "attaching; who has got one reads and puts that, and a body that has not, the pointer's."
    yield from LATER.splitlines()
    yield from (
        "",
        "| line | what is so then | where | kernel | example |",
        "|---|---|---|---|---|",
    )
    for verb, row in VERBS.items():
        source = f"`{row.source}`" if row.source else ""
        says = row.says.replace("|", "\\|")
        example = EXAMPLES[verb]
        yield f"| `{row.form}` | {says} | {_where(row)} | {source} | `{example}` |"
    yield from ("", "## Conditions", "")
    yield "`if M set: …`, `if M not set: …`, `if M held: …` (the body has a reference of its own),"
    yield "and of the inode `if WORD: …`, `if not WORD: …`; several are joined by ` and `. The"
    yield "question is a step of its own: others may come between."
    yield from ("", *_table("word", TESTS))
    for name in _LISTS:
        table = {found.word: found.says for found in lists()[name]}
        yield from ("", f"## {name.capitalize()}", "", *_table("word", table))
    yield from ("", "## Keys of a kind of metadata", "")
    yield "`placement`, `says`, `read_by`, `release`, `of` (kinds of inode), and, true or false,"
    yield f"{_names(NEEDS)}. A kind of these needs its placement alone:"
    yield _names(METADATA) + "."
    yield from ("", "## Keys of a Design", "", _names(KEYS) + ".")
    yield from ("", "## Where an action comes from", "")
    yield "Beside `does`, a table of `hooks`, `actors` or `callbacks` may have `at`: one entry an"
    yield 'action, "" where there is none. An entry is `path:line`, or several joined by'
    yield f"`{JOINT}`: the statement of the body itself first, and last the one that does it."
    yield f"Bodies without a table of their own ({_names(LOOSE)}) have theirs in a"
    yield "table `at`. Steps of a run point there; no verdict depends on it."
    yield from OVERLAY.splitlines()
    yield from ("", *_table("key of a condition", OF_RULES))
    yield from ("", *_table("key of a function", OF_ROWS))
    yield from ("", f"Functions stand under what they do: {_names(SECTIONS)}.")


_LISTS: Final = (
    "hook", "what an actor holds", "when an actor begins", "who waits for an actor",
    "where a callback runs", "lock", "kind of inode", "placement", "member of struct inode",
    "release", "reader", "mount", "how a memslot is unbound",
)  # fmt: skip
"""The lists of `gmemviz explain` that a Design is written with; the page has each as it is."""


def _where(row: VerbRow) -> str:
    return row.home or ", ".join(row.where)


def _table(head: str, table: Mapping[Any, str]) -> Iterator[str]:
    yield from (f"| {head} | |", "|---|---|")
    yield from (f"| `{word}` | {says} |" for word, says in table.items())


def _names(words: Any) -> str:
    return ", ".join(f"`{word}`" for word in words)


# --- the schema -------------------------------------------------------------------------


def schema() -> dict[str, Any]:
    """Return the JSON schema of a Design's TOML: keys and words, not what fits together."""
    line = {"type": "string", "maxLength": limits.SAID}
    body = {"type": "array", "items": line, "maxItems": limits.ACTIONS}
    names = {"type": "array", "items": {"type": "string"}, "maxItems": limits.ACTORS}
    words = {**names, "maxItems": limits.LISTED}
    at = {"type": "array", "items": {**line, "pattern": _places()}, "maxItems": limits.ACTIONS}
    hook = {"oneOf": [body, _object({"does": body, "at": at, "function": {"type": "string"}})]}
    metadata = {
        "placement": _word(GALLERY_PLACEMENTS),
        "says": line,
        "read_by": {"type": "array", "items": _word(READERS)},
        "release": _word(RELEASES),
        "of": {"type": "array", "items": _word(INODE_KINDS)},
        **{need: {"type": "boolean"} for need in NEEDS},
    }
    actor = {
        "holds": {"type": "string", "pattern": _holds()},
        "from": _word(FROM),
        "until": _word(word for word in UNTIL if word),
        "times": {"enum": [1, 2]},
        "does": {**body, "minItems": 1},
        "at": at,
        "says": line,
    }
    keys: dict[str, Any] = {
        "name": {"type": "string"},
        "kernel": _word(snapshots()),
        "mount": _word(MOUNTS),
        "metadata": _named(
            {"oneOf": [_word(GALLERY_PLACEMENTS), _object(metadata)]}, most=limits.KINDS
        ),
        "hooks": _object(dict.fromkeys(HOOKS, hook)),
        "actors": _named(_object(actor)),
        "callbacks": _named(_object({"runs": _word(RUNS), "does": body, "at": at})),
        "locks": _named(_word(LOCKS)),
        "lists": names,
        "kinds": {
            "type": "array",
            "items": _word(k for k in INODE_KINDS if k != "bad"),
            "minItems": 1,
        },
        "error_path": body,
        "constructor": body,
        "at": _object(dict.fromkeys(LOOSE, at)),
        "unbinds": {"type": "array", "items": _word(UNBINDS)},
        "root_sets": words,
        "unwinds": words,
        "allocator": _word(ALLOCATORS),
        "adds_folio": _word(ADDERS),
        "origin": _word(ORIGINS),
        **{word: {"type": "string"} for word in WORDS},
        **{flag: {"type": "boolean"} for flag in FLAGS},
    }
    assert set(keys) == set(KEYS), set(keys) ^ set(KEYS)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Design"}
    return {**head, **_object(keys), "required": ["kernel", "mount"]}


def _holds() -> str:
    words = "|".join(word for word in HOLDS if word != "lock")
    return f"^({words}|lock .+)$"


def _places() -> str:
    return f"^({PLACE.pattern}({JOINT}{PLACE.pattern})*)?$"


def _word(words: Any) -> dict[str, Any]:
    return {"enum": list(words)}


def _object(keys: Mapping[Any, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(keys), "additionalProperties": False}


def _named(value: Mapping[str, Any], most: int = limits.ACTORS) -> dict[str, Any]:
    name = {"pattern": f"^{limits.OWN_NAME.pattern}$", "maxLength": limits.NAME}
    table = {"type": "object", "additionalProperties": dict(value)}
    return {**table, "propertyNames": name, "maxProperties": most}


def main() -> None:
    """Write both."""
    write_whole(PAGE, page().encode())
    write_whole(SCHEMA, (json.dumps(schema(), indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
