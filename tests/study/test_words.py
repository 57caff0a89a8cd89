"""Words of a Design by their keys: each key of the language is compared."""

import pytest

from gmemviz.study import compare, designs, gallery
from gmemviz.study.words import body_text, differing, words_of
from tests.model.search.designs import READ_IN_TIME, made


@pytest.mark.parametrize(
    ("changes", "key", "both"),
    [
        ({"kinds": '["symlink"]'}, "kinds", ("regular", "symlink")),
        ({"lists": '["all"]', "hooks.release": '["walk all"]'}, "lists", ("none", "all")),
        ({"error_path": '["free blob"]'}, "error_path", ("none", "free blob")),
        ({"locks.guard": '"mutex"', "hooks.release": '["lock guard", "unlock guard"]'},
         "locks.guard", ("not there", "is mutex")),
        ({"filled": "false"}, "filled", ("true", "false")),
        ({"module": "true"}, "module", ("false", "true")),
        ({"unwinds": '["blob"]'}, "unwinds", ("none", "blob")),
        ({"creator": '"make"'}, "creator", ("create", "make")),
        ({"allocator": '"new_inode"'}, "allocator", ("alloc_anon_inode", "new_inode")),
        ({"metadata.tree": '"i_private"'}, "metadata.tree", None),
        ({"actors.late": '{ does = ["read blob"] }'}, "actors.late", None),
        ({"callbacks.later": '{ does = ["free blob"] }', "hooks.release": '["call_rcu later"]'},
         "callbacks.later", ("not there", "runs rcu, does free blob")),
    ],
)  # fmt: skip
def test_each_word_that_differs_is_told_by_its_key(changes, key, both):
    if key == "metadata.tree":
        changes = {key: '{ placement = "i_private" }'}
    found = dict(differing(words_of(made(READ_IN_TIME)), words_of(made(READ_IN_TIME, **changes))))
    assert list(found) == [key]
    assert found[key] == both or (both is None and found[key][0] == "not there")


@pytest.mark.parametrize(
    ("old", "new", "key", "both"),
    [
        ('"rcu"', '"dentry"', "actors.permission.holds", ("rcu", "dentry")),
        ('"rcu"', '"rcu", times = 1', "actors.permission.times", ("2", "1")),
        ('"rcu"', '"rcu", from = "close"', "actors.permission.from", ("open", "close")),
        ('"rcu"', '"rcu", until = "umount"', "actors.permission.until", ("its end", "umount")),
        ("if blob set: read blob", "read blob", "actors.permission.does",
         ("if blob set: read blob", "read blob")),
        ('"containing-struct"', '"i_private"', "metadata.blob.placement",
         ("containing-struct", "i_private")),
        ('"containing-struct"', '"containing-struct", release = "may sleep"',
         "metadata.blob.release", ("kfree", "may sleep")),
        ('"containing-struct"', '"containing-struct", read_by = ["truncation"]',
         "metadata.blob.read_by", ("none", "truncation")),
        ('"containing-struct"', '"containing-struct", scarce = true', "metadata.blob.scarce",
         ("false", "true")),
    ],
)  # fmt: skip
def test_each_property_that_differs_is_told_by_its_key(old, new, key, both):
    other = made(READ_IN_TIME.replace(old, new, 1))
    assert dict(differing(words_of(made(READ_IN_TIME)), words_of(other))) == {key: both}


def test_the_answer_the_text_and_the_table_have_them():
    found = compare(made(READ_IN_TIME), made(READ_IN_TIME, kinds='["symlink"]'))
    assert found.words == {"kinds": ("regular", "symlink")}
    assert found.answer()["words"] == {"kinds": {"a": "regular", "b": "symlink"}}
    assert "Other words that differ:\n  kinds\n    A: regular\n    B: symlink\n" in found.text
    assert list(found.frame().loc["says kinds"]) == ["regular", "symlink"]
    same = compare(made(READ_IN_TIME), made(READ_IN_TIME))
    assert same.words == {}
    assert "No other word differs." in same.text


def test_what_functions_are_called_is_no_word():
    body = gallery("guest_memfd-7.3").body("destroy_inode")
    assert body_text(body) == "free shared_policy"
    assert body_text(()) == "nothing"


@pytest.mark.parametrize("name", designs())
def test_a_design_has_the_words_of_itself(name):
    assert not list(differing(words_of(gallery(name)), words_of(gallery(name))))
