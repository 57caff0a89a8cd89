"""Write down the VFS road of an inode as data: functions, and their lines in order.

It is the road of fs/inode.c (birth, iput, evict, destroy_inode), of fs/file_table.c:__fput and
fs/dcache.c:dput that lead to it, and of fs/namespace.c:mntput and fs/super.c behind it. The lines
are what the kernel calls there, in its order; a test holds every name and the order against the
facts of each kernel. Where kernels name a function differently, the newest name stands first and
the facts decide.
"""

from typing import Final

from gmemviz.model.road import dcache, folios, icache, kvm, marks, members, vfs
from gmemviz.model.road.hook_actions import (
    allocate_default,
    call_rcu,
    clear_inode,
    free_default,
    may_truncate,
    truncate,
)
from gmemviz.model.road.lines import (
    Call,
    Do,
    Function,
    If,
    ReturnIf,
    StopIf,
    always,
    call,
    function,
    has,
    hook,
    if_no,
    if_yes,
    lacks,
    no,
    until,
    wait,
    when,
    yes,
)

_PICKED: Final = "an inode with i_count 0 is marked I_FREEING"
_PICKED_IF: Final = f"{_PICKED}, or there is none"
_STAYS: Final = (call("__inode_lru_list_add", "__inode_add_lru"), ReturnIf(always))
_WRITTEN: Final = (
    Do(vfs.mark_will_free, "I_WILL_FREE is set, and i_lock is dropped"),
    call("write_inode_now", context="P"),
)
"""What iput_final does with an inode that drop_inode does not drop: keep it, or write it first."""

