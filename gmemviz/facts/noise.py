"""Tell the names that drown a call graph: locks, tracing, debug, atomics, lists."""

import re
from pathlib import Path
from typing import Final

_NOISE: Final = re.compile(Path(__file__).with_suffix(".regex").read_text("utf-8"), re.VERBOSE)


def is_noise(name: str) -> bool:
    """Tell whether a name is left out of pictures unless a reader asks for it.

    For functions only: a hook may go by such a name, and is never noise.

    >>> [name for name in ("spin_lock", "BUG_ON", "evict", "call_rcu") if is_noise(name)]
    ['spin_lock', 'BUG_ON']
    """
    return _NOISE.match(name) is not None
