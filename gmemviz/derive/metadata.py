"""Find what an inode owns: whatever a hook gives back, and where the pointer to it lies.

What nobody gives back is no metadata here, but for what alloc_inode itself allocates: whether it
leaks, only its creators' source could say.

given back container.target      a kind "target", in the struct around the inode
given back i_link                a kind "i_link", in inode->i_link, of symlinks alone
given back container             the inode's own memory, and no metadata
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, NamedTuple

from gmemviz.extract import API
from gmemviz.facts import Deed, DeedKind, Facts, Source, Tested
from gmemviz.model.design import GALLERY_PLACEMENTS, MEMBERS

NEW_MEMORY: Final = "new memory"
LEAVES: Final[tuple[DeedKind, ...]] = ("given back", "given back later")
TAKEN_IN: Final[tuple[DeedKind, ...]] = ("put on a list", "handed over")
"""What somebody else has from then on."""

CONTAINER: Final = "container"
MEMORY: Final = (CONTAINER, "inode")
"""Paths of the inode's own memory."""

OTHERS_PLACES: Final = ("i_default_acl", "i_pipe", "i_cdev", "i_crypt_info", "i_verity_info",
                              "i_dquot")  # fmt: skip
PLACES: Final = frozenset({"i_link", "i_private", "i_acl", *OTHERS_PLACES})
"""Members of struct inode that the language has a placement for."""

IN_MAPPING: Final = ("i_data.i_private_data", "i_mapping.i_private_data")
"""What lies in the inode's own address_space (fs/hugetlbfs/inode.c:hugetlbfs_evict_inode@v6.12)."""

DQUOTS: Final = "i_dquot"
"""A member of the container that s_op->get_dquots finds: dquot_drop is given the inode alone."""

LINK: Final = "i_link"
SYMLINK: Final = "symlink"
KINDS_MADE: Final = (SYMLINK, "directory", "regular", "special")
"""Kinds of inode that a creator makes; a bad one is what has become of them."""

LIKE: Final = "i_private"
"""How another pointer of struct inode is kept: it is NULL from inode_init_always on.
(fs/inode.c:inode_init_always_gfp@v6.12)"""

VFS_OWN: Final = frozenset({"i_data", "i_mapping", "i_sb", "i_wb", "i_op", "i_fop", "i_rcu"})
"""Members that the VFS looks after itself."""


class Owned(NamedTuple):
    """Be one kind of metadata: its name, its path in the source, and where it is kept.

    `embedded`: the member itself is given back, and not what it points to. `of` are the kinds of
    inode that have it, none for all: those for which some hook gives it back. `left_empty`: whoever
    gives it back leaves NULL; else `emptied` are the statements that do. `at_birth`: alloc_inode
    allocates it, and no creator does once more. `handed` are the statements that forget the pointer
    once a function was given it. Through i_mapping, a special inode's is somebody else's
    (`by_i_mapping`). `assumed` says what the placement leaves open.
    """

    name: str
    path: str
    placement: str
    embedded: bool
    of: tuple[str, ...] = ()
    left_empty: bool = False
    assumed: str = ""
    at_birth: bool = False
    handed: tuple[Source, ...] = ()
    by_i_mapping: bool = False
    emptied: frozenset[tuple[Source, ...]] = frozenset()

    @property
    def is_member(self) -> bool:
        """Return whether it is a member of the struct around the inode."""
        return self.placement == "containing-struct"


def owned(deeds: Sequence[Deed], born: Sequence[Deed] = ()) -> tuple[Owned, ...]:
    """Return the kinds of metadata that deeds of an inode's hooks give back, by name.

    `born` are the deeds of alloc_inode.
    """
    found: dict[str, list[Deed]] = {}
    for deed in deeds:
        if deed.kind in LEAVES and is_own(deed.path):
            found.setdefault(deed.path, []).append(deed)
    for deed in _given_to_nobody(deeds, born):
        found.setdefault(deed.path, []).append(deed)
    at_birth = {deed.path for deed in born if deed.kind == "attached"}
    kinds = []
    for path, group in found.items():
        emptied = frozenset(deed.chain for deed in group if is_emptied(deed, deeds))
        kind = _kept(path, group, is_emptied=emptied.issuperset(deed.chain for deed in group))
        if not kind.left_empty:
            kind = kind._replace(emptied=emptied)
        handed = tuple(handed_over(path, deeds))
        kinds.append(kind._replace(at_birth=path in at_birth, handed=handed))
    return tuple(sorted(kinds))


