"""Each undo sits in the hook that pairs with its do."""

import pytest

from gmemviz.model import Design, check, design_from_choices
from gmemviz.study import gallery, judge
from gmemviz.study.convention import judged


@pytest.mark.parametrize(
    ("cleanup", "placement", "is_conventional"),
    [
        ("evict-after-truncate", "i_private", True),
        ("evict-after-truncate", "containing-struct", True),
        ("destroy+free", "containing-struct", True),
        ("free-all", "containing-struct", False),  # it locks, and a callback should not
        ("destroy-own-rcu", "containing-struct", False),
        ("evict-without-clear", "containing-struct", False),
        ("destroy+free", "i_private", False),
        ("drop-returns-1", "i_private", False),
        ("evict-before-truncate", "i_private", False),
        ("none", "i_private", False),
    ],
)
def test_the_convention_is_one_rule(cleanup, placement, is_conventional):
    design = design_from_choices(
        kernel="6.12", mount="own", placement=placement, cleanup=cleanup, metadata="shared_policy"
    )
    assert judge(design).conventional is is_conventional


@pytest.mark.parametrize(
    ("hooks", "reason"),
    [
        (
            {"free_inode": ["free struct"]},
            "free_inode is set, and there is no alloc_inode for it to undo",
        ),
        (
            {"alloc_inode": ["alloc container"], "destroy_inode": ["free tree"]},
            "alloc_inode is set, and no hook gives back what it allocated",
        ),
        (
            {"drop_inode": ["free tree", "return 1"]},
            "drop_inode only decides, and here it frees tree",
        ),
        (
            {"evict_inode": ["free tree", "truncate", "clear_inode"]},
            "evict_inode frees tree before the pages are gone",
        ),
        (
            {"destroy_inode": ["free tree"]},
            "destroy_inode frees tree, which alloc_inode did not set up",
        ),
        ({}, "nothing undoes the attaching of tree"),
        (
            {"evict_inode": ["truncate", "clear_inode", "free tree"]},
            "each undo sits in the hook that pairs with its do",
        ),
    ],
)
def test_the_first_breach_is_the_reason(hooks, reason):
    table = {
        "kernel": "7.3", "mount": "own", "metadata": {"tree": {"placement": "i_private"}},
        "hooks": hooks,
    }  # fmt: skip
    assert judge(Design.from_table("mine", table)).reason == reason


def test_what_alloc_inode_set_up_goes_in_free_inode():
    table = {
        "kernel": "7.3", "mount": "own", "metadata": {"tree": {"placement": "containing-struct"}},
        "hooks": {
            "alloc_inode": ["alloc container", "init tree"],
            "free_inode": ["free tree", "free struct"],
        },
    }  # fmt: skip
    assert judge(Design.from_table("mine", table)).conventional


def test_what_is_freed_later_is_undone():
    text = """
    kernel = "6.12"
    mount = "own"
    metadata.upper = { placement = "containing-struct" }
    hooks.alloc_inode = ["alloc container", "init upper"]
    hooks.destroy_inode = ["free upper after a grace period"]
    hooks.free_inode = ["free struct"]
    """
    assert judge(Design.from_text(text)).conventional
    assert not judge(
        Design.from_text(text.replace("free upper after a grace period", "sleep"))
    ).conventional


OF_RCU = """
kernel = "6.12"
mount = "own"
kinds = ["symlink"]
filled = false
metadata.body = { placement = "i_link" }
"""


@pytest.mark.parametrize(
    ("hooks", "reason"),
    [
        ('hooks.free_inode = ["free body", "free struct"]', "each undo sits in"),
        ('hooks.evict_inode = ["truncate", "clear_inode", "free body"]', "evict_inode frees body"),
        ('hooks.evict_inode = ["clear_inode", "free body after a grace period"]', "each undo"),
        ('hooks.free_inode = ["free struct"]', "free_inode is set, and there is no alloc_inode"),
    ],
)
def test_what_rcu_mode_may_read_belongs_in_free_inode(hooks, reason):
    """So debugfs was mended: its symlink body went from evict_inode to free_inode."""
    assert judge(Design.from_text(OF_RCU + hooks)).reason.startswith(reason)


