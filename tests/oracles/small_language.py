"""A second way to what a Design's own words come to: a small interpreter of its bodies.

Written from LANGUAGE.md and from the kernel (fs/inode.c, fs/dcache.c, fs/file_table.c,
mm/slab_common.c, kernel/rcu/tree.c of 6.12), apart from the package: it knows the data that a
Design is made of, nothing else. One inode sits in a container with one kind of metadata, which a
kfree gives back; its page cache is empty and it is on no list. Each actor is a generator: it yields
what it would do next, and learns of the heap only what it is sent.
"""

from typing import NamedTuple

FREED, HELD, QUEUED, AWAY = "freed", "held", "queued", "somebody else's"
STALE = "left by an earlier life"
DEFERS = ("free after a grace period", "free in a worker")


class Wrong(Exception):  # noqa: N818 (what a run shows, not an error)
    pass


class Step(NamedTuple):
    """What is done at once, in one of `ways`, as soon as `when` holds."""

    ways: tuple
    when: object = None


def do(*ways):
    return Step(ways)


def wait(when, way=lambda _: None):
    return Step((way,), when)


class Heap(dict):
    """Words by their names; every value is immutable."""

    def touch(self, name):
        if self[name] == FREED:
            raise Wrong("use-after-free")

    def free(self, name):
        if self[name] == FREED:
            raise Wrong("double-free")
        self[name] = FREED


START = {
    "inode": None, "blob": None, "slot": None, "count": None, "state": "", "i_lock": "",
    "dentry": 0, "mount": 1, "file": 0, "superblock": HELD, "readers": frozenset(),
    "is attached": False, "is open": False, "was opened": False, "is closed": False,
    "unmounts": False, "is found": True, "i_rcu": None, "rcu frees": "",
    "is by address": False, "address queued": None, "address": None,
}  # fmt: skip


class Named(NamedTuple):
    name: str


class Who(NamedTuple):
    """Whose code runs, and whether in softirq; `name` holds locks and reads under RCU."""

    design: object
    name: str


def body_of(design, hook):
    return dict(design.hooks).get(hook)


# --- the words of a body -----------------------------------------------------------------


def run(who, body):
    """Do what a body says, line by line; an igrab that is turned away ends it."""
    held = []
    for action in body:
        if action.only_if and not (yield do(lambda heap, of=action.only_if: asked(heap, of))):
            continue
        if action.verb != "igrab":
            note_lock(held, action)
            yield from SAYS[action.verb](who, action)
        elif not (yield wait(lambda heap: not heap["i_lock"], igrab)):
            for name in held:
                yield from unlock(who, Named(name))
            return


def note_lock(held, action):
    if action.verb == "lock":
        held.append(action.name)
    elif action.verb == "unlock":
        held.remove(action.name)


def asked(heap, conditions):
    answers = []
    for condition in conditions:
        heap.touch("inode")
        answers.append((heap["slot"] is not None) != condition.negated)
    return all(answers)


def pointer(heap):
    if not heap["is by address"]:
        heap.touch("inode")  # the pointer is a member of the container
    return heap["slot"]


def lies_in_blob(design, name):
    """Whether a callback has its rcu_head in what it frees: so it never looks for the pointer."""
    (does,) = (callback.does for callback in design.callbacks if callback.name == name)
    looks = ("lock", "clear", "hand over", "free struct", "iput", "igrab")
    if any(action.verb in looks or action.only_if for action in does):
        return False
    return any(action.verb.startswith("free") and action.metadata for action in does)


def by_address(steps):
    """Do the same steps, but with the address that was queued in the place of the pointer."""

    def swapped(way):
        def there(heap):
            pointers = heap["slot"], heap["address"]
            heap.update({"is by address": True, "slot": pointers[1]})
            answer = way(heap)
            heap.update({"is by address": False, "slot": pointers[0], "address": heap["slot"]})
            return answer

        return there

    answer = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration:
            return
        answer = yield Step(tuple(map(swapped, step.ways)), step.when)


def takes_address(heap, who, name):
    """Queue with the address of the blob; where there is none, there is nothing to queue."""
    if not lies_in_blob(who.design, name):
        return True
    address = pointer(heap)
    if address is None:
        return False
    if address == STALE:
        raise Wrong("use-after-free")
    heap.touch("blob")
    return True