# What alloc_inode allocates, and nothing else happens to: nobody gives it back. Who puts it on a
# list, or gives it to a function, may have done so for who does.
def _given_to_nobody(deeds: Sequence[Deed], born: Sequence[Deed]) -> list[Deed]:
    done = [deed.path for deed in deeds if deed.kind not in ("read", "initialised")]
    fresh = {deed.at for deed in born if deed.kind == "allocated" and deed.path == NEW_MEMORY}
    own = [deed for deed in born if deed.kind == "attached" and deed.at in fresh]
    return [
        replace(deed, member=False)
        for deed in own
        if is_own(deed.path) and not any(is_in(path, (deed.path,)) for path in done)
    ]


def placed(kinds: Iterable[Owned], facts: Facts) -> tuple[Owned, ...]:
    """Return the kinds as a kernel keeps them: what struct inode lost is where the language says.

    i_crypt_info is a member of the filesystem's own struct in 7.3, and the function that gives it
    back is the same. (fs/crypto/keysetup.c:fscrypt_put_encryption_info@v7.3)
    """
    places = {f"{place.name}": place for place in GALLERY_PLACEMENTS.values()}
    found = []
    for kind in kinds:
        place = places[kind.placement]
        member = MEMBERS.get(place.name)
        is_gone = bool(place.struct) and not facts.has_field(place.struct, place.field)
        instead = member.instead.partition(":")[0] if member and is_gone else ""
        found.append(kind._replace(placement=instead or kind.placement))
    return tuple(found)


def leaves_empty(deed: Deed) -> bool:
    """Tell whether a deed leaves NULL: `p->m = NULL`, or a memset of what p->m lies in."""
    return deed.kind == "emptied" or (deed.kind == "initialised" and deed.via == "memset")


def is_emptied(free: Deed, deeds: Sequence[Deed]) -> bool:
    """Tell whether whoever gives something back leaves no pointer to it, on each way that it does.

    Behind a loop that takes each element off its list, or its tree, that is empty. Another hook's
    `p->m = NULL` is none of it.
    """
    in_loop = any(test.kind == "loop" for test in chain.from_iterable(free.ways))
    for deed in deeds:
        if (deed.chain[0].function, deed.later) != (free.chain[0].function, free.later):
            continue
        if in_loop and deed.kind == "taken off a list" and is_near(deed.path, free.path):
            return True
        if leaves_empty(deed) and is_in(free.path, (deed.path,)) and is_done_with(deed, free):
            return True
    return False


def is_near(path: str, other: str) -> bool:
    """Tell whether one of two paths leads to the other."""
    return is_in(path, (other,)) or is_in(other, (path,))


def is_done_with(deed: Deed, other: Deed) -> bool:
    """Tell whether one deed is done wherever another is, if there is anything to do it to."""
    return all(_is_among(way, deed.ways) for way in other.ways)


_OF_WHAT_IS_THERE: Final = ("set", "loop", "empty", "last reference")


def _is_among(way: tuple[Tested, ...], ways: Iterable[tuple[Tested, ...]]) -> bool:
    asked = _asked(way)
    return any(_asked(part) <= asked for part in ways)


def _asked(way: Iterable[Tested]) -> set[Tested]:
    return {test for test in way if test.kind not in _OF_WHAT_IS_THERE}


def zeroes(deed: Deed) -> bool:
    """Tell whether a deed allocates zeroed memory: kmem_cache_zalloc, not alloc_inode_sb."""
    row = API.rows.get(deed.via)
    return deed.kind == "allocated" and row is not None and row.zeroed


def is_in(path: str, others: Collection[str]) -> bool:
    """Tell whether a path is one of others, or a member of one: run.runs lies in run."""
    return any(path == other or path.startswith(f"{other}.") for other in others)


def is_own(path: str) -> bool:
    """Tell whether a path leads to what the inode itself owns."""
    first = path.partition(".")[0]
    outside = first.startswith(("argument", "new memory", "i_sb"))
    is_others = first in VFS_OWN and path not in IN_MAPPING
    return bool(path) and path not in MEMORY and not outside and not is_others


