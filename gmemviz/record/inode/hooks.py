"""Tell which functions of a recording ran as a filesystem's hooks."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from gmemviz.facts import Facts, HookName, OpsTable
from gmemviz.record.inode.calls import NOBODY, Calls

# Functions of one filesystem begin alike, if only this far (nfs4_evict_inode, nfs_free_inode).
SHARED_LETTERS = 3


class _Slot(NamedTuple):
    hook: HookName
    own: frozenset[str]  # what the caller calls itself, beside the hook
    until: frozenset[str]  # the hook runs before the first of these


def _slot(hook: HookName, own: str, until: str = "") -> _Slot:
    return _Slot(hook, frozenset(own.split()), frozenset(until.split()))


# Read from fs/inode.c and fs/file_table.c of 6.12 and 7.3; no filesystem in it.
_INIT = "inode_init_always inode_init_always_gfp"
_DROP = _slot(
    "drop_inode",
    "generic_drop_inode inode_generic_drop __inode_add_lru __inode_lru_list_add"
    " write_inode_now mark_inode_dirty_sync __mark_inode_dirty iput_final",
    "evict",
)
CALLERS: Final[Mapping[str, _Slot]] = {
    "alloc_inode": _slot(
        "alloc_inode",
        "kmem_cache_alloc_lru kmem_cache_alloc_lru_noprof init_once inode_init_once",
        f"{_INIT} security_inode_alloc",
    ),
    "__fput": _slot(
        "release",
        "eventpoll_release_file locks_remove_file security_file_release ima_file_free"
        " cdev_put module_put file_f_owner_release put_file_access fsnotify __fsnotify_parent",
        "dput",
    ),
    "iput": _DROP,
    "iput_final": _DROP,
    "evict": _slot(
        "evict_inode",
        "truncate_inode_pages_final truncate_inode_pages_range truncate_inode_pages"
        " clear_inode inode_io_list_del inode_wait_for_writeback"
        " inode_wait_for_lru_isolating cd_forget __remove_inode_hash inode_wake_up_bit"
        " wake_up_bit wake_up_var",
        "destroy_inode",
    ),
    "destroy_inode": _slot("destroy_inode", "__destroy_inode", "call_rcu"),
    "i_callback": _slot("free_inode", "free_inode_nonrcu"),
}
NOISE = (
    "_raw_", "__raw_", "__rcu_", "rcu_read_", "__might_", "__cond_resched", "preempt_",
    "kfree", "kmem_cache_free",
)  # fmt: skip


class Hooks:
    """Name the hook that each event of a recording ran as.

    The structure tells: what `evict` calls before destroy_inode and is not its own
    default is the evict_inode hook, and so on through `CALLERS`; if more than one
    function is left over, none is named. A free_folio hook runs below any of the
    truncating functions, so there the function's own name must end in that word.
    With facts, a function that they know must also stand in such a slot of a table.
    """

    def __init__(self, calls: Calls, facts: Facts | None = None) -> None:
        self._calls = calls
        self._facts = facts
        self._tables: dict[str, list[tuple[OpsTable, str]]] = {}  # function: (table, hook)
        for table in facts.tables if facts else ():
            for hook, function in table.slots:
                self._tables.setdefault(function, []).append((table, hook))
        self.named = dict(self._find())

    def related(self, one: str, other: str) -> bool:
        """Say whether two functions belong to one table, or by name to one filesystem."""
        if one in self._tables and other in self._tables:
            return any(table in self._tables_of(one) for table in self._tables_of(other))
        return one[:SHARED_LETTERS] == other[:SHARED_LETTERS]

    def _find(self) -> Iterator[tuple[int, HookName]]:
        for index, name in enumerate(self._calls.names):
            if slot := CALLERS.get(name):
                left = self._left_over(index, slot)
                if len(left) == 1:
                    yield left[0], slot.hook
            caller = self._calls.caller[index]
            if caller != NOBODY and self._frees_folio(name):
                yield index, "free_folio"

    def _left_over(self, index: int, slot: _Slot) -> list[int]:
        left = []
        for callee in self._calls.of(index):
            name = self._calls.names[callee]
            if name in slot.until:
                break
            is_own = name in slot.own or name == self._calls.names[index]  # dput.part.0
            if not is_own and not name.startswith(NOISE):
                left.append(callee)
        return [callee for callee in left if self._may_be(slot.hook, callee)]

    def _may_be(self, hook: HookName, index: int) -> bool:
        # iput_final calls drop_inode with i_lock held; what runs without is no hook.
        if hook == "drop_inode" and self._calls.events[index].context not in ("L", "?"):
            return False
        name = self._calls.names[index]
        return not self._is_known(name) or self._fills(hook, name)

    def _frees_folio(self, name: str) -> bool:
        if self._is_known(name):
            return self._fills("free_folio", name)
        return name.endswith("_free_folio") and name != "filemap_free_folio"

    def _is_known(self, name: str) -> bool:
        return self._facts is not None and self._facts.has_function(name)

    def _fills(self, hook: HookName, name: str) -> bool:
        return any(slot == hook for _, slot in self._tables.get(name, ()))

    def _tables_of(self, name: str) -> list[OpsTable]:
        return [table for table, _ in self._tables[name]]
