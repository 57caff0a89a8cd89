"""Say what a reader may choose: the five choices, what each means, and where one starts.

The words are those of `model.design`; what stands here is how a row of buttons or a menu has them.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from gmemviz.facts import HookName, kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS
from gmemviz.render import AXES

START: Final = {
    "kernel": kernels()[-1],
    "mount": "own",
    "placement": "containing-struct",
    "cleanup": "destroy+free",
    "metadata": "shared_policy",
}
"""What guest_memfd itself does with its policy, in the order of a state's words."""


def allowed() -> dict[str, tuple[str, ...]]:
    """Return the words that each of the five choices allows."""
    lists: dict[str, Iterable[str]] = {"kernel": kernels(), "mount": MOUNTS, **AXES}
    return {name: tuple(words) for name, words in lists.items()}


def _bodies(hooks: Mapping[HookName, tuple[str, ...]]) -> str:
    said = [f"{hook}: {', '.join(body)}" for hook, body in hooks.items()]
    return "; ".join(said) or "no hook frees M"


SAYS: Final[dict[str, dict[str, str]]] = {
    "kernel": {},
    "mount": {name: mount.says for name, mount in MOUNTS.items()},
    "placement": {name: placement.says for name, placement in PLACEMENTS.items()},
    "cleanup": {name: _bodies(hooks) for name, hooks in CLEANUPS.items()},
    "metadata": {name: kind.says for name, kind in METADATA.items()},
}
"""What the tooltip of each word says; M is the metadata. A kernel needs no explanation."""
