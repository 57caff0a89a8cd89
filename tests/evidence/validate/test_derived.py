"""A filesystem that the gallery does not have is held against what its source comes to."""

from dataclasses import replace

import pytest

from gmemviz.errors import RecordingError
from gmemviz.evidence.validate.derived import derived_of
from gmemviz.evidence.validate.filesystem import Home, homes_told
from gmemviz.facts import load, super_tables
from gmemviz.record import follow, load_recording
from tests.evidence.recorded_edits import DERIVED


def ways(name):
    facts = load(name.partition("-")[0])
    trace = follow(load_recording(name), facts=facts)
    (home,) = homes_told(trace, facts)
    return derived_of(home, trace, facts)


@pytest.mark.parametrize("name", sorted({f"{name[:4].strip('-')}-{DERIVED[name]}-umount"
                                          for name in DERIVED}))  # fmt: skip
def test_each_hook_of_the_table_has_a_body_and_a_function(name):
    kernel, filesystem, _ = name.split("-")
    (table,) = super_tables(load(kernel), filesystem)
    for design in ways(name):
        assert design.named
        functions = dict(design.functions)
        for hook, function in table.slots:
            if hook.endswith("_inode") and hook not in ("dirty_inode", "write_inode"):
                assert design.body(hook) is not None
                assert functions[hook] == function


def test_what_drop_inode_answers_goes_by_the_names():
    (drop,) = {design.body("drop_inode") for design in ways("6.12-ext4-umount")}
    assert [action.verb for action in drop] == ["return 1", "return 0"]
    assert [condition.test for condition in drop[0].only_if] == ["nlink 0"]


def test_a_kill_sb_that_is_the_vfs_s_own_is_left_to_it():
    (overlay,) = ways("6.12-overlay-umount")  # ovl_fs_type has kill_anon_super
    assert overlay.body("kill_sb") is None
    assert {dict(design.functions)["kill_sb"] for design in ways("6.12-ext4-umount")} == {
        "ext4_kill_sb"
    }


def test_a_hook_of_a_file_that_ran_is_there_and_another_is_not():
    assert {dict(design.functions).get("release") for design in ways("7.3-ext4-unlink")} == {
        "ext4_release_file"
    }
    assert {design.body("release") for design in ways("7.3-ext4-umount")} == {None}


def test_what_was_read_in_part_does_nothing_twice():
    for name in ("7.3-ext4-unlink", "6.12-ext4-unlink"):
        for design in ways(name):
            body = design.body("evict_inode")
            cleared = [action.only_if for action in body if action.verb == "clear_inode"]
            assert () not in cleared or cleared == [()]


def test_a_filesystem_without_a_table_is_named():
    facts = load("7.3")
    trace = load_recording("7.3-eventfd")
    home = Home("fs/eventfd.c", ("eventfd_release",))
    with pytest.raises(
        RecordingError, match=r"of fs/eventfd.c \(eventfd_release\), .* no super_op"
    ):
        derived_of(home, trace, facts)
    with pytest.raises(RecordingError, match="was not read"):
        derived_of(home, trace, replace(facts, kernel="7.9"))
