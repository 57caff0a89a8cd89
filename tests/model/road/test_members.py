"""What the VFS puts, forgets and reads of the members that a Design keeps things in."""

from gmemviz.model import Design, check
from gmemviz.model.design import DefectCode
from gmemviz.model.machine import AWAITING, FREED, HANDED_OVER, HELD
from gmemviz.model.road import SURROUNDINGS, Do, cells, members, rcu
from tests.model.machine.made import design_of, machine_of, shown_by, target_of


def target(place, *traits, more=""):
    return target_of(design_of(place, kernel="6.12", more=more), *traits)


ACL = target("i_acl")
DEVICE = target("i_cdev")
PIPE = target("i_pipe")


def holding(t, **values):
    """Return a Machine in which the inode has its tree, in a member."""
    return machine_of(t, **{"inode__tree": "tree", "tree": HELD, **values})


def test_each_member_is_given_back_where_the_kernel_does_it():
    for function, t in (("__destroy_inode", ACL), ("evict", DEVICE), ("pipe_release", PIPE)):
        assert [kept.kind.name for kept in members.put_in(function, t)] == ["tree"]
    assert (members.has_acls(ACL), members.has_device(ACL), members.is_pipe(ACL)) == (1, 0, 0)
    assert members.put_in("evict", target("i_crypt_info")) == ()


def test_an_acl_waits_for_its_readers_and_the_pointer_stays():
    m = holding(ACL, readers=("walk",))
    members.put_acls(m, ACL)
    assert (m["tree"], m["inode.tree"]) == (AWAITING, "tree")
    assert m["tree after a grace period"] == ("walk",)
    assert shown_by(members.put_acls, m, ACL) == ("double-free", "tree")


def test_an_acl_that_is_not_there_is_not_put():
    m = machine_of(ACL)
    members.put_acls(m, ACL)
    assert m["tree after a grace period"] is None


def test_a_device_is_forgotten_and_stays_its_drivers():
    m = holding(DEVICE)
    members.forget_device(m, DEVICE)
    assert (m["tree"], m["inode.tree"]) == (HANDED_OVER, None)
    assert not members.may_purge(m, DEVICE, kept=DEVICE.kept("tree"))


def test_only_a_device_s_inode_is_asked_for_one():
    t = target("i_cdev", more='kinds = ["special", "regular"]')
    m = holding(t, inode__i_mode="bad")
    members.forget_device(m, t)
    assert m["tree"] == HELD


def test_a_device_that_goes_writes_into_each_inode_on_its_list():
    kept = DEVICE.kept("tree")
    m = holding(DEVICE)
    assert members.may_purge(m, DEVICE, kept=kept)
    assert not members.may_purge(holding(DEVICE, published=1), DEVICE, kept=kept)
    members.purge(m, DEVICE, kept=kept)
    assert (m["tree"], m["inode.tree"]) == (FREED, None)
    late = holding(DEVICE, inode=FREED)
    assert shown_by(members.purge, late, DEVICE, kept=kept) == ("use-after-free", "inode")


def test_the_buffers_of_a_pipe_go_with_its_last_file():
    m = holding(PIPE)
    members.put_pipe(m, PIPE)
    assert (m["tree"], m["inode.tree"]) == (FREED, None)
    members.put_pipe(m, PIPE)  # nothing is there now
    assert not members.is_pipe(target("i_pipe", "O_PATH"))
    assert not members.is_pipe(target("i_pipe", more='hooks.release = ["free tree"]'))


def test_a_walk_reads_bodies_and_acls_and_what_has_no_reader_of_its_own():
    assert members.is_walked(ACL)
    assert not members.is_walked(PIPE)
    assert not members.is_walked(target("i_default_acl"))
    own = target_of(design_of("i_link", 'read_by = ["lockless reader"]'))
    assert not members.is_walked(own)
    m = holding(ACL)
    members.load_walked(m, ACL)
    assert (m["pointer"], m.register) == (("tree",), 1)
    members.load_walked(none := machine_of(ACL), ACL)
    assert (none["pointer"], none.register) == ((), 0)


def codes(place, *, kernel="6.12", **hooks) -> tuple[DefectCode, ...]:
    table = {
        "kernel": kernel, "mount": "own", "allocator": "new_inode", "filled": False,
        "metadata": {"thing": {"placement": place}}, "hooks": hooks,
    }  # fmt: skip
    return check(Design.from_table("asked", table)).defects


def test_a_hook_that_does_the_same_once_more_does_it_twice():
    free = ["free thing", "free to inode_cachep"]
    for place in ("i_acl", "i_default_acl"):
        for kernel in ("6.12", "7.3"):
            assert codes(place, kernel=kernel) == ()
            assert codes(place, kernel=kernel, free_inode=free) == ("double-free",)
            first = ["truncate", "clear_inode", "free thing"]
            assert codes(place, kernel=kernel, evict_inode=first) == ("double-free",)
            assert codes(place, kernel=kernel, evict_inode=[*first, "clear thing"]) == ()


def test_what_the_filesystem_has_to_give_back_leaks_without_a_hook():
    for place in ("i_link", "i_crypt_info", "i_verity_info"):
        assert codes(place) == ("leak",)


def test_each_function_that_reads_a_member_is_run_as_its_table_says():
    assert dict(members.USES) == {
        "vfs_readlink": "held", "get_cached_acl": "rcu", "fifo_open": "locked",
        "chrdev_open": "locked", "fscrypt_get_inode_info": "held", "fsverity_get_info": "held",
        "__dquot_alloc_space": "rcu",
    }  # fmt: skip
    for name, use in members.USES.items():
        takes = sum(isinstance(line, Do) for line in SURROUNDINGS[name].lines)
        assert takes == {"held": 1, "rcu": 3, "locked": 1}[use], name
    assert not tuple(members.used(design_of()))


def test_what_is_kept_in_a_member_is_loaded_then_read():
    m = holding(ACL)
    assert members.is_used_by("get_cached_acl")(ACL)
    assert not members.is_used_by("vfs_readlink")(ACL)
    members.load_used("get_cached_acl")(m, ACL)
    m["tree"] = FREED
    assert shown_by(rcu.read_metadata, m, ACL) == ("use-after-free", "tree")


def test_a_device_is_read_with_its_lock_held():
    m = holding(DEVICE)
    members.use_locked("chrdev_open")(m, DEVICE)
    assert m["pointer"] is None
    m["tree"] = FREED
    assert shown_by(members.use_locked("chrdev_open"), m, DEVICE) == ("use-after-free", "tree")
    assert members.is_lock_free(m, DEVICE)
    m[cells.lock("cdev_lock")] = "driver"
    assert not members.is_lock_free(m, DEVICE)


def test_an_o_path_file_does_not_find_what_goes_with_the_last_file():
    finds = members.is_used_by("fifo_open")
    assert (finds(PIPE), finds(target("i_pipe", "O_PATH"))) == (True, False)
    assert members.is_used_by("get_cached_acl")(target("i_acl", "O_PATH"))


def test_an_o_path_file_meets_what_release_frees():
    release = {"release": ["free thing", "clear thing"]}
    assert "use-after-free" in codes("i_acl", **release)
    waits = {"release": ["free thing after a grace period", "clear thing"]}
    assert codes("i_acl", **waits) == ()
