from gmemviz.derive.metadata import kinds_with, named, owned
from tests.derive.conftest import asked, deed


def test_what_is_given_back_is_owned_but_for_the_inode_itself():
    kinds = owned([
        deed("given back", "container.target"), deed("given back", "container"),
        deed("given back later", "i_private"), deed("given back", "i_dquot"),
        deed("given back", "argument 1.x"), deed("given back", "i_sb.s_fs_info"),
    ])  # fmt: skip
    assert [(kind.name, kind.placement) for kind in kinds] == [
        ("i_dquot", "i_private"), ("i_private", "i_private"), ("target", "containing-struct"),
    ]  # fmt: skip
    assert kinds[0].assumed == "inode->i_dquot is kept as inode->i_private is"
    assert named(kinds, "container.target.next").name == "target"
    assert named(kinds, "container.other") is None


def test_who_frees_and_empties_leaves_it_empty():
    (kind,) = owned([deed("given back", "container.a"), deed("emptied", "container.a")])
    assert kind.left_empty
    (kind,) = owned([deed("given back", "container.a", (asked("loop", ""),))])
    assert kind.left_empty


def test_only_the_kinds_that_give_it_back_have_it():
    assert kinds_with([deed("given back", "i_link", (asked("symlink"),))]) == ("symlink",)
    not_a_folder = deed("given back", "container.a", (asked("directory", negated=True),))
    assert kinds_with([not_a_folder]) == ("regular", "special", "symlink")
    assert kinds_with([deed("given back", "container.a")]) == ()
