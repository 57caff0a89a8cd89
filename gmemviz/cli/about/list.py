"""gmemviz list: the names of the gallery, the scenarios, the codes ..., a line each.

A line has a name and what it means, so that `gmemviz list scenarios | grep umount` finds one. What
is behind a name, `gmemviz explain NAME` says. Status 0.
"""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any, Final

from gmemviz.cli.line import Answer
from gmemviz.errors import choice
from gmemviz.study import lists

LISTS: Final[Mapping[str, str]] = {
    "gallery": "Design",
    "scenarios": "scenario",
    "codes": "defect code",
    "kernels": "kernel",
    "recordings": "recording",
    "filesystems": "filesystem",
    "verdicts": "verdict",
    "hooks": "hook",
    "lines": "line of a body",
    "placements": "placement",
    "cleanups": "cleanup",
    "metadata": "metadata",
    "mounts": "mount",
    "contexts": "context",
    "words": "word of gmemviz",
    "keys": "key of a Design",
    "kernel-words": "word of the kernel",
}
"""What can be listed, and what a name of it is, as `gmemviz explain` says that."""


def command(arguments: Namespace) -> Answer:
    """Return a list, or which lists there are and how long each is; status 0."""
    if not arguments.what:
        rows = [{"list": name, "names": len(_rows(name))} for name in LISTS]
        return Answer(
            "\n".join(f"{row['list']:12} {row['names']}" for row in rows), rows, output="list"
        )
    found = _rows(choice("list", arguments.what, LISTS))
    width = max(len(row["word"]) for row in found)
    return Answer(
        "\n".join(f"{row['word']:{width}}  {row['says']}" for row in found), found, output="listed"
    )


def _rows(name: str) -> list[dict[str, Any]]:
    of = LISTS[name]
    return [{"word": found.word, "says": found.says} for found in lists([of])[of]]
