"""Write down the VFS road of an inode as data: functions, and their lines in order.

The lines are what the kernel calls there, in its order; a test holds every name
and the order against the facts of each kernel. Where kernels name a function
differently, the newest name stands first and the facts decide.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from gmemviz.facts.records import Context
from gmemviz.model import vfs
from gmemviz.model.actions import allocate_default, clear_inode, drop, free_default, truncate
from gmemviz.model.machine import Machine
from gmemviz.model.target import Operation, Target

__all__ = (
    "SKELETON",
    "Call",
    "Chosen",
    "Defer",
    "Do",
    "Function",
    "Hook",
    "Line",
    "ReturnIf",
    "StopIf",
    "Wait",
    "When",
)


class Do(NamedTuple):
    """Do something to the heap in the function itself."""

    operation: Operation
    says: str | Callable[[Target], str]


class Call(NamedTuple):
    """Call a function of the skeleton: the first of `names` that the facts have there.

    `through` is the op that the caller goes through, where it is not a hook's. An
    entry is where the kernel is entered: nobody of the skeleton calls it.
    """

    names: tuple[str, ...]
    context: Context | None = None
    through: str = ""
    is_entry: bool = False


class Chosen(NamedTuple):
    """Call the function that the actor's Target names, as its ``allocator``."""

    what: str
    context: Context | None = None
    is_entry: bool = False


class Hook(NamedTuple):
    """Call through ``i_sb->s_op`` (or f_op); `default` runs where the hook is NULL."""

    name: str
    default: tuple[Call, ...] = ()
    context: Context | None = None


class ReturnIf(NamedTuple):
    """Leave the function when `test` holds; it may look at nothing that others write."""

    test: Callable[[Machine, Target], bool]


class When(NamedTuple):
    """Have a line only for an actor to which `test` applies."""

    test: Callable[[Target], bool]
    line: Do | Call


class StopIf(NamedTuple):
    """Leave out the rest of the function for an actor to which `test` applies."""

    test: Callable[[Target], bool]


class Defer(NamedTuple):
    """Hand a callback to RCU."""

    via: str
    callback: str


class Wait(NamedTuple):
    """Let the actor go on only while `guard` holds; a line of a scenario's own code."""

    guard: Callable[[Machine, Target], bool]
    operation: Operation
    says: str


Line = Do | Call | Chosen | Hook | ReturnIf | StopIf | When | Defer | Wait


class Function(NamedTuple):
    """Give one function of the road: what it is there for, and its lines."""

    says: str
    lines: tuple[Line, ...]


def _call(*names: str, context: Context | None = None) -> Call:
    return Call(names, context)


