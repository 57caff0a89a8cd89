"""List the members of struct inode that the VFS sets, reads or gives back by itself.

What a Design keeps in one of them it shares with the VFS: a hook that gives back what the VFS gives
back as well frees it twice, and one that leaves to the VFS what the VFS leaves to it leaks. The
functions are those of fs/inode.c, fs/posix_acl.c, fs/char_dev.c, fs/pipe.c, fs/crypto and
fs/verity; whether a kernel calls them there, its facts say.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from gmemviz.model.design.choices import Placement, PlacementName

EACH_LIFE: Final = "fs/inode.c:inode_init_always_gfp"
"""What sets a member whenever the memory becomes an inode."""
ONCE: Final = "fs/inode.c:inode_init_once"
"""What sets it once a slab object's life: an inode in used memory finds it as it was left."""


Use = Literal["", "held", "rcu", "locked"]
"""How somebody who holds the inode reads a member: with nothing else, under rcu_read_lock (or what
dquot.c has for it, an SRCU of its own), or under the lock beneath which the pointer is changed."""


class InodeMember(NamedTuple):
    """Say what is done about a member of struct inode beside a Design's own hooks.

    `set_by` sets it to "nothing is there". `put_by` gives back what is there: called by `put_in`,
    or by nobody but the filesystem where that is "". `walked_by` reads it in an RCU walk, `used_by`
    for somebody who holds the inode, in the way that `use` says. `instead` is the placement to
    write for a kernel without the member, and where the thing went there.
    """

    set_by: str
    put_by: str = ""
    put_in: str = ""
    walked_by: str = ""
    used_by: str = ""
    use: Use = ""
    instead: str = ""

    @property
    def says(self) -> str:
        """Return the row as a sentence, with the functions that it names."""
        who = f"in {self.put_in} by" if self.put_in else "by the filesystem, which calls"
        parts = [f"set by {self.set_by or 'alloc_inode'}"]
        parts += [f"given back {who} {self.put_by}" if self.put_by else "given back by a hook"]
        parts += [f"read in an RCU walk by {self.walked_by}"] if self.walked_by else []
        parts += [f"read for who holds the inode by {self.used_by}"] if self.used_by else []
        return "; ".join(parts)


_ACL: Final = ("include/linux/posix_acl.h:posix_acl_release", "fs/inode.c:__destroy_inode")
_ACL_USE: Final = ("fs/posix_acl.c:get_cached_acl", "rcu")

MEMBERS: Final[Mapping[PlacementName, InodeMember]] = {
    "i_link": InodeMember(
        EACH_LIFE, walked_by="fs/namei.c:pick_link", used_by="fs/namei.c:vfs_readlink", use="held"
    ),
    "i_acl": InodeMember(EACH_LIFE, *_ACL, "fs/posix_acl.c:get_cached_acl_rcu", *_ACL_USE),
    "i_default_acl": InodeMember(EACH_LIFE, *_ACL, "", *_ACL_USE),
    # i_lock, or cdev_lock, is held while the pointer is followed and what it leads to is counted.
    "i_pipe": InodeMember(
        EACH_LIFE,
        "fs/pipe.c:put_pipe_info",
        "fs/pipe.c:pipe_release",
        used_by="fs/pipe.c:fifo_open",
        use="locked",
    ),
    "i_cdev": InodeMember(
        EACH_LIFE,
        "fs/char_dev.c:cd_forget",
        "fs/inode.c:evict",
        used_by="fs/char_dev.c:chrdev_open",
        use="locked",
    ),
    "i_crypt_info": InodeMember(
        ONCE,
        "fs/crypto/keysetup.c:fscrypt_put_encryption_info",
        used_by="include/linux/fscrypt.h:fscrypt_get_inode_info",
        use="held",
        instead="containing-struct: include/linux/fscrypt.h:fscrypt_inode_info_addr finds it there",
    ),
    "i_verity_info": InodeMember(
        ONCE,
        "fs/verity/open.c:__fsverity_cleanup_inode",
        used_by="include/linux/fsverity.h:fsverity_get_info",
        use="held",
        instead="global-xarray: fs/verity/open.c:fsverity_remove_info takes it from a hash table",
    ),
    "i_dquot": InodeMember(
        "",
        "fs/quota/dquot.c:dquot_drop",
        used_by="fs/quota/dquot.c:__dquot_alloc_space",
        use="rcu",
    ),
}
"""The members, by placement; the others of struct inode are as i_private, the Design's alone."""

SHARED_WORD: Final[tuple[PlacementName, ...]] = ("i_pipe", "i_cdev", "i_link")
"""A union in struct inode: what the one holds is read as another. (include/linux/fs.h)"""


def is_set_once(placement: Placement) -> bool:
    """Return whether only the slab's constructor sets what is kept there.

    >>> from gmemviz.model.design.choices import GALLERY_PLACEMENTS
    >>> [name for name, place in GALLERY_PLACEMENTS.items() if is_set_once(place)]
    ['i_crypt_info', 'i_verity_info']
    """
    member = MEMBERS.get(placement.name)
    return member is not None and member.set_by == ONCE


def is_put_by_vfs(placement: Placement) -> bool:
    """Return whether the VFS itself gives back what is kept there, whatever the hooks do."""
    member = MEMBERS.get(placement.name)
    return member is not None and bool(member.put_in)


def is_put_by(placement: Placement, function: str) -> bool:
    """Return whether the VFS gives back what is kept there, by the function of that name."""
    member = MEMBERS.get(placement.name)
    return member is not None and bool(member.put_in) and member.put_by.endswith(f":{function}")
