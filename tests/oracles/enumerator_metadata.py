"""What an inode owns, in the second oracle: how it is attached, read and released."""

from tests.oracles.enumerator_heap import SOFTIRQ, Defect, sleep


def place(who, kept):
    """Name the word that holds the pointer (or the bits): what lies in memory stays there."""
    whose = {
        "inode": f"memory at {who.address}",
        "container": f"memory at {who.address}",
        "file": who.file,
        "xarray": f"xarray at {who.address}",
    }
    return whose[kept.placement.holder], kept.kind.name


def thing(who, kept):
    """Name the memory beside the pointer, as the package's search names it."""
    if kept.placement.holder == "file" and who.file != "file":
        return f"{kept.kind.name} of {who.file}"
    return kept.kind.name if who.inode == "inode" else f"{kept.kind.name} of {who.inode}"


def reach(heap, who, kept):
    """Follow the way to the word; the inode's memory is on it where the word lies there."""
    if kept.placement.holder in ("inode", "container"):
        heap.touch(who.inode)
    if kept.placement.holder == "container" and heap.word[who.inode, "cache"] != "own cache":
        raise Defect("wrong-cache")


def attach(heap, who, kept):
    reach(heap, who, kept)
    kind, word = kept.kind, place(who, kept)
    if kept.placement.holder == "xarray" and heap.word.get(word) is not None:
        heap.say("stale-alias")  # the xarray refuses a second entry, so the first one stays
        return
    if kind.owns_object:
        if kind.scarce and is_refused(heap, who, kind):
            return
        heap.allocate(thing(who, kept))
    heap.word[word] = thing(who, kept)


def is_refused(heap, who, kind):
    """Ask for a scarce thing; whether it only stands behind a grace period is remembered."""
    owner = heap.word.get((kind.name, "owner"))
    if owner is None:
        heap.word[kind.name, "owner"] = who.inode
        return False
    heap.word[kind.name, "is late"] = (owner, "queued") in heap.word
    return True


def attach_by_creator(heap, who):
    for kept in who.design.keeps:
        if kept.placement.holder != "file" and not kept.kind.born_in_alloc:
            attach(heap, who, kept)


def attach_to_file(heap, who):
    for kept in who.design.keeps:
        if kept.placement.holder == "file" and not kept.kind.born_in_alloc:
            attach(heap, who, kept)


def attach_at_birth(heap, who, kept):
    if kept.placement.holder == "file":  # there is no file to remember it
        heap.allocate(thing(who, kept))
    else:
        attach(heap, who, kept)


def release(heap, who, kept, context, *, sleeps):
    word = place(who, kept)
    reach(heap, who, kept)
    pointer = heap.word.get(word)
    if pointer is None:
        return
    if kept.placement.holder == "xarray" and context == SOFTIRQ:
        heap.say("deadlock")  # in another run it has interrupted a holder of xa_lock
    if kept.placement.holder == "xarray" or not kept.kind.owns_object:
        heap.word[word] = None  # anywhere else the pointer is left to dangle
    if kept.kind.owns_object:
        free(heap, kept.kind, pointer, context, sleeps=sleeps)


def free(heap, kind, pointer, context, *, sleeps):
    if kind.release != "kfree":  # a kfree takes the address; all else looks behind it
        heap.touch(pointer)
    if sleeps:
        sleep(heap, context)
    if kind.release == "plain lock" and context == SOFTIRQ:
        heap.say("lock-context")
    heap.free(pointer)
    if kind.scarce:
        give_back(heap, kind)


def give_back(heap, kind):
    if heap.word.get((kind.name, "is late")):
        heap.say("late-release")
    heap.word[kind.name, "owner"] = None


def ways_to_release(kept):
    """Return whether releasing sleeps: a tuple of what may be."""
    return {"sleeping lock": (True,), "may sleep": (False, True)}.get(kept.kind.release, (False,))


def truncate(heap, who, context):
    heap.touch(who.inode)
    sleep(heap, context)
    if not heap.word.get((who.inode, "pages")):
        return
    for kept in who.design.keeps:
        if kept.kind.read_by_truncation:
            read(heap, who, kept)
    heap.word[who.inode, "pages"] = 0
    heap.word["folio", "mapping"] = None
    put_folio_if_last(heap)


def read(heap, who, kept):
    if kept.placement.holder == "file":  # truncation is given a mapping, and asks its inode
        heap.say("out-of-reach")
        return
    reach(heap, who, kept)
    pointer = heap.word.get(place(who, kept))
    if pointer is None:  # a page was added after attaching, so this was there and is gone
        heap.say("wrong-branch")
    elif kept.kind.owns_object:
        heap.touch(pointer)


def add_folio(heap, who):
    """Put a folio into the mapping; it remembers what its last put will want to read."""
    heap.touch(who.inode)
    heap.allocate("folio")
    heap.word[who.inode, "pages"] = 1
    heap.word["folio", "mapping"] = who.inode
    heap.word["folio", "wants"] = tuple(
        thing(who, kept) for kept in who.design.keeps if kept.kind.read_by_last_put
    )
    heap.word["pte"] = int(who.design.mappable)


def put_folio_if_last(heap):
    if heap.word["folio", "mapping"] is None and not heap.word["pins"]:
        for wanted in heap.word["folio", "wants"]:
            heap.touch(wanted)
        heap.free("folio")
