"""All faults of a page are told at once, each at its line; one alone is told as before."""

import pytest

from gmemviz import Design
from gmemviz.errors import FaultsError, WordError
from gmemviz.model.design.faults import with_all
from tests.model.design.test_design import TREE

WRONG = """\
kernel = "7.4"
mount = "own"
colour = 1
barrier = "yes"
[metadata.tree]
placment = "i_private"
[metadata.blob]
placement = "i_privat"
[hooks]
alloc_inode = ["alloc container", "init tre"]
evict_inode = ["fre tree",
               "fre tree"]
destroy_inod = []
free_inode = { does = ["free struct", "unlock gaurd"], fn = "f" }
[actors.reader]
holds = "rcuu"
does = ["read tree", "walk all"]
[callbacks.work]
runs = "workr"
does = ["sleep", "slep"]
[locks]
guard = "spinlok"
"""
AT = [
    (1, "kernel"), (3, "colour"), (4, "barrier"), (6, "placment"), (8, "i_privat"), (10, "init tre"),
    (11, "fre tree"), (12, "fre tree"), (13, "destroy_inod"), (14, "unlock gaurd"), (14, "fn"),
    (16, "rcuu"), (17, "walk all"), (19, "workr"), (20, "slep"), (22, "spinlok"),
]  # fmt: skip


def faults_of(text):
    with pytest.raises(WordError) as refused:
        Design.from_text(text)
    return [str(fault) for fault in getattr(refused.value, "faults", [refused.value])]


def test_every_wrong_word_is_told_with_its_line_in_order():
    found = faults_of(WRONG)
    assert len(found) == len(AT)
    for said, (line, word) in zip(found, sorted(AT, key=lambda each: each[0]), strict=True):
        assert said.startswith(f"line {line}: ")
        assert word in said or line == 14


@pytest.mark.parametrize("index", range(len(AT)))
def test_a_fault_does_not_hide_another(index):
    """Each is told as well where all the others are there and where it stands beside one."""
    line, word = AT[index]
    assert any(f"line {line}: " in said and (word in said) for said in faults_of(WRONG))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('mount = "own"', 'mount = "mine"'),
        ('"free struct"', '"freestruct"'),
        ('"free struct"', '"return 1"'),
        ('["alloc container", ', "["),
    ],
)
def test_one_fault_is_no_list_and_no_other_follows_from_it(right, wrong):
    assert right in TREE
    assert len(faults_of(TREE.replace(right, wrong))) == 1


TABLES = [
    ('metadata.tree = { placement = "i_privat", read_by = ["truncatin", "rcu"], release = "kfre" }',
     ["i_privat", "truncatin", "rcu", "kfre"]),
    ('metadata.tree = { placment = "i_private", bogus = 1 }', ["placment", "bogus"]),
    ('actors.reader = { holds = "rcuu", from = "noon", until = "dusk", foo = 1, does = ["slep"] }',
     ["rcuu", "noon", "dusk", "foo", "slep"]),
    ('callbacks.later = { runs = "nowhere", bar = 1, does = ["slep", "slip"] }',
     ["nowhere", "bar", "slep", "slip"]),
    ('locks = { a = "mutx", b = "spinlok" }', ["mutx", "spinlok"]),
    ('kinds = ["regulr", "symlnk"]', ["regulr", "symlnk"]),
    ('hooks.release = { dos = ["sleep"], functoin = "f" }', ["dos", "functoin"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "wrong"), TABLES)
def test_each_fault_of_a_table_is_told(line, wrong):
    """Of a kind, an actor, a callback, a hook, and of a list: not its first alone."""
    with pytest.raises(FaultsError) as refused:
        Design.from_text(f'kernel = "7.3"\nmount = "own"\n{line}')
    assert sorted(fault.about for fault in refused.value.faults) == sorted(wrong)


def test_a_misspelt_kind_is_one_fault_and_not_one_for_each_line_that_is_about_it():
    text = TREE.replace('placement = "containing-struct"', 'placement = "containing-strct"')
    (said,) = faults_of(text)
    assert "did you mean containing-struct?" in said


def test_what_only_parts_together_do_wrong_is_told_where_all_words_are_right():
    text = TREE.replace("[hooks]", '[hooks]\nkill_sb = ["truncate"]')
    (said,) = faults_of(text)
    assert "kill_sb must have kill_anon_super or kill_litter_super" in said


@pytest.mark.parametrize("key", ["hooks", "metadata", "actors", "callbacks", "locks", "lists"])
@pytest.mark.parametrize("value", ["3", "[]", "[3]", '"x"', "true", "1979-05-27"])
def test_a_value_of_another_kind_is_a_fault_too(key, value):
    found = faults_of(f'kernel = "7.4"\nmount = "own"\n{key} = {value}\n')
    assert found[0].startswith("line 1: unknown kernel")


def test_the_error_has_all_of_them():
    refused = WordError("unknown mount: 'mine'", "mine")
    table = {"mount": "mine", "error_path": ["fre it"]}
    found = with_all(refused, table, 'mount = "mine"\nerror_path = ["fre it"]', read=dict)
    assert isinstance(found, FaultsError)
    assert [str(fault)[:7] for fault in found.faults] == ["line 1:", "line 2:"]
    assert "; line 2: " in str(found)