IN_CONTAINER = """
kernel = "6.12"
mount = "own"
filled = false
metadata.blob = { placement = "containing-struct" }
hooks.free_inode = ["free struct"]
"""


@pytest.mark.parametrize(
    ("more", "is_conventional"),
    [
        (('hooks.alloc_inode = ["alloc container", "attach blob"]\n'
         'hooks.evict_inode = ["clear_inode", "free blob"]'), False),
        (('hooks.alloc_inode = ["alloc container", "attach blob"]\n'
         'hooks.destroy_inode = ["free blob"]'), True),
        (('hooks.alloc_inode = ["alloc container", "init blob"]\n'
         'hooks.evict_inode = ["clear_inode", "free blob"]'), True),
        (('hooks.alloc_inode = ["alloc container", "init blob"]\n'
         'hooks.evict_inode = ["clear_inode", "free blob"]\n'
         'actors.walker = { holds = "rcu", does = ["if blob set: read blob"] }'), False),
        (('hooks.alloc_inode = ["alloc container", "init blob"]\n'
         'hooks.evict_inode = ["free blob"]'), False),
        (('hooks.alloc_inode = ["alloc container", "init blob"]\n'
         'hooks.evict_inode = ["clear_inode"]'), False),
    ],
    ids=["born in alloc", "undone where it was done", "came later", "read", "no clear", "leak"],
)  # fmt: skip
def test_who_set_it_up_and_who_reads_it_decide(more, is_conventional):
    assert judge(Design.from_text(IN_CONTAINER + more)).conventional is is_conventional


OF_OTHERS = """
kernel = "6.12"
mount = "own"
allocator = "new_inode"
filled = false
metadata.thing = { placement = "PLACE" }
hooks.evict_inode = ["truncate", "clear_inode"]
"""


@pytest.mark.parametrize(
    ("place", "more", "reason"),
    [
        ("i_cdev", 'kinds = ["special"]', "each undo sits in"),
        ("i_default_acl", 'kinds = ["directory"]', "each undo sits in"),
        ("i_crypt_info", "", "nothing undoes the attaching of thing"),
        ("s_fs_info", ('hooks.alloc_inode = ["alloc container", "get thing"]\n'
         'hooks.destroy_inode = ["read thing", "put thing"]\nhooks.free_inode = ["free struct"]\n'
         'hooks.kill_sb = ["put thing", "kill_anon_super"]'), "each undo sits in"),
        ("s_fs_info", ('hooks.kill_sb = ["kill_anon_super", "free thing"]\n'
         'actors.walk = { holds = "rcu", does = ["read thing"] }'),
         "kill_sb frees thing at once, which RCU mode may read: call_rcu or kfree_rcu"),
        ("s_fs_info", ('hooks.kill_sb = ["kill_anon_super", "free thing"]\n'
         'actors.scan = { from = "creation", until = "umount", does = ["read thing"] }'),
         "each undo sits in"),
    ],
    ids=["a device", "an ACL", "a key", "a reference each", "under RCU", "not under RCU"],
)  # fmt: skip
def test_what_is_not_the_inodes_own_is_judged_by_who_has_it(place, more, reason):
    text = OF_OTHERS.replace("PLACE", place) + more
    assert judge(Design.from_text(text)).reason.startswith(reason)


def test_nothing_is_said_beside_a_defect():
    leaky = design_from_choices(
        kernel="6.12", mount="own", placement="i_private", cleanup="none", metadata="shared_policy"
    )
    assert judged(check(leaky)) is None
    assert judged(check(gallery("guest_memfd-7.3"))).conventional
