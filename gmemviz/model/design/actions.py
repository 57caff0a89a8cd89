"""Name what a body of a Design may do: one Action a line, of a hook, an actor or a callback.

A hook's body stands for the code that a filesystem has in super_operations, file_operations or the
other tables. The language is one table, `VERBS`: the spelling of each word, what is so once it is
done, and the kernel function that it stands for. What an Action does to the heap, `road` says.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from gmemviz.errors import DesignError, UnknownNameError, choice, meant, shown, under
from gmemviz.facts import HOOKS, HookName
from gmemviz.model.design.choices import METADATA, Metadata
from gmemviz.model.design.limits import SAID, refuse_identifier, refuse_long
from gmemviz.shown import Several, shows_itself

Verb = Literal[
    "alloc struct", "alloc container", "init", "attach", "free", "free after a grace period",
    "free in a worker", "clear", "detach", "read", "hand over", "call_rcu free struct",
    "free struct", "free to inode_cachep", "truncate", "clear_inode", "call_rcu", "queue", "drain",
    "rcu_barrier", "synchronize_rcu", "call_srcu", "synchronize_srcu", "srcu_barrier",
    "srcu_read_unlock", "wait for", "rcu_read_unlock", "lock", "unlock", "lock of another",
    "unlock of another", "lock both", "unlock both", "drop i_lock", "take i_lock", "put on",
    "take off", "walk", "sleep", "igrab", "iput", "add page", "make_bad_inode", "kill_anon_super",
    "kill_litter_super", "attach unless set", "get", "get unless zero", "put",
    "put after a grace period", "cancel", "return 0", "return 1",
]  # fmt: skip
"""What an action does; what it does it to stands beside it."""

Operand = Literal["M", "LOCK", "LIST", "ACTOR", "CALLBACK"]
"""What a word of the language is said of: a kind of metadata, or what the Design names so."""

Where = Literal["hook", "actor", "callback"]
"""In which bodies a word has a meaning."""

InodeKind = Literal["regular", "directory", "symlink", "special", "bad"]
"""What i_mode says an inode is; make_bad_inode makes a bad one. (fs/bad_inode.c:make_bad_inode)"""

INODE_KINDS: Final[Mapping[InodeKind, str]] = {
    "regular": "a regular file",
    "directory": "a directory",
    "symlink": "a symlink, whose body i_link may point to",
    "special": "a device node, a fifo or a socket",
    "bad": "what make_bad_inode has left: i_mode says regular, and every op fails",
}

NOT_SET: Final = "i_nlink is 0"
ANYWHERE: Final[tuple[Where, ...]] = ("hook", "actor", "callback")


class VerbRow(NamedTuple):
    """Say how a word is spelled, what is so once it is done, and where it may be said.

    `form` has the operands in capitals; `[untested]` may be left out. `source` is the kernel
    function that the word stands for, `path:function`, or "" where it is the Design's own code.
    `home` is the only hook that can do it, or None for any; `where` are the bodies that can. Of
    a word that holds no pointer `says_of_word` is said, and nothing where it `needs_memory`: bits
    in i_private are on no list, and nobody has them to free.
    """

    form: str
    says: str
    source: str = ""
    home: HookName | None = None
    where: tuple[Where, ...] = ANYWHERE
    says_of_word: str = ""
    needs_memory: bool = False

    @property
    def operands(self) -> tuple[str, ...]:
        """Return the operands in the order of the form."""
        return tuple(word for word in self.form.split() if word in OPERANDS)

    @property
    def about_metadata(self) -> bool:
        """Return whether the word is said of a kind of metadata."""
        return "M" in self.operands


OPERANDS: Final[Mapping[str, str]] = {
    "M": "metadata", "LOCK": "lock", "LIST": "list", "ACTOR": "actor", "CALLBACK": "callback",
}  # fmt: skip

_HOOK: Final[tuple[Where, ...]] = ("hook",)

VERBS: Final[Mapping[Verb, VerbRow]] = {
    # --- the inode's own memory ---
    "alloc struct": VerbRow(
        "alloc struct", "a struct inode comes from inode_cachep", "fs/inode.c:alloc_inode",
        "alloc_inode", _HOOK,
    ),
    "alloc container": VerbRow(
        "alloc container", "the struct around the inode is allocated",
        "mm/slub.c:kmem_cache_alloc_lru_noprof", "alloc_inode", _HOOK,
    ),
    "call_rcu free struct": VerbRow(
        "call_rcu free struct", "a callback of the Design's own shall free the struct",
        "kernel/rcu/tree.c:call_rcu", None, _HOOK,
    ),
    "free struct": VerbRow(
        "free struct", "the struct is given back to the cache that it came from",
        "mm/slub.c:kmem_cache_free", None, ("hook", "callback"),
    ),
    "free to inode_cachep": VerbRow(
        "free to inode_cachep", "kmem_cache_free(inode_cachep, inode)",
        "fs/inode.c:free_inode_nonrcu", None, ("hook", "callback"),
    ),
    # --- the inode's use ---
    "truncate": VerbRow(
        "truncate", "every folio leaves the page cache",
        "mm/truncate.c:truncate_inode_pages_final",
    ),
    "clear_inode": VerbRow(
        "clear_inode", "i_state becomes I_FREEING | I_CLEAR", "fs/inode.c:clear_inode", None, _HOOK
    ),
    "make_bad_inode": VerbRow(
        "make_bad_inode", "the inode is a bad one", "fs/bad_inode.c:make_bad_inode"
    ),
    "add page": VerbRow(
        "add page", "a folio is in the page cache", "mm/filemap.c:filemap_add_folio"
    ),
    "igrab": VerbRow(
        "igrab", "the inode is held, or the body ends here since it is going", "fs/inode.c:igrab"
    ),
    "iput": VerbRow("iput", "the inode is put", "fs/inode.c:iput"),
    "drop i_lock": VerbRow(
        "drop i_lock", "i_lock is dropped, and whoever lists the inode may hold it meanwhile",
        "fs/inode.c:iput_final", "drop_inode", _HOOK,
    ),
    "take i_lock": VerbRow(
        "take i_lock", "i_lock is held", "fs/inode.c:iput_final", "drop_inode", _HOOK
    ),
    "return 0": VerbRow(
        "return 0", "the answer is no, the inode may stay", "fs/inode.c:iput_final", "drop_inode",
        _HOOK,
    ),
    "return 1": VerbRow(
        "return 1", "the answer is yes, the inode shall go", "fs/inode.c:iput_final", "drop_inode",
        _HOOK,
    ),
    "kill_anon_super": VerbRow(
        "kill_anon_super", "the superblock is shut down, its inodes are evicted",
        "fs/super.c:kill_anon_super", "kill_sb", _HOOK,
    ),
    "kill_litter_super": VerbRow(
        "kill_litter_super", "names hold their dentries no more, and the superblock is shut down",
        "fs/super.c:kill_litter_super", "kill_sb", _HOOK,
    ),
    # --- metadata ---
    "init": VerbRow(
        "init M", "the pointer to M is NULL", home="alloc_inode", where=_HOOK,
        says_of_word="M is 0",
    ),
    "attach": VerbRow("attach M", "M is allocated and attached"),
    "attach unless set": VerbRow(
        "attach M unless set", "M is attached, and where there was one already, is left as it was",
        needs_memory=True,
    ),
    "free": VerbRow("free M [untested]", "M is freed", "mm/slub.c:kfree",
                    says_of_word="M is cleared"),
    "free after a grace period": VerbRow(
        "free M after a grace period", "M shall be freed once all who read under RCU have left",
        "mm/slab_common.c:kvfree_call_rcu", needs_memory=True,
    ),
    "free in a worker": VerbRow(
        "free M in a worker", "M shall be freed by a worker", "kernel/workqueue.c:queue_work_on",
        needs_memory=True,
    ),
    "clear": VerbRow(
        "clear M", "the pointer to M is NULL; its memory is left alone", says_of_word="M is cleared"
    ),
    # What the body does to M behind it, it does to what the pointer led to, be another attached.
    "detach": VerbRow(
        "detach M", "the pointer to M is NULL, and the body has what it led to",
        "include/linux/rcupdate.h:rcu_replace_pointer", needs_memory=True,
    ),
    "read": VerbRow("read M [untested]", "M is read"),
    "hand over": VerbRow("hand over M", "M belongs to somebody else now", needs_memory=True),
    "get": VerbRow(
        "get M", "a reference to M is taken, or the body ends here since there is none",
        "include/linux/kref.h:kref_get", needs_memory=True,
    ),
    "get unless zero": VerbRow(
        "get M unless zero", "a reference to M is taken, or the body ends here since it is going",
        "include/linux/kref.h:kref_get_unless_zero", needs_memory=True,
    ),
    "put": VerbRow(
        "put M", "a reference to M is dropped, and the last one frees it",
        "include/linux/kref.h:kref_put", needs_memory=True,
    ),
    "put after a grace period": VerbRow(
        "put M after a grace period",
        "a reference to M is dropped, and the last one frees it once all readers have left",
        "include/linux/kref.h:kref_put", needs_memory=True,
    ),
    # --- what runs later ---
    "call_rcu": VerbRow(
        "call_rcu CALLBACK", "CALLBACK shall run after a grace period",
        "kernel/rcu/tree.c:call_rcu",
    ),
    "queue": VerbRow(
        "queue CALLBACK", "CALLBACK shall run, as what it is: a work, a timer, task work",
        "kernel/workqueue.c:queue_work_on",
    ),
    "cancel": VerbRow(
        "cancel CALLBACK", "CALLBACK is queued no more, and does not run, though it queued itself",
        "kernel/workqueue.c:cancel_work_sync",
    ),
    "drain": VerbRow(
        "drain CALLBACK", "the run of CALLBACK that was asked for last is over",
        "kernel/workqueue.c:flush_work",
    ),
    "rcu_barrier": VerbRow(
        "rcu_barrier", "the callbacks queued so far have run", "kernel/rcu/tree.c:rcu_barrier"
    ),
    # What is freed behind it is freed at once, and yet no reader has it any more.
    "synchronize_rcu": VerbRow(
        "synchronize_rcu", "all who were reading under RCU have left",
        "kernel/rcu/tree.c:synchronize_rcu",
    ),
    # SRCU's readers may sleep, and no grace period of RCU waits for them.
    "call_srcu": VerbRow(
        "call_srcu CALLBACK", "CALLBACK shall run once all who read under SRCU have left",
        "kernel/rcu/srcutree.c:call_srcu",
    ),
    "synchronize_srcu": VerbRow(
        "synchronize_srcu", "all who were reading under SRCU have left",
        "kernel/rcu/srcutree.c:synchronize_srcu",
    ),
    "srcu_barrier": VerbRow(
        "srcu_barrier", "the callbacks that call_srcu has queued so far have run",
        "kernel/rcu/srcutree.c:srcu_barrier",
    ),
    "wait for": VerbRow("wait for ACTOR", "ACTOR is not at work now, and may begin once more"),
    "rcu_read_unlock": VerbRow(
        "rcu_read_unlock", "the read-side section ends", "include/linux/rcupdate.h:rcu_read_unlock",
        None, ("actor",),
    ),
    "srcu_read_unlock": VerbRow(
        "srcu_read_unlock", "the read-side section of SRCU ends",
        "include/linux/srcu.h:srcu_read_unlock", None, ("actor",),
    ),
    "sleep": VerbRow("sleep", "something slept", "kernel/sched/core.c:__might_sleep"),
    # --- locks and lists ---
    "lock": VerbRow("lock LOCK", "LOCK is held"),
    "unlock": VerbRow("unlock LOCK", "LOCK is dropped"),
    # Said of a lock of each inode; both are taken in the order of the inodes.
    "lock of another": VerbRow("lock LOCK of another", "LOCK of the other inode is held"),
    "unlock of another": VerbRow("unlock LOCK of another", "LOCK of the other inode is dropped"),
    "lock both": VerbRow(
        "lock both LOCK", "LOCK of either inode is held", "fs/inode.c:lock_two_nondirectories"
    ),
    "unlock both": VerbRow(
        "unlock both LOCK", "LOCK of either inode is dropped",
        "fs/inode.c:unlock_two_nondirectories",
    ),
    "put on": VerbRow("put M on LIST", "M is on LIST", needs_memory=True),
    "take off": VerbRow("take M off LIST", "M is on LIST no more", needs_memory=True),
    "walk": VerbRow("walk LIST", "everything on LIST is read"),
}  # fmt: skip
"""The language of bodies. A new word is a row here, an example, and an operation in `road`."""

FREEING: Final[tuple[Verb, ...]] = (
    "free", "free after a grace period", "free in a worker", "put", "put after a grace period",
)  # fmt: skip
"""Words by which metadata is freed, at once or later."""

GRACE: Final = "after a grace period"
WORKER: Final = "in a worker"
"""How a free is deferred, as the words of a body have it behind ``free M`` and ``put M``."""

COUNTING: Final[tuple[Verb, ...]] = (
    "get", "get unless zero", "put", "put after a grace period",
)  # fmt: skip
"""Words by which metadata has a count of references, which is 1 when it is attached."""

ATTACHING: Final[tuple[Verb, ...]] = ("attach", "attach unless set")
"""Words by which metadata is attached: what a body says so of, the creator leaves alone."""

SHUTDOWNS: Final[tuple[Verb, ...]] = ("kill_anon_super", "kill_litter_super")
"""The words by which kill_sb shuts a superblock down; 6.12 has both, 7.3 the first."""

TAKES: Final[tuple[Verb, ...]] = ("lock", "lock of another", "lock both")
DROPS: Final[tuple[Verb, ...]] = ("unlock", "unlock of another", "unlock both")
"""Words by which a lock is taken, and in the same order those by which it is dropped."""

EXAMPLES: Final[Mapping[Verb, str]] = {
    "alloc struct": 'hooks.alloc_inode = ["alloc struct"]',
    "alloc container": 'hooks.alloc_inode = ["alloc container", "init blob"]',
    "call_rcu free struct": 'hooks.destroy_inode = ["call_rcu free struct"]',
    "free struct": 'hooks.free_inode = ["free struct"]',
    "free to inode_cachep": 'hooks.free_inode = ["free to inode_cachep"]',
    "truncate": 'hooks.evict_inode = ["truncate", "clear_inode"]',
    "clear_inode": 'hooks.evict_inode = ["truncate", "clear_inode"]',
    "make_bad_inode": 'error_path = ["make_bad_inode"]',
    "add page": 'actors.writer = { holds = "inode", does = ["add page"] }',
    "igrab": 'actors.lister = { holds = "rcu", does = ["igrab", "rcu_read_unlock", "iput"] }',
    "iput": 'actors.lister = { holds = "rcu", does = ["igrab", "rcu_read_unlock", "iput"] }',
    "rcu_read_unlock": (
        'actors.lister = { holds = "rcu", does = ["igrab", "rcu_read_unlock", "iput"] }'
    ),
    "drop i_lock": 'hooks.drop_inode = ["drop i_lock", "sleep", "take i_lock", "return 1"]',
    "take i_lock": 'hooks.drop_inode = ["drop i_lock", "sleep", "take i_lock", "return 1"]',
    "return 0": 'hooks.drop_inode = ["return 0"]',
    "return 1": 'hooks.drop_inode = ["return 1"]',
    "kill_anon_super": 'hooks.kill_sb = ["kill_anon_super"]',
    "kill_litter_super": 'hooks.kill_sb = ["kill_litter_super"]',
    "init": 'hooks.alloc_inode = ["alloc container", "init blob"]',
    "attach": 'hooks.alloc_inode = ["alloc container", "attach blob"]',
    "free": 'hooks.destroy_inode = ["free blob"]',
    "free after a grace period": 'hooks.destroy_inode = ["free blob after a grace period"]',
    "free in a worker": 'hooks.destroy_inode = ["free blob in a worker"]',
    "clear": 'hooks.release = ["free blob", "clear blob"]',
    "detach": (
        'actors.setter = { holds = "inode", until = "umount", '
        'does = ["detach blob", "attach blob", "free blob after a grace period"] }'
    ),
    "read": 'actors.reader = { holds = "rcu", does = ["if blob set: read blob untested"] }',
    "attach unless set": 'actors.opener = { holds = "inode", does = ["attach blob unless set"] }',
    "get": 'actors.user = { holds = "inode", does = ["get blob", "read blob", "put blob"] }',
    "get unless zero": 'actors.finder = { does = ["get blob unless zero", "put blob"] }',
    "put": 'hooks.destroy_inode = ["put blob"]',
    "put after a grace period": 'hooks.destroy_inode = ["put blob after a grace period"]',
    "cancel": 'hooks.evict_inode = ["cancel work", "truncate", "clear_inode"]',
    "hand over": 'hooks.evict_inode = ["truncate", "clear_inode", "hand over blob"]',
    "call_rcu": 'hooks.destroy_inode = ["call_rcu free_it"]',
    "queue": 'hooks.release = ["queue work"]',
    "drain": 'hooks.evict_inode = ["drain work", "truncate", "clear_inode"]',
    "rcu_barrier": 'hooks.kill_sb = ["kill_anon_super", "rcu_barrier"]',
    "synchronize_rcu": 'hooks.put_super = ["synchronize_rcu via kern_unmount"]',
    "call_srcu": 'hooks.destroy_inode = ["call_srcu later"]',
    "synchronize_srcu": 'hooks.evict_inode = ["truncate", "clear_inode", "synchronize_srcu"]',
    "srcu_barrier": 'hooks.kill_sb = ["kill_anon_super", "srcu_barrier"]',
    "srcu_read_unlock": 'actors.reader = { holds = "srcu", does = ["srcu_read_unlock", "sleep"] }',
    "wait for": 'hooks.evict_inode = ["wait for reader", "truncate", "clear_inode"]',
    "sleep": 'hooks.destroy_inode = ["sleep via cancel_work_sync"]',
    "lock": 'hooks.release = ["lock guard", "free blob", "clear blob", "unlock guard"]',
    "unlock": 'hooks.release = ["lock guard", "free blob", "clear blob", "unlock guard"]',
    "lock of another": (
        'actors.rename = { holds = "inode", does = ["lock i_rwsem", '
        '"lock i_rwsem of another", "unlock i_rwsem of another", "unlock i_rwsem"] }'
    ),
    "unlock of another": (
        'actors.linker = { holds = "inode", does = ["lock i_rwsem of another", '
        '"unlock i_rwsem of another"] }'
    ),
    "lock both": (
        'actors.rename = { holds = "inode", does = ["lock both i_rwsem", "unlock both i_rwsem"] }'
    ),
    "unlock both": (
        'actors.rename = { holds = "inode", does = ["lock both i_rwsem", "unlock both i_rwsem"] }'
    ),
    "put on": 'actors.adder = { holds = "inode", does = ["put blob on all"] }',
    "take off": 'hooks.evict_inode = ["take blob off all", "truncate", "clear_inode"]',
    "walk": 'actors.walker = { holds = "lock guard", does = ["walk all"] }',
}
"""A line of TOML for each word; the test that runs them gives the Design what they name."""


class Condition(NamedTuple):
    """Say on what an action depends: `subject` is metadata that must be set, or "".

    `test` is a kind of inode, ``nlink 0`` or ``failed``. Of metadata it is ``held``, where the body
    must have a reference of its own, or "".
    """

    subject: str = ""
    test: str = ""
    negated: bool = False

    def __str__(self) -> str:
        if self.subject:
            return f"{self.subject} {'not ' if self.negated else ''}{self.test or 'set'}"
        return f"{'not ' if self.negated else ''}{self.test}"


OWN: Final = "held"
NLINK: Final = "nlink 0"
FAILED: Final = "failed"
TESTS: Final[Mapping[str, str]] = {
    **{kind: f"the inode is {says}" for kind, says in INODE_KINDS.items()},
    NLINK: "i_nlink is 0: the last name is gone",
    FAILED: "what made the inode has failed half way",
}
"""What a condition may ask of the inode; of metadata it asks whether the pointer is set."""


@shows_itself
class Action(NamedTuple):
    """Say one thing that a body does, and the function it is done through.

    `metadata` is the kind that the verb is about, `name` the lock, list, actor or callback. `via`
    is "" where the Design does it in the body itself. `is_word`: the metadata is a word, not an
    object. `untested`: the pointer is not tested for NULL. `only_if` must all hold.
    """

    verb: Verb
    metadata: str = ""
    via: str = ""
    is_word: bool = False
    untested: bool = False
    name: str = ""
    only_if: tuple[Condition, ...] = ()

    @classmethod
    def parse(
        cls,
        text: str,
        kinds: Mapping[str, Metadata] = METADATA,
        *,
        names: Mapping[str, Collection[str]] | None = None,
    ) -> "Action":
        """Return the Action that `text` says, as ``if symlink: free body via kfree``.

        `names` has what the Design calls its locks, lists, actors and callbacks, by operand.
        UnknownNameError for an unknown word, DesignError for what the Design does not have.
        """
        refuse_long("an action", text, SAID)
        conditions, rest = _conditions(text, kinds)
        said = _VIA.fullmatch(rest)
        words, via = (said["words"], said["function"]) if said else (rest, "")
        refuse_identifier("a function that an action is done through", via)
        found = _spelled(words)
        if found is None:
            raise _unknown(text, words, kinds, names or {})
        verb, operands, untested = found
        kind = _metadata(words, operands.pop("M", ""), kinds)
        name = ""
        for operand, said_name in operands.items():
            name = _named(words, operand, said_name, names or {})
        if verb == "clear" and kind and not kind.owns_object:
            verb = "free"  # of a word they are the same
        is_word = kind is not None and not kind.owns_object
        if is_word and VERBS[verb].needs_memory:
            raise DesignError(
                f"a body is to do {shown(words)}, but {kind.name if kind else ''} is a word: "
                f"it has no memory beside it (owns_object)",
                words,
            )
        about = kind.name if kind else ""
        return cls(verb, about, via, is_word, untested, name, conditions)

    @property
    def names(self) -> frozenset[str]:
        """Return the kinds of metadata that it is about, or asks about."""
        asked = {condition.subject for condition in self.only_if}
        return frozenset({self.metadata, *asked} - {""})

    @property
    def says(self) -> str:
        """Return what has happened once the action is done."""
        row = VERBS[self.verb]
        says = row.says_of_word if self.is_word and row.says_of_word else row.says
        for operand in row.operands:
            says = says.replace(operand, self.metadata if operand == "M" else self.name, 1)
        return says

    def __str__(self) -> str:
        form = VERBS[self.verb].form
        if self.verb == "free" and self.is_word:  # a word is cleared, an object is freed
            form = "clear M"
        form = form.replace(" [untested]", " untested" if self.untested else "")
        words = " ".join(self._operand(word) for word in form.split())
        words = f"{words} via {self.via}" if self.via else words
        return "".join(f"if {condition}: " for condition in self.only_if) + words

    def _operand(self, word: str) -> str:
        if word not in OPERANDS:
            return word
        return self.metadata if word == "M" else self.name


_VIA: Final = re.compile(r"(?P<words>.+?) via (?P<function>[A-Za-z_][A-Za-z0-9_]*)")
_IF: Final = re.compile(r"if (?P<condition>[^:]+): *(?P<rest>.+)", re.DOTALL)


def _pattern(form: str) -> "re.Pattern[str]":
    parts = []
    for word in form.split():
        if word in OPERANDS:
            parts.append(rf" (?P<{word}>\S+)")
        elif word == "[untested]":
            parts.append(r"(?P<untested> untested)?")
        else:
            parts.append(f" {re.escape(word)}")
    return re.compile("".join(parts).removeprefix(" "))


_FORMS: Final = {verb: _pattern(row.form) for verb, row in VERBS.items()}
# A form with fewer operands first: `call_rcu free struct` is a word of its own.
_IN_ORDER: Final = sorted(VERBS, key=lambda verb: len(VERBS[verb].operands))
# `free M after a grace period` before `free M`, whose operand is one word in any case.


# No two forms read the same line, but for those that `_IN_ORDER` tells apart.
def _spelled(words: str) -> tuple[Verb, dict[str, str], bool] | None:
    for verb in _IN_ORDER:
        if found := _FORMS[verb].fullmatch(words):
            groups = found.groupdict()
            untested = bool(groups.pop("untested", None))
            return verb, groups, untested
    return None


def verb_of(line: str) -> Verb | None:
    """Return the word that a line of a body says, whatever it is said of; None if it says none.

    >>> verb_of("if symlink: free body after a grace period via kfree_rcu")
    'free after a grace period'
    """
    while conditional := _IF.fullmatch(line):
        line = conditional["rest"]
    through = _VIA.fullmatch(line)
    found = _spelled(through["words"] if through else line)
    return found[0] if found else None


# ``if A: if B: action`` and ``if A and B: action`` are one question of two parts.
def _conditions(text: str, kinds: Mapping[str, Metadata]) -> tuple[tuple[Condition, ...], str]:
    found: list[Condition] = []
    rest = text
    while said := _IF.fullmatch(rest):
        found += [_condition(words.strip(), kinds) for words in said["condition"].split(" and ")]
        rest = said["rest"]
    return tuple(found), rest


def _condition(words: str, kinds: Mapping[str, Metadata]) -> Condition:
    if of_metadata := re.fullmatch(r"(?P<name>\S+) (?P<negated>not )?(?P<test>set|held)", words):
        kind = _metadata(words, of_metadata["name"], kinds)
        assert kind is not None
        test = of_metadata["test"].removeprefix("set")
        return Condition(kind.name, test, bool(of_metadata["negated"]))
    test = words.removeprefix("not ")
    if test not in TESTS:
        allowed = (*TESTS, *(f"{name} set" for name in kinds))
        raise UnknownNameError(
            f"unknown condition: {shown(words)} (must be one of {', '.join(allowed)}, "
            f"or not so){meant(test, allowed)}",
            words,
        )
    return Condition("", test, words != test)


def _metadata(words: str, name: str, kinds: Mapping[str, Metadata]) -> Metadata | None:
    if not name:
        return None
    if name not in kinds:
        kept = f"it keeps {', '.join(kinds)}" if kinds else "it keeps none"
        raise DesignError(
            f"a hook is to do {shown(words)}, but the Design keeps no such metadata "
            f"({kept}){meant(name, kinds)}",
            words,
        )
    return kinds[name]


def _named(words: str, operand: str, name: str, names: Mapping[str, Collection[str]]) -> str:
    what, has = OPERANDS[operand], names.get(operand, ())
    if name not in has:
        known = f"it has {', '.join(has)}" if has else f"it has no {what}s"
        raise DesignError(
            f"a body is to do {shown(words)}, but the Design has no {what} of that name "
            f"({known}){meant(name, has)}",
            words,
        )
    return name


def _unknown(
    text: str,
    words: str,
    kinds: Mapping[str, Metadata],
    names: Mapping[str, Collection[str]],
) -> UnknownNameError:
    general = tuple(row.form.replace("M", "METADATA") for row in VERBS.values())
    near = meant(words, tuple(_all_spellings(kinds, names)))
    return UnknownNameError(
        f"unknown action: {shown(text)} (must be one of {', '.join(general)}){near}",
        text,
    )


def _all_spellings(
    kinds: Mapping[str, Metadata], names: Mapping[str, Collection[str]]
) -> Iterator[str]:
    has: dict[str, Iterable[str]] = {"M": kinds, **names}
    for row in VERBS.values():
        spelled = [row.form.replace(" [untested]", "")]
        for operand in row.operands:
            with_names: list[str] = []
            for name in has.get(operand, ()):
                with_names += (form.replace(operand, name, 1) for form in spelled)
            spelled = with_names
        yield from spelled


Hooks = tuple[tuple[HookName, tuple[Action, ...]], ...]


def hooks_of(
    bodies: Mapping[HookName, tuple[str, ...]],
    kinds: Mapping[str, Metadata] = METADATA,
    *,
    names: Mapping[str, Collection[str]] | None = None,
) -> Hooks:
    """Return parsed hook bodies, in the order of HOOKS."""
    for hook in bodies:
        choice("hook", hook, HOOKS)
    found: list[tuple[HookName, tuple[Action, ...]]] = []
    for hook in HOOKS:
        if hook in bodies:
            with under(f"hooks.{hook}"):
                found.append((hook, _body(bodies[hook], kinds, names)))
    return Several(found)


def _body(
    lines: tuple[str, ...],
    kinds: Mapping[str, Metadata],
    names: Mapping[str, Collection[str]] | None,
) -> tuple[Action, ...]:
    return tuple(Action.parse(line, kinds, names=names) for line in lines)


WITHIN: Final[Mapping[Verb, tuple[HookName, ...]]] = {
    "truncate": ("free_folio",),
    "iput": ("drop_inode", "evict_inode", "destroy_inode", "free_folio"),
}
"""The hooks that run while a word is done: iput's last road has them all, truncation is on it."""
_OUTSIDE: Final[Mapping[Verb, tuple[str, ...]]] = {
    "truncate": ("hooks.evict_inode",), "iput": ("hooks.release", "actors.NAME", "callbacks.NAME"),
}  # fmt: skip