SKELETON: Final[dict[str, Function]] = {
    # --- birth ---
    "anon_inode_make_secure_inode": function(
        "makes an inode and lets the LSM see it", call("alloc_anon_inode")
    ),
    "alloc_anon_inode": function(
        "makes an inode that is on no hash and no superblock list", call("new_inode_pseudo")
    ),
    "new_inode_pseudo": function("allocates without listing the inode", call("alloc_inode")),
    "new_inode": function(
        "allocates, and lists the inode on its superblock", call("alloc_inode", "new_inode_pseudo")
    ),
    "iget5_locked": function(
        "looks an inode up, or makes one and puts it on the hash",
        call("alloc_inode"),
        StopIf(has("init fails")),
        call("inode_insert5"),
        StopIf(lacks("lost")),
        call("destroy_inode"),
    ),
    "inode_insert5": function(
        "puts the inode on the hash, unless another task was first",
        Do(icache.insert, icache.insert_says),
    ),
    # Where inode_init_always fails there is no evict, no i_lock and no grace period: the two hooks
    # run at once, from here. (fs/inode.c:alloc_inode@v6.12)
    "alloc_inode": function(
        "allocates the struct inode and initialises it",
        hook("alloc_inode", call("alloc_inode_sb")),
        call("inode_init_always"),
        StopIf(lacks("init fails")),
        hook("destroy_inode"),
        StopIf(vfs.hook_owns_the_memory),
        call("i_callback"),
    ),
    "alloc_inode_sb": function(
        "takes the struct from inode_cachep",
        Do(allocate_default, "a struct inode comes from inode_cachep"),
    ),
    "inode_init_always": function("passes GFP_KERNEL on", call("inode_init_always_gfp")),
    "inode_init_always_gfp": function(
        "sets the VFS fields, the LSM blob last",
        Do(vfs.init_always, "i_count is 1, i_state is 0, i_private is NULL"),
        call("security_inode_alloc"),
    ),
    "security_inode_alloc": function(
        "allocates the LSM blob", Do(vfs.allocate_blob, vfs.blob_says)
    ),
    # --- the last close ---
    # The dentry goes before the mount, so the superblock is alive while the inode dies.
    "__fput": function(
        "tears the struct file down",
        when(members.is_pipe, hook("release", call("pipe_release"))),
        when(lambda t: not members.is_pipe(t), hook("release")),
        when(kvm.holds_module, Do(kvm.put_fops, "the module that f_op is of may go")),
        call("dput"),
        call("mntput"),
    ),
    # A pipe and a fifo have file_operations of the VFS, whose last release frees the buffers.
    "pipe_release": function("lets go of one end of a pipe", call("put_pipe_info")),
    "put_pipe_info": function(
        "frees the buffers once no file has the pipe open",
        Do(members.put_pipe, "the buffers are freed, and i_pipe is NULL"),
    ),
    # From here to iput the locks are held under which nothing may sleep: d_lock, then i_lock.
    # (fs/dcache.c:dentry_unlink_inode@v6.12 drops both before it calls iput)
    "dput": function(
        "drops a reference to the dentry",
        when(lacks("named"), Do(vfs.put_dentry, "the dentry's count goes down by one")),
        when(has("named"), Do(dcache.put, "the count goes down by one; what has a name stays")),
        ReturnIf(yes),
        call("finish_dput", "__dentry_kill", context="A"),
    ),
    "finish_dput": function("kills the dentry, then looks at its parent", call("dentry_kill")),
    "dentry_kill": function(
        "unhashes the dentry and kills it",
        when(
            has("named"),
            Do(dcache.mark_dead, "the dentry is dead, if nobody has it again"),
            ReturnIf(no),
            If(dcache.leads_to_inode, (call("dentry_unlink_inode", context="L"),)),
        ),
        when(lacks("named"), call("dentry_unlink_inode", context="L")),
        hook("d_release", context="P"),
    ),
    "dentry_unlink_inode": function(
        "drops both locks and lets go of the inode", call("iput", context="P")
    ),
    "iput": function(
        "drops a reference to the inode",
        Do(vfs.put_inode, "i_count goes down by one", vfs.is_i_lock_free),
        ReturnIf(yes),
        call("iput_final", context="L"),
    ),
    # drop_inode alone is asked with i_lock held; whoever sets I_FREEING drops it.
    "iput_final": function(
        "asks drop_inode whether an unused inode shall stay cached",
        hook("drop_inode", call("inode_generic_drop", "generic_drop_inode")),
        when(vfs.may_stay, when(lacks("named"), if_no(*_STAYS))),
        when(
            vfs.may_stay,
            when(
                has("named"),
                if_no(Do(dcache.ask_active, "SB_ACTIVE is asked"), if_yes(*_STAYS), *_WRITTEN),
            ),
        ),
        when(has("I_DONTCACHE"), if_no(*_WRITTEN)),
        Do(vfs.mark_freeing, "I_FREEING is set, and i_lock is dropped"),
        call("evict", context="P"),
    ),
    "inode_generic_drop": function(
        "says yes where nlink is 0 or the inode is unhashed",
        Do(icache.drop_unhashed, icache.generic_says),
    ),
    "__inode_lru_list_add": function(
        "leaves an unused inode cached, on the LRU if it is clean and has no page",
        Do(icache.stay, "the inode stays, with i_count 0"),
    ),
    "write_inode_now": function(
        "writes the inode back", Do(icache.write_back, "the inode is written back")
    ),
    # Between these two assertions lies all that a filesystem may do, in process context.
    "evict": function(
        "takes the inode apart",
        Do(vfs.assert_freeing, "I_FREEING is set, as BUG_ON demands"),
        hook("evict_inode", call("truncate_inode_pages_final"), call("clear_inode")),
        when(members.has_device, call("cd_forget")),
        when(lambda t: t.is_hashed, call("remove_inode_hash")),
        Do(vfs.assert_cleared, "i_state is I_FREEING | I_CLEAR, as BUG_ON demands"),
        call("destroy_inode"),
    ),
    "cd_forget": function(
        "takes a device's inode off the list of its cdev",
        Do(members.forget_device, "the inode is on the list no more, and i_cdev is NULL"),
    ),
    "truncate_inode_pages_final": function(
        "removes every folio from the page cache",
        Do(truncate, "every folio leaves the page cache", may_truncate),
        *folios.SHOWS,  # called further down, from mm/filemap.c:delete_from_page_cache_batch
    ),
    "filemap_free_folio": function(
        "shows a folio that has left the page cache to free_folio, and puts it",
        hook("free_folio"),
        Do(folios.put_next, "the page cache's reference to the folio is put"),
    ),
    "remove_inode_hash": function(
        "takes the inode off the hash", Do(icache.unhash, "nobody finds the inode any more")
    ),
    "clear_inode": function(
        "asserts that no page is left, and sets I_CLEAR",
        Do(clear_inode, "i_state becomes I_FREEING | I_CLEAR"),
    ),
    # destroy_inode runs in process context, free_inode after a grace period, in softirq.
    "destroy_inode": function(
        "hands the inode to destroy_inode and to RCU",
        call("__destroy_inode"),
        hook("destroy_inode"),
        StopIf(vfs.hook_owns_the_memory),
        call("call_rcu"),
    ),
    # It says nothing when it is entered: that it queues is all that it does.
    "call_rcu": function("", Do(call_rcu, "i_callback shall run after a grace period")),
    "__destroy_inode": function(
        "frees the LSM blob and marks, and counts the inode out of inode-nr",
        when(members.has_acls, call("posix_acl_release")),
        Do(vfs.uncount, "inode-nr goes down by one"),
    ),
    # Whoever walks a path under RCU may read an ACL still, so it goes as they have left.
    "posix_acl_release": function(
        "drops the cache's reference to an ACL",
        Do(members.put_acls, "the ACLs shall be freed after a grace period"),
    ),
    "i_callback": function(
        "runs free_inode, or frees to inode_cachep where that is NULL",
        hook("free_inode", call("free_inode_nonrcu")),
    ),
    "free_inode_nonrcu": function(
        "gives the struct inode back to inode_cachep",
        Do(free_default, "kmem_cache_free(inode_cachep, inode)"),
    ),
    # --- the mount ---
    # Only actors of a scenario with an unmount look at what the last reference brings.
    "mntput": function(
        "drops a reference to the mount",
        Do(vfs.put_mount, "the mount's count goes down by one"),
        StopIf(lacks("unmounts")),
        ReturnIf(yes),
        call("mntput_no_expire"),
    ),
    "mntput_no_expire": function(
        "finds that it was the last", call("mntput_no_expire_slowpath", "cleanup_mnt")
    ),
    "mntput_no_expire_slowpath": function("takes the mount apart", call("cleanup_mnt")),
    "cleanup_mnt": function(
        "lets go of the root dentry and of the superblock",
        when(has("root"), call("dput")),
        call("deactivate_super"),
    ),
    "deactivate_super": function(
        "drops the last active reference",
        when(has("named"), wait(dcache.is_unscanned, dcache.lock_super, "s_umount is held")),
        call("deactivate_locked_super"),
    ),
    # A Design's own kill_sb calls kill_anon_super itself, and may do more before it and behind it.
    "deactivate_locked_super": function(
        "calls kill_sb of the filesystem",
        when(
            lambda t: "kill_sb" not in t.table,
            when(dcache.has_litter, Call(("kill_litter_super",), through="kill_sb")),
            when(
                lambda t: not dcache.has_litter(t),
                Call(("kill_anon_super",), through="kill_sb"),
            ),
        ),
        when(lambda t: "kill_sb" in t.table, hook("kill_sb")),
        call("put_super"),
    ),
    "kill_litter_super": function(
        "unpins what has a name, and shuts the superblock down",
        call("d_genocide"),
        call("kill_anon_super"),
    ),
    "d_genocide": function(
        "drops the references that names have", Do(dcache.unpin, "no name pins its dentry")
    ),
    "kill_anon_super": function(
        "shuts the superblock down and frees its number", call("generic_shutdown_super")
    ),
    "put_super": function(
        "drops the last reference to the superblock",
        Do(vfs.free_superblock, "the superblock is dead"),
    ),
    # s_root goes first; what is left on s_inodes with i_count 0 is evicted then.
    # A superblock without a root, whose mount failed, is not asked for put_super. What is left on
    # s_inodes is only complained of. (fs/super.c:generic_shutdown_super@v6.12)
    "generic_shutdown_super": function(
        "drops the dentry tree, the root among it, and evicts what was cached",
        when(marks.has_marks_early, call("fsnotify_sb_delete")),
        StopIf(has("no root")),
        when(lambda t: "root" in t.traits or "named" in t.traits, call("shrink_dcache_for_umount")),
        when(
            has("named"),
            call("sync_filesystem"),
            Do(dcache.deactivate, "SB_ACTIVE is cleared: no inode is cached any more"),
        ),
        when(icache.is_listed, call("evict_inodes")),
        when(marks.has_marks_late, call("fsnotify_sb_delete")),
        when(lambda t: "put_super" in t.table, hook("put_super")),
        when(icache.is_listed, Do(icache.look_for_busy, "no inode is left on s_inodes")),
    ),
    # 6.12 finds the marks by s_inodes, behind evict_inodes; 7.3 by the superblock, before all else.
    # Who was taken away still has to put the inode. (fs/notify/fsnotify.c:fsnotify_sb_delete@v6.12)
    "fsnotify_sb_delete": function(
        "takes the marks on the superblock's inodes away, and waits until none is left",
        Do(marks.take_away, "the marks that it finds go"),
        until(marks.none_is_left, "no mark holds an inode"),
    ),
    "evict_inodes": function(
        "evicts the unused inodes that the superblock lists",
        Do(
            vfs.pick_unused,
            _PICKED_IF,
            vfs.is_i_lock_free,
        ),
        ReturnIf(no),
        call("dispose_list"),
    ),
    # The shrinker of a superblock holds s_umount, so it and the end of the superblock take turns.
    "super_cache_scan": function(
        "takes memory from the superblock's dentries, then from its inodes",
        wait(dcache.is_unused, dcache.lock_super, "s_umount is held, and a dentry is unused"),
        call("prune_dcache_sb"),
        call("prune_icache_sb"),
        Do(dcache.unlock_super, "s_umount is dropped"),
    ),
    "prune_dcache_sb": function("kills unused dentries of the LRU", call("shrink_dentry_list")),
    "prune_icache_sb": function(
        "evicts unused inodes of the LRU, for memory",
        # The list's lock is held. (mm/list_lru.c:__list_lru_walk_one@v6.12)
        call("inode_lru_isolate", context="A"),
        ReturnIf(no),
        call("dispose_list"),
    ),
    "inode_lru_isolate": function(
        "marks an unused inode for eviction",
        when(lacks("named"), wait(icache.is_unused, vfs.pick_unused, _PICKED)),
        when(has("named"), Do(vfs.pick_unused, _PICKED_IF, vfs.is_i_lock_free)),
    ),
    "dispose_list": function("evicts one by one", call("evict")),
    "shrink_dcache_for_umount": function("drops the root dentry", call("do_one_tree")),
    "do_one_tree": function(
        "drops one tree of dentries",
        when(has("named"), call("shrink_dcache_tree", "shrink_dcache_parent")),
        when(lacks("named"), call("dput")),
    ),
    "shrink_dcache_tree": function(
        "kills every dentry below that nobody uses",
        when(dcache.unpins_at_umount, Do(dcache.unpin, "no name pins its dentry")),
        call("shrink_dentry_list"),
    ),
    "shrink_dentry_list": function("kills one dentry after the other", call("shrink_kill")),
    # The dentry's lock is held, and the inode's; dentry_unlink_inode drops both.
    "shrink_kill": function(
        "kills the dentry, then its parent", call("dentry_kill", "__dentry_kill", context="A")
    ),
    "sync_filesystem": function("writes back what is dirty"),
}

# The same functions under the names that older kernels give them.
SKELETON["__dentry_kill"] = SKELETON["dentry_kill"]
SKELETON["generic_drop_inode"] = SKELETON["inode_generic_drop"]
SKELETON["shrink_dcache_parent"] = SKELETON["shrink_dcache_tree"]
SKELETON["__inode_add_lru"] = SKELETON["__inode_lru_list_add"]
