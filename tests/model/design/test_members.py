"""What the VFS does by itself about members of struct inode, held against each kernel's facts."""

import pytest

from gmemviz import Design, check
from gmemviz.errors import DesignError
from gmemviz.facts import kernels, load
from gmemviz.model.design.choices import GALLERY_PLACEMENTS
from gmemviz.model.design.members import MEMBERS, ONCE, is_put_by, is_set_once
from gmemviz.model.machine import Target

HEAD = 'kernel = "6.12"\nmount = "own"\nfilled = false\n'


@pytest.mark.parametrize("kernel", kernels())
def test_what_the_vfs_gives_back_it_calls_for_in_this_kernel(kernel):
    facts = load(kernel)
    for name, member in MEMBERS.items():
        if member.put_in:
            calls = facts.function(member.put_in.partition(":")[2]).calls
            assert member.put_by.partition(":")[2] in {call.callee for call in calls}, name


@pytest.mark.parametrize("kernel", kernels())
def test_a_kernel_without_the_member_has_a_placement_to_write_instead(kernel):
    for name, member in MEMBERS.items():
        place = GALLERY_PLACEMENTS[name]
        if place.struct and not load(kernel).has_field(place.struct, place.field):
            assert member.instead.partition(":")[0] in GALLERY_PLACEMENTS
            table = {"metadata": {"thing": {"placement": name}}, "kernel": kernel, "mount": "own"}
            report = check(Design.from_table("moved", table))
            assert report.defects == ("no-such-field",)
            assert f"write {member.instead}" in report.why


def test_each_row_says_who_sets_and_who_gives_back():
    for member in MEMBERS.values():
        assert member.says.startswith("set by ")
        assert "; given back " in member.says
    assert "; read in an RCU walk by fs/namei.c:pick_link" in MEMBERS["i_link"].says


def test_what_only_the_constructor_sets_is_told_from_the_rest():
    once = {name for name in MEMBERS if is_set_once(GALLERY_PLACEMENTS[name])}
    assert once == {name for name, member in MEMBERS.items() if member.set_by == ONCE}
    assert is_put_by(GALLERY_PLACEMENTS["i_acl"], "posix_acl_release")
    assert not is_put_by(GALLERY_PLACEMENTS["i_crypt_info"], "fscrypt_put_encryption_info")
    assert not is_put_by(GALLERY_PLACEMENTS["i_private"], "posix_acl_release")


UNION = (
    HEAD
    + """
kinds = ["symlink", "special"]
metadata.body = { placement = "i_link", of = ["symlink"] }
metadata.device = { placement = "i_cdev", of = ["special"] }
hooks.free_inode = ["free body", "free to inode_cachep"]
"""
)


def test_two_members_of_a_union_are_of_kinds_that_differ():
    design = Design.from_text(UNION)
    assert check(design).verdict == "correct"
    target = Target(design, load("6.12"))
    assert {target.slot(kept) for kept in design.keeps} == {f"inode.{design.cell_of_union}"}
    both = UNION.replace(', of = ["special"]', "")
    with pytest.raises(DesignError, match=r"body in i_link and device in i_cdev share a word"):
        Design.from_text(both)


def test_what_the_vfs_gives_back_is_an_object():
    word = HEAD + 'metadata.acl = { placement = "i_acl", owns_object = false }'
    with pytest.raises(DesignError, match="acl is in i_acl, a pointer: it must own an object"):
        Design.from_text(word)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("free blob", "constructor cannot free blob: it can init a member of the container, one"),
        ("init body", r"constructor cannot init body.* one of blob$"),
        ("if blob set: init blob", "constructor cannot if blob set: init blob"),
    ],
)
def test_a_constructor_sets_members_of_the_container_and_no_more(line, said):
    text = (
        HEAD
        + f"""
    metadata.blob = {{ placement = "containing-struct" }}
    metadata.body = {{ placement = "i_link" }}
    constructor = ["{line}"]
    """
    )
    with pytest.raises(DesignError, match=said):
        Design.from_text(text)


def test_what_the_constructor_sets_is_no_garbage_and_is_not_set_in_each_life():
    text = (
        HEAD
        + """
    metadata.blob = { placement = "containing-struct" }
    hooks.alloc_inode = ["alloc container"]
    """
    )
    built = text + 'constructor = ["init blob"]'
    both = built.replace('container"]', 'container", "init blob"]')
    unset = [Design.from_text(each).unset_at_birth for each in (text, built, both)]
    once = [Design.from_text(each).set_once for each in (text, built, both)]
    assert [len(each) for each in unset] == [1, 0, 0]
    assert [len(each) for each in once] == [0, 1, 0]


def test_who_reads_for_a_holder_is_said_with_how():
    for name, member in MEMBERS.items():
        assert bool(member.used_by) == bool(member.use), name
        assert (f"read for who holds the inode by {member.used_by}" in member.says) == bool(
            member.used_by
        )