def refuse_body(hook: HookName, body: tuple[Action, ...]) -> None:
    """Raise DesignError where a hook has an action that cannot be meant there."""
    verbs = [action.verb for action in body]
    for action in body:
        home = VERBS[action.verb].home
        if home and hook != home:
            raise DesignError(f"{hook} cannot {action}: only {home} can", str(action))
        if hook in WITHIN.get(action.verb, ()):
            raise DesignError(
                f"hooks.{hook} cannot {action}: {action.verb} is what calls it, without end; "
                f"write it into {' or '.join(_OUTSIDE[action.verb])}",
                str(action),
            )
    if hook == "kill_sb" and sum(map(verbs.count, SHUTDOWNS)) != 1:
        words = " or ".join(SHUTDOWNS)
        raise DesignError(f"kill_sb must have {words}, once: it shuts the superblock down")
    if hook == "drop_inode":
        _refuse_open_answer(body)
    allocations = [verb for verb in verbs if verb in ("alloc container", "alloc struct")]
    if hook == "alloc_inode" and (len(allocations) != 1 or verbs[0] not in allocations):
        raise DesignError("alloc_inode must begin with alloc container or alloc struct, once")


# `if C: return 1` at the end is `return C`: no where C is not so, which the run says. Every other
# end must say what the answer is, whichever way the body went.
def _refuse_open_answer(body: tuple[Action, ...]) -> None:
    if not body or not body[-1].verb.startswith("return"):
        ends = f"ends with {shown(str(body[-1]))}" if body else "is empty"
        raise DesignError(
            f"drop_inode must say what it returns: its last line is return 0 (the inode may stay) "
            f"or return 1 (it shall go), and here the body {ends}"
        )
    if body[-1].only_if and body[-1].verb == "return 0":
        raise DesignError(
            f"drop_inode must say what it returns where {shown(str(body[-1]))} does not apply: "
            f"write return 0 or return 1 below it"
        )
    _refuse_early_answer(body)
    _refuse_dropped_i_lock(body)


