"""Write down the VFS road of an inode as data: functions, and their lines in order.

The lines are what the kernel calls there, in its order; a test holds every name
and the order against the facts of each kernel. Where kernels name a function
differently, the newest name stands first and the facts decide.
"""

from typing import Final

from gmemviz.model.machine import Target
from gmemviz.model.road import files, icache, kvm, marks, vfs
from gmemviz.model.road.hook_actions import (
    allocate_default,
    clear_inode,
    drop_unhashed,
    free_default,
    may_truncate,
    truncate,
)
from gmemviz.model.road.lines import (
    Call,
    Defer,
    Do,
    Function,
    Hook,
    If,
    ReturnIf,
    StopIf,
    Wait,
    When,
    always,
    call,
    has,
    lacks,
    no,
    yes,
)


def _has_kill_sb(t: Target) -> bool:
    return "kill_sb" in t.table


def _has_no_kill_sb(t: Target) -> bool:
    return "kill_sb" not in t.table


def _has_put_super(t: Target) -> bool:
    return "put_super" in t.table


SKELETON: Final[dict[str, Function]] = {
    # --- birth ---
    "anon_inode_make_secure_inode": Function(
        "makes an inode and lets the LSM see it", (call("alloc_anon_inode"),)
    ),
    "alloc_anon_inode": Function(
        "makes an inode that is on no hash and no superblock list",
        (call("new_inode_pseudo"),),
    ),
    "new_inode_pseudo": Function("allocates without listing the inode", (call("alloc_inode"),)),
    "new_inode": Function(
        "allocates, and lists the inode on its superblock",
        (call("alloc_inode", "new_inode_pseudo"),),
    ),
    "iget5_locked": Function(
        "looks an inode up, or makes one and puts it on the hash",
        (
            call("alloc_inode"),
            StopIf(has("init fails")),
            call("inode_insert5"),
            StopIf(lacks("lost")),
            call("destroy_inode"),
        ),
    ),
    "inode_insert5": Function(
        "puts the inode on the hash, unless another task was first",
        (Do(icache.insert, icache.insert_says),),
    ),
    "alloc_inode": Function(
        "allocates the struct inode and initialises it",
        (
            Hook("alloc_inode", default=(call("alloc_inode_sb"),)),
            call("inode_init_always"),
            StopIf(lacks("init fails")),
            Hook("destroy_inode"),
            StopIf(vfs.hook_owns_the_memory),
            call("i_callback"),
        ),
    ),
    "alloc_inode_sb": Function(
        "takes the struct from inode_cachep",
        (Do(allocate_default, "a struct inode comes from inode_cachep"),),
    ),
    "inode_init_always": Function("passes GFP_KERNEL on", (call("inode_init_always_gfp"),)),
    "inode_init_always_gfp": Function(
        "sets the VFS fields, the LSM blob last",
        (
            Do(vfs.init_always, "i_count is 1, i_state is 0, i_private is NULL"),
            call("security_inode_alloc"),
        ),
    ),
    "security_inode_alloc": Function(
        "allocates the LSM blob", (Do(vfs.allocate_blob, vfs.blob_says),)
    ),
    # --- the last close ---
    "__fput": Function(
        "tears the struct file down",
        (
            Hook("release"),
            When(kvm.holds_module, Do(kvm.put_fops, "the module that f_op is of may go")),
            call("dput"),
            call("mntput"),
        ),
    ),
    "dput": Function(
        "drops a reference to the dentry",
        (
            Do(vfs.put_dentry, "the dentry's count goes down by one"),
            ReturnIf(yes),
            call("finish_dput", "__dentry_kill", context="A"),
        ),
    ),
    "finish_dput": Function("kills the dentry, then looks at its parent", (call("dentry_kill"),)),
    "dentry_kill": Function(
        "unhashes the dentry and kills it",
        (call("dentry_unlink_inode", context="L"), Hook("d_release", context="P")),
    ),
    "dentry_unlink_inode": Function(
        "drops both locks and lets go of the inode", (call("iput", context="P"),)
    ),
    "iput": Function(
        "drops a reference to the inode",
        (
            Do(vfs.put_inode, "i_count goes down by one", vfs.is_i_lock_free),
            ReturnIf(yes),
            call("iput_final", context="L"),
        ),
    ),
    "iput_final": Function(
        "asks drop_inode whether an unused inode shall stay cached",
        (
            Hook("drop_inode", default=(call("inode_generic_drop", "generic_drop_inode"),)),
            When(
                vfs.may_stay,
                If(no, (call("__inode_lru_list_add", "__inode_add_lru"), ReturnIf(always))),
            ),
            When(
                has("I_DONTCACHE"),
                If(
                    no,
                    (
                        Do(vfs.mark_will_free, "I_WILL_FREE is set, and i_lock is dropped"),
                        call("write_inode_now", context="P"),
                    ),
                ),
            ),
            Do(vfs.mark_freeing, "I_FREEING is set, and i_lock is dropped"),
            call("evict", context="P"),
        ),
    ),
    "inode_generic_drop": Function(
        "says yes where nlink is 0 or the inode is unhashed",
        (Do(drop_unhashed, icache.generic_says),),
    ),
    "__inode_lru_list_add": Function(
        "leaves an unused inode cached, on the LRU if it is clean and has no page",
        (Do(icache.stay, "the inode stays, with i_count 0"),),
    ),
    "write_inode_now": Function(
        "writes the inode back", (Do(icache.write_back, "the inode is written back"),)
    ),
    "evict": Function(
        "takes the inode apart",
        (
            Do(vfs.assert_freeing, "I_FREEING is set, as BUG_ON demands"),
            Hook(
                "evict_inode",
                default=(call("truncate_inode_pages_final"), call("clear_inode")),
            ),
            When(has("hashed"), call("remove_inode_hash")),
            Do(vfs.assert_cleared, "i_state is I_FREEING | I_CLEAR, as BUG_ON demands"),
            call("destroy_inode"),
        ),
    ),
    "truncate_inode_pages_final": Function(
        "removes every folio from the page cache",
        # The hook is called further down, from mm/filemap.c:filemap_free_folio.
        (Do(truncate, "every folio leaves the page cache", may_truncate), Hook("free_folio")),
    ),
    "remove_inode_hash": Function(
        "takes the inode off the hash", (Do(icache.unhash, "nobody finds the inode any more"),)
    ),
    "clear_inode": Function(
        "asserts that no page is left, and sets I_CLEAR",
        (Do(clear_inode, "i_state becomes I_FREEING | I_CLEAR"),),
    ),
    "destroy_inode": Function(
        "hands the inode to destroy_inode and to RCU",
        (
            call("__destroy_inode"),
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
        (Hook("free_inode", default=(call("free_inode_nonrcu"),)),),
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
            StopIf(lacks("unmounts")),
            ReturnIf(yes),
            call("mntput_no_expire"),
        ),
    ),
    "mntput_no_expire": Function(
        "finds that it was the last", (call("mntput_no_expire_slowpath", "cleanup_mnt"),)
    ),
    "mntput_no_expire_slowpath": Function("takes the mount apart", (call("cleanup_mnt"),)),
    "cleanup_mnt": Function(
        "lets go of the root dentry and of the superblock",
        (When(has("root"), call("dput")), call("deactivate_super")),
    ),
    "deactivate_super": Function(
        "drops the last active reference", (call("deactivate_locked_super"),)
    ),
    "deactivate_locked_super": Function(
        "calls kill_sb of the filesystem",
        (
            When(_has_no_kill_sb, Call(("kill_anon_super",), through="kill_sb")),
            When(_has_kill_sb, Hook("kill_sb")),
            call("put_super"),
        ),
    ),
    "kill_anon_super": Function(
        "shuts the superblock down and frees its number", (call("generic_shutdown_super"),)
    ),
    "put_super": Function(
        "drops the last reference to the superblock",
        (Do(vfs.free_superblock, "the superblock is dead"),),
    ),
    "generic_shutdown_super": Function(
        "drops the dentry tree, the root among it, and evicts what was cached",
        (
            When(marks.has_marks_early, call("fsnotify_sb_delete")),
            StopIf(has("no root")),
            When(has("root"), call("shrink_dcache_for_umount")),
            When(icache.is_listed, call("evict_inodes")),
            When(marks.has_marks_late, call("fsnotify_sb_delete")),
            When(_has_put_super, Hook("put_super")),
            When(icache.is_listed, Do(icache.look_for_busy, "no inode is left on s_inodes")),
        ),
    ),
    "fsnotify_sb_delete": Function(
        "takes the marks on the superblock's inodes away, and waits until none is left",
        (
            Do(marks.take_away, "the marks that it finds go"),
            Wait(marks.none_is_left, files.nothing, "no mark holds an inode"),
        ),
    ),
    "evict_inodes": Function(
        "evicts the unused inodes that the superblock lists",
        (
            Do(
                vfs.pick_unused,
                "an inode with i_count 0 is marked I_FREEING, or there is none",
                vfs.is_i_lock_free,
            ),
            ReturnIf(no),
            call("dispose_list"),
        ),
    ),
    "prune_icache_sb": Function(
        "evicts unused inodes of the LRU, for memory",
        (call("inode_lru_isolate"), call("dispose_list")),
    ),
    "inode_lru_isolate": Function(
        "marks an unused inode for eviction",
        (Wait(icache.is_unused, vfs.pick_unused, "an inode with i_count 0 is marked I_FREEING"),),
    ),
    "dispose_list": Function("evicts one by one", (call("evict"),)),
    "shrink_dcache_for_umount": Function("drops the root dentry", (call("do_one_tree"),)),
    "do_one_tree": Function("drops one tree of dentries", (call("dput"),)),
}

# The same functions under the names that older kernels give them.
SKELETON["__dentry_kill"] = SKELETON["dentry_kill"]
SKELETON["generic_drop_inode"] = SKELETON["inode_generic_drop"]
SKELETON["__inode_add_lru"] = SKELETON["__inode_lru_list_add"]