def free(_, __):
    def way(heap):
        if pointer(heap) is not None:
            heap.free("blob")

    yield do(way)


def free_later(_, action):
    """kfree_rcu waits for the readers of now, a worker for nobody; each finds its object itself."""
    how = action.verb

    def way(heap):
        if pointer(heap) is None:
            return
        if heap["blob"] in (FREED, QUEUED):
            raise Wrong("double-free")
        heap["blob"] = QUEUED
        heap[how] = heap["readers"] if "grace" in how else frozenset()

    yield do(way)


def clear(_, __):
    def way(heap):
        pointer(heap)
        heap["slot"] = None

    yield do(way)


def hand_over(_, __):
    def way(heap):
        if pointer(heap) is not None and heap["blob"] == HELD:
            heap["blob"] = AWAY
        heap["slot"] = None

    yield do(way)


def read(_, action):
    """A load and a use, between which others may come."""
    loaded = yield do(pointer)
    if loaded is None:
        if action.untested:
            yield do(crash)
        return
    yield do(lambda heap: heap.touch("blob"))


def crash(_):
    raise Wrong("crash")


def lock(who, action):
    name = f"lock {action.name}"

    def way(heap):
        if heap[name] == who.name:
            raise Wrong("deadlock")
        lock_spin(heap, who, action.name)

    yield wait(lambda heap: heap[name] in ("", who.name), way)


def unlock(who, action):
    yield do(lambda heap: unlock_spin(heap, who, action.name))


def lock_spin(heap, who, name):
    """Every lock here spins with interrupts off, and no grace period ends over that."""
    heap[f"lock {name}"] = who.name
    heap["readers"] |= {(who.name, name)}


def unlock_spin(heap, who, name):
    heap[f"lock {name}"] = ""
    leave_rcu(heap, (who.name, name))


def put_on(_, action):
    """list_add writes into what it adds."""

    def way(heap):
        if pointer(heap) is not None:
            heap.touch("blob")
            heap[f"list {action.name}"] = True

    yield do(way)


def take_off(_, action):
    def way(heap):
        if pointer(heap) is not None:
            heap.touch("blob")
            heap[f"list {action.name}"] = False

    yield do(way)


def walk(_, action):
    is_there = yield do(lambda heap: heap[f"list {action.name}"])
    if is_there:
        yield do(lambda heap: heap.touch("blob"))


def wait_for(_, action):
    names = [f"{action.name} {number}" for number in (1, 2)]
    yield wait(lambda heap: all(heap.get(name) != "at work" for name in names))


def drain(who, action):
    """flush_work puts a barrier behind the last run asked for, and sleeps until that is reached."""
    queued, runs = f"queued {action.name}", f"runs {action.name}"
    key = f"flushed by {who.name}"

    def note(heap):
        behind_queue, behind_run = heap[queued] is not None, heap[runs]
        heap[key] = queued if behind_queue else runs if behind_run else ""

    yield do(note)
    yield wait(lambda heap: not heap[key])


def call_rcu(who, action):
    """The rcu_head of a callback that is about the inode lies in the inode."""
    queued = f"queued {action.name}"

    def way(heap):
        if not takes_address(heap, who, action.name):
            return
        if is_about_inode(who.design, action.name):
            heap.touch("inode")
        if heap[queued] is not None:
            raise Wrong("double-free")
        heap.update({queued: heap["readers"], "address queued": heap["slot"]})

    yield do(way)


def is_about_inode(design, name):
    (does,) = (callback.does for callback in design.callbacks if callback.name == name)
    return any(action.metadata or action.verb in ("free struct", "iput") for action in does)


def queue(who, action):
    queued = f"queued {action.name}"

    def way(heap):
        if takes_address(heap, who, action.name) and heap[queued] is None:
            heap.update({queued: frozenset(), "address queued": heap["slot"]})

    yield do(way)


def synchronize_rcu(who, _):
    """Wait for who reads now, and for nobody who comes later.

    A task that sleeps with a spinlock held is switched away, which RCU takes for having left.
    """
    key = f"waited for by {who.name}"

    def note(heap):
        heap[key] = frozenset(
            reader for reader in heap["readers"]
            if not (isinstance(reader, tuple) and reader[0] == who.name)
        )  # fmt: skip

    yield do(note)
    yield wait(lambda heap: not heap[key])


