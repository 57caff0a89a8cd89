from dataclasses import replace

import pytest

from gmemviz.derive.metadata import (
    flag_beside,
    handed_over,
    kinds_with,
    named,
    owned,
    placed,
    zeroes,
)
from gmemviz.facts import Deed, load
from tests.derive.conftest import AT, asked, deed


def test_what_is_given_back_is_owned_but_for_the_inode_itself():
    kinds = owned([
        deed("given back", "container.target"), deed("given back", "container"),
        deed("given back later", "i_private"), deed("given back", "i_security"),
        deed("given back", "i_crypt_info"), deed("given back", "i_data.i_private_data"),
        deed("given back", "argument 1.x"), deed("given back", "i_sb.s_fs_info"),
    ])  # fmt: skip
    assert [(kind.name, kind.placement) for kind in kinds] == [
        ("i_crypt_info", "i_crypt_info"), ("i_private", "i_private"),
        ("i_private_data", "i_private_data"), ("i_security", "i_private"),
        ("target", "containing-struct"),
    ]  # fmt: skip
    assert kinds[3].assumed == "inode->i_security is kept as inode->i_private is"
    assert named(kinds, "container.target.next").name == "target"
    assert named(kinds, "container.other") is None


def test_who_frees_and_empties_leaves_it_empty():
    (kind,) = owned([deed("given back", "container.a"), deed("emptied", "container.a")])
    assert kind.left_empty
    freed = deed("given back", "container.a", (asked("loop", ""),))
    (kind,) = owned([freed])
    assert not kind.left_empty  # a chain's head stays
    (kind,) = owned([freed, deed("taken off a list", "container.a", (asked("loop", ""),))])
    assert kind.left_empty


def test_only_the_statement_that_empties_leaves_it_empty():
    """`p->m = NULL` in another hook, or on another way, is none of it."""
    freed, emptied = deed("given back", "container.a"), deed("emptied", "container.a")
    elsewhere = replace(emptied, chain=(emptied.at._replace(function="toy_free_inode"),))
    (kind,) = owned([freed, elsewhere])
    assert not kind.left_empty
    assert not kind.emptied
    (kind,) = owned([freed, replace(emptied, ways=((asked("symlink", "inode"),),))])
    assert not kind.left_empty
    other = replace(freed, chain=(freed.at._replace(function="toy_free_inode"),))
    (kind,) = owned([freed, emptied, other])
    assert kind.emptied == {freed.chain}


def test_what_a_memset_covers_is_left_empty():
    freed = deed("given back", "container.run.runs")
    (kind,) = owned([freed, deed("initialised", "container.run", via="memset")])
    assert kind.left_empty
    (kind,) = owned([freed, deed("initialised", "container.run", via="toy_init")])
    assert not kind.left_empty


@pytest.mark.parametrize(
    ("kernel", "placement"), [("6.12", "i_crypt_info"), ("7.3", "containing-struct")]
)
def test_facts_decide_where_a_member_is(kernel, placement):
    (kind,) = placed(owned([deed("given back", "i_crypt_info")]), load(kernel))
    assert (kind.name, kind.placement) == ("i_crypt_info", placement)


def test_what_alloc_inode_allocates_is_born_there():
    freed = deed("given back", "container.a")
    assert owned([freed], [deed("attached", "container.a")])[0].at_birth
    assert not owned([freed], [deed("emptied", "container.a")])[0].at_birth


@pytest.mark.parametrize(
    ("about", "count", "flag"),
    [
        ("container.cached.start", 2, "container.cached.start"),
        ("container.cached.start", 1, ""),
        ("i_state", 2, ""),
    ],
)
def test_a_flag_beside_says_whether_there_is_any(about, count, flag):
    freed = [deed("given back", "container.cached.bh", (asked("member", about),))] * count
    assert flag_beside("container.cached.bh", freed) == flag


def test_a_pointer_that_a_function_was_given_is_handed_over():
    given = Deed("read", "container.a", (AT, AT))
    forgotten = deed("emptied", "container.a")
    freed_elsewhere = Deed("given back", "container.a", (AT._replace(function="toy_free"),))
    assert list(handed_over("container.a", [given, forgotten, freed_elsewhere])) == [AT]
    # x = p->m; p->m = NULL; put(x)
    assert not list(
        handed_over("container.a", [given, forgotten, deed("given back", "container.a")])
    )
    # p->m = NULL alone hands nothing over.
    assert not list(handed_over("container.a", [forgotten, freed_elsewhere]))


def test_only_the_kinds_that_give_it_back_have_it():
    assert kinds_with([deed("given back", "i_link", (asked("symlink"),))]) == ("symlink",)
    not_a_folder = deed("given back", "container.a", (asked("directory", negated=True),))
    assert kinds_with([not_a_folder]) == ("regular", "special", "symlink")
    assert kinds_with([deed("given back", "container.a")]) == ()


@pytest.mark.parametrize("deeds", [[], [deed("read", "container.a")], None])
def test_what_alloc_inode_allocates_is_owned_also_where_nobody_frees_it(deeds):
    born = [deed("allocated", "new memory", via="kzalloc"),
            deed("attached", "container.a", member=True)]  # fmt: skip
    if deeds is None:  # who has it on a list may give it back
        assert owned([deed("put on a list", "container.a")], born) == ()
        return
    (kind,) = owned(deeds, born)
    assert (kind.name, kind.at_birth, kind.embedded) == ("a", True, False)


@pytest.mark.parametrize(
    ("via", "all_zero"),
    [("kmem_cache_zalloc", True), ("alloc_inode_sb", False), ("toy_alloc", False)],
)
def test_which_memory_is_zero(via, all_zero):
    assert zeroes(deed("allocated", "container", via=via)) is all_zero
