"""The road of an inode in the second oracle, written as it reads in fs/inode.c.

Every function is a generator that yields its Steps. It sees the heap only in what they return.
"""

from dataclasses import dataclass

from gmemviz.model import Design
from tests.oracles import enumerator_metadata as metadata
from tests.oracles.enumerator_heap import HELD, I_LOCK, PROCESS, SOFTIRQ, Defect, Step, do

FREEING = "I_FREEING"
BOTH = "I_FREEING | I_CLEAR"


@dataclass(frozen=True)
class Who:
    """Whose inode and file an actor works on; `without` names rules that are broken on purpose."""

    design: Design
    inode: str = "inode"
    address: str = "inode"
    file: str = "file"
    is_path_only: bool = False
    init_fails: bool = False
    is_root: bool = False
    without: frozenset = frozenset()


def member(who, name):
    """Return the body that the table really holds, or None for NULL."""
    is_own = name == "release" or who.design.mount.own_table
    return who.design.body(name) if is_own else None


def hook(who, name, context):
    """Call through the table; return what the hook answers, or None where it is NULL."""

    def look(heap):
        if name not in ("alloc_inode", "release"):
            heap.touch(who.inode)
        if name not in ("free_inode", "release"):  # free_inode was copied into the inode
            heap.touch("superblock")
        if who.design.body(name) is not None:
            word = "entered" if member(who, name) is not None else "passed"
            heap.notes |= {(word, name)}

    yield do(look)
    body = member(who, name)
    if body is None:
        return None
    answer = 0
    for action in body:
        if action.verb.startswith("return"):
            answer = int(action.verb.removeprefix("return "))
        else:
            yield act(who, name, action, context)
    return answer


def act(who, name, action, context):
    if action.verb in ("free", "init", "attach"):
        (kept,) = (kept for kept in who.design.keeps if kept.kind.name == action.metadata)
        return about(who, name, action.verb, kept, context)
    return {
        "alloc struct": do(lambda heap: alloc(heap, who, "inode_cachep")),
        "alloc container": do(lambda heap: alloc(heap, who, "own cache")),
        "free struct": do(lambda heap: free_to(heap, who, own_cache(who))),
        "call_rcu free struct": do(lambda heap: call_rcu(heap, who, "our callback")),
        "truncate": do(lambda heap: metadata.truncate(heap, who, context)),
        "clear_inode": do(lambda heap: clear_inode(heap, who)),
    }[action.verb]


def about(who, name, verb, kept, context):
    if verb == "attach":
        return do(lambda heap: metadata.attach_at_birth(heap, who, kept))
    if verb == "init":
        return do(lambda heap: init(heap, who, kept))
    if kept.placement.holder == "file" and name != "release":
        return do(lambda heap: note_no_way(heap, name))
    return Step(
        tuple(
            lambda heap, sleeps=sleeps: metadata.release(heap, who, kept, context, sleeps=sleeps)
            for sleeps in metadata.ways_to_release(kept)
        )
    )


def note_no_way(heap, name):
    heap.notes |= {("no way", name)}


def init(heap, who, kept):
    metadata.reach(heap, who, kept)
    heap.word[metadata.place(who, kept)] = None


# --- struct inode -----------------------------------------------------------------------


def own_cache(who):
    verbs = [action.verb for action in who.design.body("alloc_inode") or ()]
    return "own cache" if "alloc container" in verbs else "inode_cachep"


def alloc(heap, who, cache):
    heap.allocate(who.inode)
    heap.word[who.inode, "cache"] = cache


def free_to(heap, who, cache):
    if cache == "own cache":
        heap.touch("own cache")
    came_from = heap.word[who.inode, "cache"]
    heap.free(who.inode)
    if came_from != cache:
        raise Defect("wrong-cache")


def inode_init_always(heap, who):
    heap.touch(who.inode)
    if not who.design.mount.is_set_up:
        raise Defect("crash")
    heap.word[who.inode, "i_count"] = 1
    heap.word[who.inode, "i_state"] = ""
    for kept in who.design.keeps:
        if kept.placement.holder == "inode":  # i_private, i_data.i_private_data
            heap.word[metadata.place(who, kept)] = None


def alloc_inode(who):
    """Return whether there is an inode now."""
    if (yield from hook(who, "alloc_inode", PROCESS)) is None:
        yield do(lambda heap: alloc(heap, who, "inode_cachep"))
    yield do(lambda heap: inode_init_always(heap, who))
    if not who.init_fails:
        return True
    destroyed = yield from hook(who, "destroy_inode", PROCESS)
    if destroyed is None or member(who, "free_inode") is not None:
        yield from i_callback(who, PROCESS)
    return False


