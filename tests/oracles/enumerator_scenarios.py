"""Who runs in each scenario of the second oracle, and for which Designs it is a question."""

from dataclasses import replace

from tests.oracles import enumerator_kernel as kernel
from tests.oracles import enumerator_metadata as metadata
from tests.oracles.enumerator_heap import FREED, Step, do, wait


def create(who):
    """Make inode, file and page, as the creator of guest_memfd does."""
    if not (yield from kernel.alloc_inode(who)):
        return
    attaches = do(lambda heap: metadata.attach_by_creator(heap, who))
    if not who.design.attaches_late:
        yield attaches
    yield do(lambda heap: open_first(heap, who))
    if who.design.attaches_late:
        yield attaches
    yield do(lambda heap: metadata.add_folio(heap, who))


def open_first(heap, who):
    heap.word[who.inode, "dentry count"] = 0
    heap.word["fd"] = "open"
    open_file(heap, who)


def open_file(heap, who):
    heap.add((who.inode, "dentry count"), 1)
    heap.add("mount count", 1)
    if not who.is_path_only:
        metadata.attach_to_file(heap, who)


def has_fd(heap):
    return heap.word.get("fd") == "open"


def close(who):
    if who.file == "file":
        yield do(lambda heap: heap.word.update(fd="closing"))
    yield from kernel.fput(who)
    if who.file == "file":
        yield do(lambda heap: heap.word.update(fd="closed"))


def unmap_and_close(who):
    if who.design.mappable:
        yield do(lambda heap: heap.word.update(pte=0))
    yield from close(who)


def task(who):
    yield from create(who)
    yield from unmap_and_close(who)


def fails(who, *, late):
    """Make an inode and give it up again."""
    if (yield from kernel.alloc_inode(who)):
        if late:
            yield do(lambda heap: metadata.attach_by_creator(heap, who))
        yield from kernel.iput(who)


# --- who runs beside the task -------------------------------------------------------------


def pin(heap):
    heap.add("pins", 1)


def unpin(heap):
    heap.add("pins", -1)
    metadata.put_folio_if_last(heap)


def gup_fast(who):
    def grab(heap):
        kernel.enter(heap, "gup")
        pin(heap)

    yield Step((grab,), lambda heap: heap.word["pte"])
    mapping = yield do(lambda heap: heap.word["folio", "mapping"])
    if mapping:
        yield do(lambda heap: heap.touch(mapping))
    yield do(unpin)
    yield do(lambda heap: kernel.leave(heap, "gup"))


def pipe(who):
    yield Step((pin,), lambda heap: heap.word["pte"])
    yield do(unpin)


def rcu_reader(who):
    kept = next(kept for kept in who.design.keeps if kept.kind.read_without_reference)

    def load(heap):
        if kept.placement.holder == "file":
            heap.touch(who.inode)
            heap.say("out-of-reach")
            return None
        if kept.placement.holder != "xarray":
            heap.touch(who.inode)
        return heap.word.get(metadata.place(who, kept))

    yield Step((lambda heap: kernel.enter(heap, "reader"),), has_fd)
    pointer = yield do(load)
    if pointer is not None:
        yield do(lambda heap: heap.touch(pointer))
    yield do(lambda heap: kernel.leave(heap, "reader"))


def task_with_path(who, path):
    yield from create(who)
    yield do(lambda heap: heap.word.update(path="open") or open_file(heap, path))
    yield from unmap_and_close(who)


def path_holder(path):
    yield wait(lambda heap: "path" in heap.word)
    yield from close(path)


def second_file(who):
    yield Step((lambda heap: open_file(heap, who),), has_fd)
    yield do(lambda heap: compare(heap, who))
    yield from close(who)


def compare(heap, who):
    """Ask what the inode owns through the first file and through this one."""
    for kept in who.design.keeps:
        if ("file", kept.kind.name) in heap.word and kept.placement.holder == "file":
            heap.say("per-file")  # each has a pointer of its own


def unmounter(who):
    yield wait(lambda heap: "fd" in heap.word)
    yield from kernel.mntput(who)


def module(root):
    """Mount and make the root inode, unmount, wait for callbacks, destroy the cache."""
    yield from kernel.alloc_inode(root)
    yield do(lambda heap: heap.word.update({(root.inode, "dentry count"): 2}))
    yield from kernel.mntput(root)
    yield wait(lambda heap: (root.inode, "queued") not in heap.word)
    yield do(lambda heap: heap.free("own cache"))


def second_inode(who, test):
    yield wait(test)
    yield from fails(who, late=True)


# --- the scenarios ------------------------------------------------------------------------


def beside(*others):
    """Run actors beside the task, each given the task's inode."""
    return lambda who: (lambda: task(who), *(lambda other=other: other(who) for other in others))


def alone(actor, **changes):
    def actors(who):
        changed = replace(who, **changes)
        return (lambda: actor(changed),)

    return actors


def o_path(who):
    path = replace(who, file="O_PATH file", is_path_only=True)
    return lambda: task_with_path(who, path), lambda: path_holder(path)


def two_files(who):
    second = replace(who, file="file 2")
    return lambda: task(who), lambda: second_file(second)


def two_inodes(test, address):
    def actors(who):
        second = replace(who, inode="second", address=address)
        return (
            lambda: task(who),
            lambda: second_inode(second, test),
            lambda: kernel.softirq(second),
        )

    return actors


def any_kept(test):
    return lambda design: any(test(kept) for kept in design.keeps)


def can_be_any(_):
    return True


def has_closed(heap):
    return heap.word.get("fd") == "closed"


def is_gone(heap):
    return heap.fate.get("inode") == FREED


def has_mount(design):
    return design.mount.unmounts


WHO = {
    "last-close": (can_be_any, beside()),
    "gup-fast": (lambda design: design.mappable and not design.huge_folios, beside(gup_fast)),
    "rcu-reader": (any_kept(lambda k: k.kind.read_without_reference), beside(rcu_reader)),
    "o-path": (can_be_any, o_path),
    "creation-fails-late": (
        lambda design: not design.attaches_late,
        alone(lambda who: fails(who, late=True)),
    ),
    "creation-fails-early": (
        lambda design: design.fails_early,
        alone(lambda who: fails(who, late=False)),
    ),
    "init-fails": (can_be_any, alone(lambda who: fails(who, late=False), init_fails=True)),
    "root-inode": (has_mount, alone(module, is_root=True)),
    "unmount": (has_mount, beside(unmounter)),
    "second-creation": (any_kept(lambda k: k.kind.scarce), two_inodes(has_closed, "second")),
    "pinned-folio": (any_kept(lambda k: k.kind.read_by_last_put), beside(pipe)),
    "slab-reuse": (
        any_kept(lambda k: k.placement.holder == "xarray"),
        two_inodes(is_gone, "inode"),
    ),
    "second-file": (any_kept(lambda k: k.placement.holder == "file"), two_files),
}
"""For which Designs each scenario is a question, and its actors; softirq runs in all."""