def _kept(path: str, deeds: Sequence[Deed], *, is_emptied: bool) -> Owned:
    embedded = deeds[0].member
    of = kinds_with(deeds)
    flag = flag_beside(path, deeds)
    left_empty = is_emptied or embedded or bool(flag)
    says = f"{flag} says whether there is a {path}" if flag else ""
    if path.startswith(f"{CONTAINER}."):
        name = path.removeprefix(f"{CONTAINER}.").replace(".", "-")
        return Owned(name, path, "containing-struct", embedded, of, left_empty, says)
    if path in IN_MAPPING:
        name = path.partition(".")[2]
        return Owned(name, path, name, embedded, of, left_empty, by_i_mapping=path != IN_MAPPING[0])
    placement = path if path in PLACES else LIKE
    assumed = "" if path in PLACES else f"inode->{path} is kept as inode->{LIKE} is"
    if placement == LINK:
        of = (SYMLINK,)  # no other has one: i_link shares its word with i_pipe and i_cdev
    return Owned(path.replace(".", "-"), path, placement, embedded, of, left_empty, assumed)


def borrowed_of(kinds: Sequence["Owned"], deeds: Sequence[Deed]) -> frozenset[str]:
    """Return the kinds whose pointer decides that others are given back, as a borrowed one may.

    if (ci->i_snap_realm) { ... put(ci->i_snapid_map); ... } is the way of an inode that has the
    realm of somebody else. (fs/ceph/inode.c:ceph_evict_inode@v6.12)
    """
    found = set()
    for deed in deeds:
        if deed.kind not in LEAVES or named(kinds, deed.path) is None:
            continue
        asked = [{test.about for test in way if test.kind == "set" and not test.negated}
                 for way in deed.ways]  # fmt: skip
        always = set.intersection(*asked) - {deed.path} if asked else set()
        found |= {kind.name for kind in kinds if kind.path in always}
    return frozenset(found)


def handed_over(path: str, deeds: Sequence[Deed]) -> Iterable[Source]:
    """Yield where a hook forgets a pointer that it gave to a function, and does not give back.

    fuse_queue_forget(fc, fi->forget, ...); fi->forget = NULL; (fs/fuse/inode.c:fuse_evict_inode)
    """
    of_path = [deed for deed in deeds if deed.path == path]
    for deed in of_path:
        before = of_path[: of_path.index(deed)]
        same = [other for other in before if other.chain[0].function == deed.chain[0].function]
        given = [other for other in same if len(other.chain) > 1 or other.kind in TAKEN_IN]
        # x = p->m; p->m = NULL; put(x) gives back behind it.
        frees = any(
            other.kind in LEAVES and other.chain[0].function == deed.chain[0].function
            for other in of_path
        )
        if deed.kind == "emptied" and given and not frees:
            yield deed.at


def flag_beside(path: str, deeds: Sequence[Deed]) -> str:
    """Return the member beside a pointer that says whether it leads to anything, or "".

    if (cached->start != -1) { brelse(cached->bh); cached->start = -1; } may be come to several
    times, and gives back once. (fs/udf/inode.c:__udf_clear_extent_cache@v6.12)
    """
    if len(deeds) < 2 or len({deed.at for deed in deeds}) > 1:
        return ""
    tests = [test for deed in deeds for way in deed.ways for test in way]
    flags = {test.about for test in tests if test.kind == "member" and test.about != path}
    beside = [flag for flag in flags if path.startswith(f"{flag.rpartition('.')[0]}.")]
    return min(beside, default="")


def kinds_with(deeds: Iterable[Deed]) -> tuple[str, ...]:
    """Return the kinds of inode for which something is given back, none where for all."""
    found: set[str] = set()
    for deed in deeds:
        for way in deed.ways:
            tests = [test for test in way if test.kind in KINDS_MADE and test.about == "inode"]
            wanted = {test.kind for test in tests if not test.negated}
            refused = {test.kind for test in tests if test.negated}
            found |= {kind for kind in wanted or KINDS_MADE if kind not in refused}
    return () if len(found) == len(KINDS_MADE) else tuple(sorted(found))


def named(kinds: Sequence[Owned], path: str) -> Owned | None:
    """Return the kind that a path leads to: itself, or a member of it."""
    if path == f"{CONTAINER}.{DQUOTS}":
        path = DQUOTS
    for kind in kinds:
        if path == kind.path or path.startswith(f"{kind.path}."):
            return kind
    return None
