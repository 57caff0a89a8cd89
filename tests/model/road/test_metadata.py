"""Metadata: how it is attached, read and released, wherever the pointer to it lies."""

import pytest

from gmemviz.model.machine import ABSENT, AWAITING, FREED, HELD, OWN_CACHE, STALE
from gmemviz.model.road import metadata
from tests.model.machine.made import design_of, machine_of, noted_by, shown_by, target_of, told

TREE = {"inode__tree": "tree", "tree": HELD}


def made(place="i_private", needs='release = "kfree"', context="P", **values):
    t = target_of(design_of(place, needs))
    return machine_of(t, context, **values), t, t.design.keeps[0]


def free(m, t, kept, *, way=0, untested=False):
    metadata.releases(kept, untested=untested)[way](m, t)


def test_the_creator_stores_what_the_inode_owns():
    m, t, _ = made()
    metadata.attach(m, t)
    assert (m["tree"], m["inode.tree"]) == (HELD, "tree")


@pytest.mark.parametrize(
    ("place", "attach", "slot"),
    [
        ("file-private_data", metadata.attach_to_file, "file.tree"),
        ("d_fsdata", metadata.attach_to_file, "dentry.tree"),
        ("folio", metadata.attach_to_folio, "folio.tree"),
    ],
)
def test_what_others_own_is_stored_once_they_are_there(place, attach, slot):
    m, t, _ = made(place)
    metadata.attach(m, t)
    assert m[slot] is None
    attach(m, t)
    assert m[slot] == "tree"


def test_a_word_is_set_and_cleared_and_has_no_memory():
    m, t, kept = made(
        "i_private-flags", 'owns_object = false\nrelease = "clear word"'.replace("\n", ", ")
    )
    metadata.attach(m, t)
    assert m["inode.tree"] == "set"
    free(m, t, kept)
    assert m["inode.tree"] == "cleared"
    assert told(m) == [("tree", "set"), ("tree", "cleared")]


def test_an_inode_that_was_handed_out_alone_has_no_container():
    m, t, _ = made("containing-struct", inode__cache="inode_cachep")
    assert shown_by(metadata.attach, m, t) == ("wrong-cache", "inode")
    m, t, _ = made("containing-struct", inode__cache=OWN_CACHE)
    metadata.attach(m, t)


def test_an_entry_of_an_earlier_inode_is_found_under_its_address():
    m, t, _ = made("global-xarray", **{"xarray[inode].tree": "old"})
    assert noted_by(metadata.attach, m, t) == ("stale-alias", "inode")


def test_what_is_scarce_is_refused_and_late_where_it_waits_for_a_grace_period():
    m, t, kept = made(needs="scarce = true")
    metadata.attach(m, t)
    m["inode"] = AWAITING
    metadata.attach(m, t)
    assert m["tree.refused"] == 1
    assert noted_by(free, m, t, kept) == ("late-release", "tree")
    m["tree.refused"], m["tree"] = 0, HELD
    free(m, t, kept)
    assert m["tree.holder"] is None


READS = 'read_by = ["truncation"], release = "plain lock"'


def test_truncation_reads_what_it_was_said_to_read():
    m, t, _ = made(needs=READS, inode__tree="tree", tree=FREED)
    assert shown_by(metadata.read_all, m, t) == ("use-after-free", "tree")
    m, t, _ = made(inode__tree="tree", tree=FREED)
    metadata.read_all(m, t)  # nobody reads this kind


@pytest.mark.parametrize("place", ["file-private_data", "d_fsdata"])
def test_who_has_the_inode_alone_reaches_nothing_of_a_file(place):
    m, t, _ = made(place, READS, tree=FREED)
    assert noted_by(metadata.read_all, m, t) == ("out-of-reach", "tree")
    m, t, _ = made(place, 'read_by = ["empty truncation"]')
    assert noted_by(metadata.read_when_empty, m, t) == ("out-of-reach", "tree")
    by_mapping = 'read_by = ["last folio_put by folio->mapping"]'
    m, t, _ = made(place, by_mapping, folio=HELD, folio__mapping="inode", tree=HELD)
    assert noted_by(metadata.put_folio, m, t) == ("out-of-reach", "tree")


def test_what_was_erased_is_missed_and_what_never_was_is_not():
    m, t, _ = made(needs=READS, tree=FREED)
    assert noted_by(metadata.read_all, m, t) == ("wrong-branch", "tree")
    m, t, _ = made(needs=READS, tree=ABSENT)
    metadata.read_all(m, t)


def test_an_empty_truncation_reads_only_what_is_attached():
    needs = 'read_by = ["empty truncation"]'
    m, t, _ = made(needs=needs, inode__tree="tree", tree=FREED)
    assert shown_by(metadata.read_when_empty, m, t) == ("use-after-free", "tree")
    m, t, _ = made(needs=needs, tree=FREED)
    metadata.read_when_empty(m, t)
    metadata.use_all(m, t)


