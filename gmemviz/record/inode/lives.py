"""Tell inodes apart by their addresses, each from its birth to its i_callback.

The addresses are arguments of events: `inode` and `head` of the probes that the driver sets
(`boot/scenarios.toml`), or what funcgraph-args and funcgraph-retval show.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from gmemviz.facts import Watched
from gmemviz.record.inode.calls import NOBODY, Calls
from gmemviz.record.inode.hooks import Hooks

# An inode begins to be one in inode_init_always (fs/inode.c:inode_init_always_gfp@v7.3),
# which calls security_inode_alloc; inode_init_once is the slab's, long before.
BIRTH: Final = ("inode_init_always", "security_inode_alloc")
ALLOCATORS: Final = frozenset({"alloc_inode", "new_inode", "new_inode_pseudo"})
NO_SIGHT: Final = frozenset({"inode_init_once"})
DEATH: Final = frozenset({"evict", "destroy_inode", "i_callback"})
# What the VFS does to an inode at its end, each once (fs/inode.c:evict, destroy_inode@v7.3), and
# what nobody may do to it from then on.
ENDS: Final = DEATH | {"clear_inode", "__destroy_inode", "call_rcu"}
USES: Final = frozenset({"iput", "ihold"})
FREES: Final = ("kfree", "kvfree", "kmem_cache_free", "free_inode_nonrcu")
"""How the names of functions begin that give memory back (mm/slub.c:kmem_cache_free@v7.3)."""
# i_rcu lies within struct inode (include/linux/fs.h:inode@v7.3), which is no
# larger than this even with every lock checker built in.
INODE_BYTES: Final = 2048
# The struct around an inode begins before it. What lies nearer than the smallest inode is large
# can be of no other inode: between their containers stands at least one inode.
CONTAINER_BYTES: Final = 512


class Life(NamedTuple):
    """Give the events that have one inode's address while it is that inode's."""

    address: int
    sights: tuple[int, ...]
    is_born: bool


class Lives:
    """Read addresses from the arguments of a recording's events.

    An address may serve one inode after the other: it is one's own from the birth
    (or from the end of the one before) to the i_callback, or to the next birth. Where the
    recording's head says that births were `watched`, one that it does not show never was.
    """

    def __init__(self, calls: Calls, watched: Watched | None = None) -> None:
        self._calls = calls
        names = watched.functions if watched else frozenset()
        self._watches_births = any(name.startswith(BIRTH) for name in names)
        self._arguments = [dict(event.arguments) for event in calls.events]
        self._addresses = [self._inode(index) for index in range(len(calls.names))]
        self._known = sorted(set(self._addresses) - {0})

    def address(self, evict: int) -> int:
        """Give the address of the inode that `evict` evicts, or 0 if it is not told."""
        calls = self._calls
        near = [evict]
        for callee in calls.of(evict):
            near.append(callee)
            if calls.names[callee] == "destroy_inode":
                near += calls.of(callee)
        caller = calls.caller[evict]
        if caller != NOBODY and calls.names[caller] in ("iput", "iput_final"):
            near.append(caller)
        addresses = (self._addresses[index] for index in near)
        return next(filter(None, addresses), 0)

    def identity(self, evict: int) -> tuple[str, str]:
        """Give (dev, ino) of the inode that `evict` evicts, or "" for what is not told."""
        address = self.address(evict)
        if address:
            for index in (evict, *self._calls.below(evict)):
                dev, ino = map(self._arguments[index].get, ("dev", "ino"))
                if dev and ino and self._addresses[index] == address:
                    return dev, ino
        return "", ""

    def life(self, evict: int) -> Life:
        """Give the life that ends with `evict`, as far as the recording shows it."""
        address = self.address(evict)
        sights: list[int] = []
        for index in reversed(range(evict)) if address else ():
            if self._addresses[index] != address or self._calls.names[index] in NO_SIGHT:
                continue
            if self._is_dying(index) and self._is_of_another(index, address):
                break
            sights.append(index)
            if self._calls.names[index].startswith(BIRTH):
                sights += self._makers(index)
                return Life(address, tuple(reversed(sights)), is_born=True)
        is_born = bool(sights) and self._calls.names[sights[-1]] in ALLOCATORS
        return Life(address, tuple(reversed(sights)), is_born=is_born)

    # Who dies here was evicted before, and a birth was missed: or it dies twice, had any been seen.
    def _is_of_another(self, index: int, address: int) -> bool:
        if self._watches_births:
            return False
        names = self._calls.names[: index + 1]
        return any(
            name == "evict" and self._addresses[at] == address for at, name in enumerate(names)
        )

    # Where the life of the inode begins that `evict` ends, and nothing before is its own.
    def _begin(self, evict: int, life: Life) -> int:
        if life.is_born:
            return life.sights[0]
        return 0 if self._watches_births else evict

    def ends(self, evict: int, hooks: Hooks) -> Iterator[int]:
        """Give the events that end the inode of `evict` or use it then, wherever they stand.

        Those are what the VFS does to it last, hooks that do, and whatever frees memory, where an
        argument points into it, its rcu_head or the struct around it. One too many, or one too
        early, is as much of its life as the right ones.
        """
        life = self.life(evict)
        if not life.address:
            return
        for index in range(self._begin(evict, life), len(self._calls.names)):
            name, is_own = self._calls.names[index], self._addresses[index] == life.address
            if index > evict and is_own and name.startswith(BIRTH):
                return  # the memory is another inode's from here on
            is_last = name in ENDS or name.startswith(FREES) or hooks.may_end(name)
            is_use = index > evict and name in USES
            is_freed = name.startswith(FREES)
            if (is_last or is_use) and self._points_into(index, life.address, is_freed=is_freed):
                yield index

    def _points_into(self, index: int, address: int, *, is_freed: bool) -> bool:
        values = map(address_of, self._arguments[index].values())
        near = (self._is_within(value, address, is_freed=is_freed) for value in values if value)
        return any(near)

    # Between two inodes lies what is in the lower one, such as its rcu_head, and where the struct
    # around the upper one begins. What is freed begins there, or is in the midst of an inode.
    def _is_within(self, value: int, address: int, *, is_freed: bool) -> bool:
        at = bisect_right(self._known, value)
        past = value - self._known[at - 1] if at else CONTAINER_BYTES
        ahead = self._known[at] - value if at < len(self._known) else CONTAINER_BYTES
        if value >= address:
            begins_next = is_freed and past >= CONTAINER_BYTES > ahead
            return self._holds(address, value) and not begins_next
        is_before = ahead < CONTAINER_BYTES and self._known[at] == address
        return is_before and (is_freed or past >= CONTAINER_BYTES)

    def callback(self, evict: int, destroy: int, address: int) -> int:
        """Give the i_callback whose rcu_head lies in the inode, or NOBODY.

        One that comes before destroy_inode is it too, where it can be no earlier inode's: after
        `evict` began, or after the inode was born. So is another function that RCU calls with the
        very rcu_head that was queued.
        """
        calls = self._calls
        own = self.queued(destroy, address)
        for index in range(self._begin(evict, self.life(evict)), len(calls.names)):
            name = calls.names[index]
            is_next = name == "evict" or name.startswith(BIRTH)
            if index > destroy and is_next and self._addresses[index] == address:
                return NOBODY
            head = self._head(index)
            if calls.caller[index] == NOBODY and head and head in own:
                return index
            if name == "i_callback":
                frees = any(self._addresses[callee] == address for callee in calls.of(index))
                if frees or head in own or (not own and head and self._holds(address, head)):
                    return index
        return NOBODY

    def tells_callbacks(self) -> bool:
        """Say whether each i_callback of the recording has its rcu_head."""
        callbacks = [n for n, name in enumerate(self._calls.names) if name == "i_callback"]
        return all(map(self._head, callbacks))

    def queued(self, destroy: int, address: int) -> set[int]:
        """Give the rcu_heads in the inode that destroy_inode, or its hook, handed to call_rcu."""
        heads = [self._head(index) for index in self._calls.below(destroy)]
        return {head for head in heads if head and self._holds(address, head)}

    def _inode(self, index: int) -> int:
        arguments = self._arguments[index]
        text = arguments.get("inode", "")
        if not text and self._calls.names[index] in ALLOCATORS:
            text = arguments.get("ret", "")
        return address_of(text)

    def _head(self, index: int) -> int:
        return address_of(self._arguments[index].get("head", ""))

    # The nearest inode at or below the head has it, if it is near enough.
    def _holds(self, address: int, head: int) -> bool:
        at = bisect_right(self._known, head)
        return at > 0 and self._known[at - 1] == address and head - address < INODE_BYTES

    def _is_dying(self, index: int) -> bool:
        return any(self._calls.names[i] in DEATH for i in (index, *self._calls.above(index)))

    # The functions around a birth have no address of their own, but make the inode.
    def _makers(self, birth: int) -> list[int]:
        names = self._calls.names
        above = list(self._calls.above(birth))
        return [i for i in above if names[i] in ALLOCATORS or names[i].startswith(BIRTH)]


def address_of(text: str) -> int:
    """Return the address that an argument's text says, or 0."""
    try:
        return int(text, 16) if text else 0
    except ValueError:  # a symbol, or damage
        return 0
