"""Name the kernel's words that all rooms share: the hooks of an inode, and where code may run.

One table a vocabulary. Whoever keeps something for each word (a colour, a sign, a line of C) keys
it by these types, so that a misspelt word is a type error and a forgotten one fails a test.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

HookName = Literal[
    "alloc_inode", "drop_inode", "evict_inode", "destroy_inode", "free_inode",
    "unlink", "release", "d_release", "free_folio", "put_super", "kill_sb",
]  # fmt: skip
"""An op on the road of an inode."""

InHook = HookName | Literal[""]
"""The hook that code runs in, or "" in the VFS itself."""


class HookRow(NamedTuple):
    """Say which struct of the kernel holds a hook, and what the kernel calls it for."""

    struct: str
    says: str


HOOKS: Final[Mapping[HookName, HookRow]] = {
    "alloc_inode": HookRow("super_operations", "brings the memory of a new inode"),
    "drop_inode": HookRow("super_operations", "decides at the last iput whether the inode goes"),
    "evict_inode": HookRow("super_operations", "empties the page cache and ends the inode's use"),
    "destroy_inode": HookRow("super_operations", "takes apart what alloc_inode set up"),
    "free_inode": HookRow("super_operations", "gives the memory back after a grace period"),
    "unlink": HookRow("inode_operations", "takes a name of an inode away"),
    "release": HookRow("file_operations", "ends the last use of an open file"),
    "d_release": HookRow("dentry_operations", "ends a dentry"),
    "free_folio": HookRow("address_space_operations", "ends a folio that left the page cache"),
    "put_super": HookRow("super_operations", "ends a superblock whose inodes are gone"),
    "kill_sb": HookRow("file_system_type", "shuts a superblock down"),
}
"""The hooks in the order in which a life meets them, those of super_operations first.
(include/linux/fs.h:struct super_operations, fs/inode.c:iput_final, evict, destroy_inode@v6.12)"""

TABLES: Final[Mapping[str, str]] = {
    "super_operations": "inode->i_sb->s_op",
    "file_operations": "file->f_op",
    "dentry_operations": "dentry->d_op",
    "address_space_operations": "mapping->a_ops",
    "file_system_type": "sb->s_type",
}
"""By which pointer the kernel comes to the table that holds a hook, by the table's struct.
(fs/file_table.c:__fput, fs/dcache.c:__dentry_kill, mm/filemap.c:filemap_free_folio@v6.12)"""

Context = Literal["P", "L", "A", "B", "?"]
"""P: may sleep. L: i_lock held. B: RCU callback, softirq. A: atomic for another reason.

"?": nothing runs (RCU waits), or a recording whose text does not tell. There L means no more than a
preemption count above the recording's baseline: some spinlock, not which one.
"""


class ContextRow(NamedTuple):
    """Say what a context letter means: in a run of the model, and in a recording.

    `word` is for prose ("in softirq"), `sign` for a lane, and `may_sleep` is what the model asks.
    """

    word: str
    simulated: str
    recorded: str
    sign: str
    may_sleep: bool = False


CONTEXTS: Final[Mapping[Context, ContextRow]] = {
    "P": ContextRow("process context", "process context, may sleep", "process context", "○", True),
    "L": ContextRow(
        "with i_lock held", "i_lock held, must not sleep",
        "preemption off: some spinlock is held", "□",
    ),
    "A": ContextRow(
        "in atomic context",
        "atomic (d_lock held, interrupts off or in an RCU read section), must not sleep",
        "atomic (d_lock held, interrupts off or in an RCU read section), must not sleep", "□",
    ),
    "B": ContextRow("in softirq", "RCU callback in softirq, must not sleep", "softirq", "◇"),
    "?": ContextRow("unknown", "nobody runs here", "context not recorded", "⬡"),
}  # fmt: skip
"""The contexts, by the letter that pictures and recordings show."""

assert tuple(HOOKS) == get_args(HookName)
assert tuple(CONTEXTS) == get_args(Context)