def igrab(heap):
    heap.touch("inode")
    if heap["state"]:
        return False
    heap["count"] += 1
    return True


def leave(who, _):
    yield do(lambda heap: leave_rcu(heap, who.name))


def leave_rcu(heap, name):
    for key, value in list(heap.items()):
        if isinstance(value, frozenset):
            heap[key] = value - {name}


def free_struct(_, __):
    yield do(lambda heap: heap.free("inode"))


def free_to_inode_cachep(_, __):
    def way(heap):
        if heap["inode"] == FREED:
            raise Wrong("double-free")
        raise Wrong("wrong-cache")  # it came from the Design's own

    yield do(way)


def own_rcu(_, __):
    yield do(lambda heap: call_i_rcu(heap, "struct"))


def call_i_rcu(heap, frees):
    heap.touch("inode")
    if heap["i_rcu"] is not None:
        raise Wrong("double-free")
    heap.update({"i_rcu": heap["readers"], "rcu frees": frees, "is found": False})


def truncate(_, __):
    yield do(lambda heap: heap.touch("inode"))  # there is no page


def clear_inode(_, __):
    def way(heap):
        heap.touch("inode")
        if heap["state"] != "I_FREEING":
            raise Wrong("assertion")
        heap["state"] = "I_FREEING | I_CLEAR"

    yield do(way)


def alloc_container(who, _):
    """Memory of a slab is not cleared: a member that nobody sets has what an earlier life left."""
    is_set = any(action.verb in ("init", "attach") for action in body_of(who.design, "alloc_inode"))
    values = (None,) if is_set else (None, STALE)
    ways = [lambda heap, value=value: heap.update(inode=HELD, slot=value) for value in values]
    yield do(*ways)


def init(_, __):
    yield do(lambda heap: heap.update(slot=None))


SAYS = {
    "free": free, **dict.fromkeys(DEFERS, free_later),
    "clear": clear, "hand over": hand_over, "read": read, "lock": lock, "unlock": unlock,
    "put on": put_on, "take off": take_off, "walk": walk, "wait for": wait_for, "drain": drain,
    "call_rcu": call_rcu, "queue": queue, "rcu_read_unlock": leave, "free struct": free_struct,
    "free to inode_cachep": free_to_inode_cachep, "call_rcu free struct": own_rcu,
    "truncate": truncate, "clear_inode": clear_inode, "alloc container": alloc_container,
    "init": init, "synchronize_rcu": synchronize_rcu, "iput": lambda who, _: iput(who),
}  # fmt: skip


# --- the road ------------------------------------------------------------------------------


def iput(who):
    """The last put goes on with i_lock held until I_FREEING is set: drop_inode is NULL."""

    def put(heap):
        heap.touch("inode")
        heap["count"] -= 1
        if heap["count"] == 0:
            heap.touch("superblock")
            heap["i_lock"] = who.name
        return heap["count"]

    def mark(heap):
        heap.touch("inode")
        heap.touch("superblock")
        heap.update(state="I_FREEING", i_lock="")

    if (yield wait(lambda heap: not heap["i_lock"], put)) == 0:
        yield do(mark)
        yield from evict(who)


def evict(who):
    yield do(lambda heap: heap.touch("inode"))
    body = body_of(who.design, "evict_inode")
    if body is None:
        yield from truncate(who, None)
        yield from clear_inode(who, None)
    else:
        yield from run(who, body)
    yield do(bug_on_not_clear)
    yield do(lambda heap: heap.touch("inode"))
    destroy, free_hook = (body_of(who.design, hook) for hook in ("destroy_inode", "free_inode"))
    yield from run(who, destroy or ())
    if destroy is None or free_hook is not None:
        yield do(lambda heap: call_i_rcu(heap, "i_callback"))


def bug_on_not_clear(heap):
    heap.touch("inode")
    if heap["state"] != "I_FREEING | I_CLEAR":
        raise Wrong("assertion")


def rcu(who):
    """Softirq runs what destroy_inode has queued, once its readers have left."""

    def take(heap):
        heap["i_rcu"] = "runs"  # whoever queues it once more has it freed twice
        heap["readers"] |= {"softirq"}
        return heap["rcu frees"]

    if (yield wait(lambda heap: heap["i_rcu"] == frozenset(), take)) == "struct":
        yield from free_struct(who, None)
    else:
        body = body_of(who.design, "free_inode")
        yield from free_to_inode_cachep(who, None) if body is None else run(who, body)
    yield do(lambda heap: leave_rcu(heap, "softirq"))