# iput_final holds i_lock as it asks, and drops it itself behind the answer, whichever that is.
# (fs/inode.c:iput_final@v6.12)
def _refuse_dropped_i_lock(body: tuple[Action, ...]) -> None:
    is_held = True
    for action in body:
        if action.verb.startswith("return") and not is_held:
            raise DesignError(f"drop_inode cannot {action} without i_lock: take i_lock before it")
        if action.verb not in ("drop i_lock", "take i_lock"):
            continue
        if action.only_if:
            raise DesignError(f"drop_inode: {action} must not depend on anything")
        if is_held == (action.verb == "take i_lock"):
            state = "held already" if is_held else "not held"
            raise DesignError(f"drop_inode cannot {action}: i_lock is {state}")
        is_held = action.verb == "take i_lock"


def _refuse_early_answer(body: tuple[Action, ...]) -> None:
    held: list[str] = []
    for action, following in itertools.pairwise(body):
        held += [action.name] if action.verb in TAKES else []
        held = [name for name in held if action.verb not in DROPS or name != action.name]
        if not action.verb.startswith("return"):
            continue
        if not action.only_if:
            raise DesignError(f"drop_inode never gets to {following}: {action} comes before it")
        if held:
            raise DesignError(f"drop_inode returns by {action} and never drops {held[0]}")


def may_keep(body: tuple[Action, ...]) -> bool:
    """Return whether a drop_inode may answer that the inode stays, on some way through it.

    >>> may_keep(hooks_of({"drop_inode": ("if nlink 0: return 1", "return 0")})[0][1])
    True
    """
    return bool(body[-1].only_if) or any(action.verb == "return 0" for action in body)