@pytest.mark.parametrize(
    ("reader", "mapping", "code"),
    [
        ("last folio_put", None, "use-after-free"),
        ("last folio_put", "inode", "use-after-free"),
        ("last folio_put by folio->mapping", None, None),
        ("last folio_put by folio->mapping", "inode", "use-after-free"),
        ("last folio_put by folio->mapping, untested", None, "crash"),
    ],
)
def test_the_last_folio_put_reads_by_the_mapping_or_without(reader, mapping, code):
    m, t, _ = made(needs=f'read_by = ["{reader}"]', folio=HELD, folio__mapping=mapping, tree=FREED)
    if code:
        assert shown_by(metadata.put_folio, m, t)[0] == code
    else:
        metadata.put_folio(m, t)
        assert m["folio"] == FREED


def test_a_last_put_may_take_a_sleeping_lock():
    needs = 'read_by = ["last folio_put"], put_sleeps = true'
    m, t, _ = made(needs=needs, context="B", folio=HELD, tree=HELD)
    assert noted_by(metadata.put_folio, m, t) == ("sleep-in-softirq", "tree")


def test_what_a_folio_owns_goes_with_it():
    m, t, _ = made("folio", folio=HELD, **{"folio.tree": "tree"}, tree=HELD)
    metadata.put_folio(m, t)
    assert (m["tree"], m["folio"]) == (FREED, FREED)


@pytest.mark.parametrize(
    ("release", "context", "code"),
    [
        ("kfree", "B", None),
        ("plain lock", "P", None),
        ("plain lock", "B", "lock-context"),
        ("sleeping lock", "P", None),
        ("sleeping lock", "L", "sleep-in-atomic"),
        ("sleeping lock", "B", "sleep-in-softirq"),
    ],
)
def test_a_release_does_what_its_context_allows(release, context, code):
    m, t, kept = made(needs=f'release = "{release}"', context=context, **TREE)
    if code:
        assert noted_by(free, m, t, kept) == (code, "tree")
    else:
        free(m, t, kept)
    assert m["tree"] == FREED  # whatever a kernel said of it


def test_a_kfree_reads_nothing_of_what_it_frees_and_a_lock_does():
    m, t, kept = made(inode__tree="tree", tree=FREED)
    assert shown_by(free, m, t, kept) == ("double-free", "tree")
    m, t, kept = made(needs='release = "plain lock"', inode__tree="tree", tree=FREED)
    assert shown_by(free, m, t, kept) == ("use-after-free", "tree")


def test_a_null_pointer_is_passed_by_or_followed_untested():
    m, t, kept = made(needs='release = "plain lock"')
    free(m, t, kept)
    assert shown_by(free, m, t, kept, untested=True) == ("crash", "tree")
    m, t, kept = made()
    free(m, t, kept, untested=True)  # kfree(NULL) is none


def test_the_xarray_is_everybodys():
    m, t, kept = made("global-xarray", context="B", **{"xarray[inode].tree": "tree", "tree": HELD})
    assert noted_by(free, m, t, kept) == ("deadlock", "xa_lock")


def test_left_empty_is_no_dangling_pointer():
    for needs, left in (("left_empty = true", None), ("left_empty = false", "tree")):
        m, t, kept = made(needs=needs, **TREE)
        free(m, t, kept)
        assert m["inode.tree"] == left


def test_alloc_inode_sets_its_pointer_to_null_or_attaches():
    m, t, kept = made("containing-struct", inode__cache=OWN_CACHE, inode__tree="old")
    metadata.init(kept)(m, t)
    assert m["inode.tree"] is None
    metadata.attach_at_birth(kept)(m, t)
    assert m["inode.tree"] == "tree"
    assert metadata.init(kept) is metadata.init(kept)  # so that programs can be compared
    m, t, kept = made("file-private_data")
    metadata.attach_at_birth(kept)(m, t)
    assert (m["tree"], m["file.tree"]) == (HELD, None)  # there is no file yet


def test_the_error_path_frees_what_it_says_and_forgets_it():
    t = target_of(design_of(more='unwinds = ["tree"]'))
    m = machine_of(t, **TREE)
    metadata.unwind(m, t)
    assert (m["tree"], m["inode.tree"]) == (FREED, None)
    m, t, _ = made(**TREE)
    metadata.unwind(m, t)
    assert m["tree"] == HELD


def test_a_word_that_nobody_has_set_is_garbage_to_read_and_not_to_write():
    m, t, kept = made(needs='owns_object = false, release = "clear word"', inode__tree=STALE)
    metadata.note_stale(m, kept, m["inode.tree"])
    assert [defect.code for defect in m.noted] == ["stale-alias"]
    free(m, t, kept)
    assert m["inode.tree"] == "cleared"