def fput(who):
    if (yield do(lambda heap: add(heap, "file", -1))) == 0:
        yield from last_fput(who)


def last_fput(who, *, is_path_only=False):
    if not is_path_only:
        yield from run(who, body_of(who.design, "release") or ())
    yield from path_put(who)


def path_put(who):
    if (yield do(lambda heap: add(heap, "dentry", -1))) == 0:
        yield from iput(who)
    yield from mntput(who)


def mntput(_):
    if (yield do(lambda heap: add(heap, "mount", -1))) == 0:
        yield do(lambda heap: heap.free("superblock"))


def add(heap, name, number):
    heap[name] += number
    return heap[name]


# --- who runs --------------------------------------------------------------------------------


def task(who):
    def attach(heap):
        heap.touch("inode")
        heap.update({"blob": HELD, "slot": "blob", "is attached": True})

    def make_file(heap):
        heap.update({"dentry": 1, "mount": heap["mount"] + 1, "file": 1})
        heap.update({"is open": True, "was opened": True})

    yield from run(who, body_of(who.design, "alloc_inode"))
    yield do(lambda heap: heap.update(count=1, state=""))
    yield do(attach)
    yield do(make_file)
    yield do(lambda heap: heap.update({"is open": False}))
    yield from fput(who)
    yield do(lambda heap: heap.update({"is closed": True}))


MOMENTS = {
    "creation": lambda heap: heap["is attached"],
    "open": lambda heap: heap["is open"],
    "close": lambda heap: heap["is closed"],
    "eviction": lambda heap: heap["inode"] == HELD and heap["state"] != "" and heap["is found"],
    "umount": lambda heap: heap["superblock"] == FREED,
}
"""From when on an actor may begin."""


def can_hold(heap, actor):
    return {
        "inode": bool(heap["count"]) and not heap["state"],
        "dentry": heap["dentry"] > 0,
        "O_PATH file": heap["dentry"] > 0,
        "file": heap["file"] > 0,
        "lock": not heap.get(f"lock {actor.lock}"),
    }.get(actor.holds, True)


def take(heap, who, actor):
    heap[who.name] = "at work"
    if actor.holds == "inode":
        heap["count"] += 1
    elif actor.holds == "rcu":
        heap["readers"] |= {who.name}
    elif actor.holds == "file":
        heap["file"] += 1
    elif actor.holds in ("dentry", "O_PATH file"):
        heap["dentry"] += 1
        heap["mount"] += 1
    elif actor.holds == "lock":
        lock_spin(heap, who, actor.lock)


PUTS = {
    "inode": iput, "dentry": path_put, "file": fput,
    "O_PATH file": lambda who: last_fput(who, is_path_only=True),
}  # fmt: skip


def declared(who, actor):
    def may_begin(heap):
        is_late = actor.until == "umount" and heap["unmounts"]
        is_time = heap[f"list {actor.walks}"] if actor.begins == "listed" else None
        is_time = MOMENTS[actor.begins](heap) if is_time is None else is_time
        return not is_late and is_time and can_hold(heap, actor)

    def end(heap):
        leave_rcu(heap, who.name)
        if actor.holds == "lock":
            unlock_spin(heap, who, actor.lock)
        heap[who.name] = "done"

    yield wait(may_begin, lambda heap: take(heap, who, actor))
    yield from run(who, actor.does)
    if actor.holds in PUTS:
        yield from PUTS[actor.holds](who)
    yield do(end)


def unmounter(who, actors):
    awaited = [f"{actor.name} {n}" for actor in actors if actor.until == "umount" for n in (1, 2)]

    def may_unmount(heap):
        is_anybody_there = any(heap.get(name) == "at work" for name in awaited)
        return heap["was opened"] and not is_anybody_there

    yield wait(may_unmount, lambda heap: heap.update(unmounts=True))
    yield from mntput(who)