def clear_inode(heap, who):
    heap.touch(who.inode)
    if heap.word.get((who.inode, "pages")) or heap.word[who.inode, "i_state"] != FREEING:
        raise Defect("assertion")
    heap.word[who.inode, "i_state"] = BOTH


# --- the last put -----------------------------------------------------------------------


def iput(who):
    def put(heap):
        heap.touch(who.inode)
        return heap.add((who.inode, "i_count"), -1)

    if (yield do(put)) == 0:
        yield from iput_final(who)


def iput_final(who):
    context = PROCESS if "i_lock" in who.without else I_LOCK
    answer = yield from hook(who, "drop_inode", context)
    if answer == 0:  # NULL is generic: it is unhashed, so it goes
        return
    yield do(lambda heap: set_state(heap, who, FREEING))
    yield from evict(who)


def set_state(heap, who, state):
    heap.touch(who.inode)
    heap.word[who.inode, "i_state"] = state


def bug_on_state(heap, who, wanted):
    heap.touch(who.inode)
    if heap.word[who.inode, "i_state"] != wanted:
        raise Defect("assertion")


def evict(who):
    yield do(lambda heap: bug_on_state(heap, who, FREEING))
    if (yield from hook(who, "evict_inode", PROCESS)) is None:
        yield do(lambda heap: metadata.truncate(heap, who, PROCESS))
        yield do(lambda heap: clear_inode(heap, who))
    yield do(lambda heap: bug_on_state(heap, who, BOTH))
    yield from destroy_inode(who)


def destroy_inode(who):
    destroyed = yield from hook(who, "destroy_inode", PROCESS)
    if destroyed is None or member(who, "free_inode") is not None:
        yield do(lambda heap: call_rcu(heap, who, "i_callback"))


def i_callback(who, context):
    if (yield from hook(who, "free_inode", context)) is None:
        yield do(lambda heap: free_to(heap, who, "inode_cachep"))


# --- RCU --------------------------------------------------------------------------------


def call_rcu(heap, who, callback):
    heap.touch(who.inode)
    if (who.inode, "queued") in heap.word:
        raise Defect("double-free")
    readers = frozenset() if "grace period" in who.without else heap.word["readers"]
    heap.word[who.inode, "queued"] = (callback, readers)


def softirq(who):
    """Run the callback of the inode when all that were reading have left."""
    queued = (who.inode, "queued")
    context = PROCESS if "softirq" in who.without else SOFTIRQ
    callback, _ = yield Step(
        (lambda heap: heap.word[queued],),
        lambda heap: queued in heap.word and not heap.word[queued][1],
    )
    if callback == "i_callback":
        yield from i_callback(who, context)
    else:
        yield do(lambda heap: free_to(heap, who, own_cache(who)))
    yield do(lambda heap: heap.word.pop(queued) and None)


def enter(heap, reader):
    heap.word["readers"] |= {reader}


def leave(heap, reader):
    heap.word["readers"] -= {reader}
    for name, value in list(heap.word.items()):
        if name[-1] == "queued":
            heap.word[name] = (value[0], value[1] - {reader})


# --- files and mounts -------------------------------------------------------------------


def fput(who):
    if not who.is_path_only:
        yield from hook(who, "release", PROCESS)
    puts = [dput, mntput]
    for put in reversed(puts) if "dput before mntput" in who.without else puts:
        yield from put(who)


def dput(who):
    if (yield do(lambda heap: heap.add((who.inode, "dentry count"), -1))) == 0:
        yield from iput(who)


def mntput(who):
    if (yield do(lambda heap: heap.add("mount count", -1))) > 0:
        return
    if who.is_root:
        yield from dput(who)  # mnt_root
        yield from dput(who)  # s_root, in shrink_dcache_for_umount
        if (yield do(lambda heap: pick_unused(heap, who))):
            yield from evict(who)
    yield do(lambda heap: heap.free("superblock"))


def pick_unused(heap, who):
    """Look for an inode that drop_inode has left in the cache, as evict_inodes does."""
    is_there = heap.fate[who.inode] == HELD and heap.word[who.inode, "i_state"] == ""
    if not is_there or heap.word[who.inode, "i_count"]:
        return False
    set_state(heap, who, FREEING)
    return True
