"""Give what extraction knows of C and the kernel by name, such as where it starts.

The names and their reasons are in `names.toml` beside this module.
"""

import tomllib
from importlib.resources import files
from typing import Any, Final

_NAMES: Final[dict[str, Any]] = tomllib.loads(
    files("gmemviz.extract").joinpath("names.toml").read_text(encoding="utf-8")
)

SCOPE: Final[tuple[str, ...]] = tuple(_NAMES["scope"])
"""What is indexed: folders, and files by their paths."""

HOOK_STRUCTS: Final[tuple[str, ...]] = tuple(_NAMES["hook_structs"])
TABLES: Final[frozenset[str]] = frozenset((*HOOK_STRUCTS, *_NAMES["other_tables"]))
"""Whose tables a snapshot holds."""

FIELD_STRUCTS: Final[frozenset[str]] = frozenset((*HOOK_STRUCTS, *_NAMES["field_structs"]))
"""Whose members a snapshot holds."""

DEFAULT_ROOTS: Final[tuple[str, ...]] = (*_NAMES["root_functions"], *_NAMES["root_files"])
"""Where a demand-driven extraction starts: functions, and paths for every function of a file."""

TEARDOWN_HOOKS: Final[dict[str, list[str]]] = _NAMES["teardown_hooks"]
"""The hooks of each struct whose functions are followed."""

NOT_CALLS: Final[frozenset[str]] = frozenset(_NAMES["not_calls"])
NOT_FUNCTIONS: Final[frozenset[str]] = frozenset(_NAMES["not_functions"])
NOT_MEMBERS: Final[frozenset[str]] = frozenset(_NAMES["not_members"])
"""Words that stand where a name does."""

OPTIONS: Final[dict[str, str]] = _NAMES["options"]
"""Settled options: "y", or "" for not set. What another decides may be built."""

AT_ONCE: Final[dict[str, int]] = _NAMES["at_once"]
HANDED_OVER: Final[dict[str, int]] = {**AT_ONCE, **_NAMES["later"]}
"""Which argument is a function: `call_rcu(&toy->rcu, toy_free)` runs toy_free later."""

QUEUES: Final[dict[str, int]] = _NAMES["queues"]
"""Which argument is the work: `queue_work(toy_wq, &toy->work)` runs what INIT_WORK gave it."""