def callback(who, declared_callback):
    """Run each time that it is due, which its own body may bring about once more."""
    name = declared_callback.name
    queued, runs = f"queued {name}", f"runs {name}"

    def move_barriers(heap, was, becomes):
        flushes = [key for key in heap if key.startswith("flushed by ") and heap[key] == was]
        heap.update(dict.fromkeys(flushes, becomes))

    def begin(heap):
        heap.update({queued: None, runs: True})
        heap.update({"address": heap["address queued"], "address queued": None})
        move_barriers(heap, queued, runs)
        if declared_callback.runs == "rcu":
            heap["readers"] |= {runs}

    def end(heap):
        leave_rcu(heap, runs)
        heap.update({runs: False, "address": None})
        move_barriers(heap, runs, "")

    while True:
        yield wait(lambda heap: heap[queued] == frozenset() and not heap[runs], begin)
        does = run(who, declared_callback.does)
        yield from by_address(does) if lies_in_blob(who.design, name) else does
        yield do(end)


def deferred(_, how):
    while True:
        yield wait(
            lambda heap: heap[how] == frozenset(),
            lambda heap: (heap.update({how: None}), heap.free("blob")),
        )


# --- all runs ----------------------------------------------------------------------------------


def codes_of(design, actors):
    """Return the codes of all runs with these actors beside a last close and an umount."""
    crew = [("task", task, False), ("rcu", rcu, False)]
    for actor in actors:
        is_pair = len(actors) == 1 and actor.times == 2
        for number in range(1, 2 + is_pair):
            name = f"{actor.name} {number}"
            crew.append((name, lambda who, actor=actor: declared(who, actor), False))
    crew.append(("unmounter", lambda who: unmounter(who, actors), False))
    crew += [
        (f"callback {later.name}", lambda who, later=later: callback(who, later), True)
        for later in design.callbacks
    ]
    crew += [(how, lambda who, how=how: deferred(who, how), True) for how in DEFERS]
    heap = Heap(START)
    heap.update({name: "" for name, _, _ in crew})
    heap.update({f"waited for by {name}": frozenset() for name, _, _ in crew})
    heap.update({f"flushed by {name}": "" for name, _, _ in crew})
    heap.update({f"lock {lock.name}": "" for lock in design.locks})
    heap.update({f"list {name}": False for name in design.lists})
    heap.update(dict.fromkeys(DEFERS))
    for later in design.callbacks:
        heap.update({f"queued {later.name}": None, f"runs {later.name}": False})
    return Runs(design, crew).all_from(heap)


class Runs:
    def __init__(self, design, crew):
        self.design, self.crew, self.codes = design, crew, set()
        self.known = {}

    def all_from(self, heap):
        start = heap, ((),) * len(self.crew)
        left, seen = [start], {self.key(*start)}
        while left:
            for following in self.after(*left.pop()):
                key = self.key(*following)
                if key not in seen:
                    seen.add(key)
                    left.append(following)
        return self.codes

    def key(self, heap, told):
        return tuple(heap.values()), told  # no word is ever new, so they stand in one order

    def after(self, heap, told):
        steps = [self.step(at, answers) for at, answers in enumerate(told)]
        ready = [at for at, step in enumerate(steps) if step and (not step.when or step.when(heap))]
        for at in ready:
            for way in steps[at].ways:
                here = Heap(heap)
                try:
                    answer = way(here)
                except Wrong as wrong:
                    self.codes.add(str(wrong))
                    continue
                yield here, (*told[:at], self.forget(at, (*told[at], answer)), *told[at + 1 :])
        if not ready:
            self.end(heap, steps, told)

    def forget(self, at, answers):
        """Let what runs again and again begin anew, so that moments are met again."""
        is_round, step = self.crew[at][2], self.step(at, answers)
        first = self.step(at, ())
        is_back = is_round and step.when and step.when.__code__ is first.when.__code__
        return () if is_back else answers

    def step(self, at, answers):
        if (at, answers) not in self.known:
            name, actor, _ = self.crew[at]
            self.known[at, answers] = next_step(actor(Who(self.design, name)), answers)
        return self.known[at, answers]

    def end(self, heap, steps, told):
        for step, answers in zip(steps, told, strict=True):
            if step and answers:  # it has begun, and waits for what nobody does
                self.codes.add("hang")
        if heap["blob"] in (HELD, QUEUED):
            self.codes.add("leak")
        if heap["inode"] not in (None, FREED):
            self.codes.add("inode-leak")


def next_step(running, answers):
    try:
        step = next(running)
        for answer in answers:
            step = running.send(answer)
    except StopIteration:
        return None
    return step