SKELETON: Final[dict[str, Function]] = {
    # --- birth ---
    "anon_inode_make_secure_inode": Function(
        "makes an inode and lets the LSM see it", (_call("alloc_anon_inode"),)
    ),
    "alloc_anon_inode": Function(
        "makes an inode that is on no hash and no superblock list",
        (_call("new_inode_pseudo"),),
    ),
    "new_inode_pseudo": Function("allocates without listing the inode", (_call("alloc_inode"),)),
    "new_inode": Function(
        "allocates, and lists the inode on its superblock",
        (_call("alloc_inode", "new_inode_pseudo"),),
    ),
    "alloc_inode": Function(
        "allocates the struct inode and initialises it",
        (
            Hook("alloc_inode", default=(_call("alloc_inode_sb"),)),
            _call("inode_init_always"),
            StopIf(vfs.is_initialised),
            Hook("destroy_inode"),
            StopIf(vfs.hook_owns_the_memory),
            _call("i_callback"),
        ),
    ),
    "alloc_inode_sb": Function(
        "takes the struct from inode_cachep",
        (Do(allocate_default, "a struct inode comes from inode_cachep"),),
    ),
    "inode_init_always": Function("passes GFP_KERNEL on", (_call("inode_init_always_gfp"),)),
    "inode_init_always_gfp": Function(
        "sets the VFS fields, the LSM blob last",
        (
            Do(vfs.init_always, "i_count is 1, i_state is 0, i_private is NULL"),
            _call("security_inode_alloc"),
        ),
    ),
    "security_inode_alloc": Function(
        "allocates the LSM blob", (Do(vfs.allocate_blob, vfs.blob_says),)
    ),
    # --- the last close ---
    "__fput": Function(
        "tears the struct file down",
        (Hook("release"), _call("dput"), _call("mntput")),
    ),
    "dput": Function(
        "drops a reference to the dentry",
        (
            Do(vfs.put_dentry, "the dentry's count goes down by one"),
            ReturnIf(vfs.is_still_used),
            _call("finish_dput", "__dentry_kill", context="A"),
        ),
    ),
    "finish_dput": Function("kills the dentry, then looks at its parent", (_call("dentry_kill"),)),
    "dentry_kill": Function(
        "unhashes the dentry and kills it", (_call("dentry_unlink_inode", context="L"),)
    ),
    "dentry_unlink_inode": Function(
        "drops both locks and lets go of the inode", (_call("iput", context="P"),)
    ),
    "iput": Function(
        "drops a reference to the inode",
        (
            Do(vfs.put_inode, "i_count goes down by one"),
            ReturnIf(vfs.is_still_used),
            _call("iput_final", context="L"),
        ),
    ),
    "iput_final": Function(
        "asks drop_inode whether an unused inode shall stay cached",
        (
            Hook("drop_inode", default=(_call("inode_generic_drop", "generic_drop_inode"),)),
            ReturnIf(vfs.is_kept),
            Do(vfs.mark_freeing, "I_FREEING is set, and i_lock is dropped"),
            _call("evict", context="P"),
        ),
    ),
    "inode_generic_drop": Function(
        "says yes where nlink is 0 or the inode is unhashed",
        (Do(drop, "the inode is unhashed, so it shall go"),),
    ),
    "evict": Function(
        "takes the inode apart",
        (
            Do(vfs.assert_freeing, "I_FREEING is set, as BUG_ON demands"),
            Hook(
                "evict_inode",
                default=(_call("truncate_inode_pages_final"), _call("clear_inode")),
            ),
            Do(vfs.assert_cleared, "i_state is I_FREEING | I_CLEAR, as BUG_ON demands"),
            _call("destroy_inode"),
        ),
    ),
    "truncate_inode_pages_final": Function(
        "removes every folio from the page cache",
        (Do(truncate, "every folio leaves the page cache"),),
    ),
    "clear_inode": Function(
        "asserts that no page is left, and sets I_CLEAR",
        (Do(clear_inode, "i_state becomes I_FREEING | I_CLEAR"),),
    ),
    "destroy_inode": Function(
        "hands the inode to destroy_inode and to RCU",
        (
            _call("__destroy_inode"),
            Hook("destroy_inode"),
            StopIf(vfs.hook_owns_the_memory),
            Defer("call_rcu", "i_callback"),
        ),
    ),
    "__destroy_inode": Function(
        "frees the LSM blob and marks, and counts the inode out of inode-nr",
        (Do(vfs.uncount, "inode-nr goes down by one"),),
    ),
    "i_callback": Function(
        "runs free_inode, or frees to inode_cachep where that is NULL",
        (Hook("free_inode", default=(_call("free_inode_nonrcu"),)),),
    ),
    "free_inode_nonrcu": Function(
        "gives the struct inode back to inode_cachep",
        (Do(free_default, "kmem_cache_free(inode_cachep, inode)"),),
    ),
    # --- the mount ---
    "mntput": Function(
        "drops a reference to the mount",
        (
            Do(vfs.put_mount, "the mount's count goes down by one"),
            StopIf(vfs.mount_outlives_it),
            ReturnIf(vfs.is_still_used),
            _call("mntput_no_expire"),
        ),
    ),
    "mntput_no_expire": Function(
        "finds that it was the last", (_call("mntput_no_expire_slowpath", "cleanup_mnt"),)
    ),
    "mntput_no_expire_slowpath": Function("takes the mount apart", (_call("cleanup_mnt"),)),
    "cleanup_mnt": Function(
        "lets go of the root dentry and of the superblock",
        (When(vfs.has_root, _call("dput")), _call("deactivate_super")),
    ),
    "deactivate_super": Function(
        "drops the last active reference", (_call("deactivate_locked_super"),)
    ),
    "deactivate_locked_super": Function(
        "calls kill_sb of the filesystem",
        (Call(("kill_anon_super",), through="kill_sb"), _call("put_super")),
    ),
    "kill_anon_super": Function(
        "shuts the superblock down and frees its number", (_call("generic_shutdown_super"),)
    ),
    "put_super": Function(
        "drops the last reference to the superblock",
        (Do(vfs.free_superblock, "the superblock is dead"),),
    ),
    "generic_shutdown_super": Function(
        "drops the dentry tree, the root among it, and evicts what was cached",
        (
            When(vfs.has_root, _call("shrink_dcache_for_umount")),
            When(vfs.has_root, _call("evict_inodes")),
        ),
    ),
    "evict_inodes": Function(
        "evicts the unused inodes that the superblock lists",
        (
            Do(vfs.pick_unused, "an inode with i_count 0 is marked I_FREEING, or there is none"),
            ReturnIf(vfs.found_none),
            _call("dispose_list"),
        ),
    ),
    "dispose_list": Function("evicts one by one", (_call("evict"),)),
    "shrink_dcache_for_umount": Function("drops the root dentry", (_call("do_one_tree"),)),
    "do_one_tree": Function("drops one tree of dentries", (_call("dput"),)),
}

# The same functions under the names that older kernels give them.
SKELETON["__dentry_kill"] = SKELETON["dentry_kill"]
SKELETON["generic_drop_inode"] = SKELETON["inode_generic_drop"]
