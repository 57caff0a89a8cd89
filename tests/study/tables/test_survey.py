"""The survey: a row for every table, what it keeps and where, and never more than was found."""

from collections import Counter

import pytest

from gmemviz.derive import Judged, judged, shipped_tables
from gmemviz.errors import UnknownNameError
from gmemviz.facts import census, load, snapshots, table_key
from gmemviz.study.tables import SurveyRow, survey, survey_frame, suspects

ROW = SurveyRow(
    "", "toy_ops", "fs/toy.c", 7, ("alloc_inode", "free_inode"),
    (("body", "i_link"), ("text", "i_link")), ("path_walk",), Judged("correct", 0, 1), recorded=True,
)  # fmt: skip


def row_of(kernel, table):
    (found,) = [row for row in survey(kernel) if row.table == table]
    return found


@pytest.mark.parametrize("kernel", snapshots())
def test_a_row_for_each_table_with_the_hooks_that_the_census_counts(kernel):
    rows, counted = survey(kernel), census(load(kernel))
    assert len(rows) == counted.tables
    assert Counter(row.hooks for row in rows) == counted.combinations
    assert [(row.path, row.line) for row in rows] == sorted((row.path, row.line) for row in rows)
    keys = [table_key(read.table) for read in shipped_tables(kernel)]
    found = {f"{row.path}:{row.line} {row.table}": row.found for row in rows}
    assert found == {key: judged(kernel)[key] for key in keys}


def test_what_guest_memfd_keeps():
    row = row_of("7.3", "kvm_gmem_super_operations")
    assert row.metadata == (("policy", "containing-struct"),)
    assert (row.name, row.readers, row.found.verdict) == ("guest_memfd", (), "correct")


def test_who_walks_a_path_reads_a_symlink_and_procfs_has_readers_of_its_own():
    assert row_of("7.3", "debugfs_super_operations").readers == ("path_walk",)
    assert "proc_get_link" in row_of("7.3", "proc_sops").readers


def test_recorded_is_who_ran_a_hook_of_its_own():
    ran = {row.name for row in survey("7.3") if row.recorded}
    assert {"ext4", "guest_memfd", "tmpfs", "overlay"} <= ran
    # They set inode_just_drop, which ran for others; no recording is of them.
    assert not ran & {"ramfs", "gadgetfs", "hostfs", "pipefs"}
    assert not any(row.recorded for row in survey("6.1"))  # it is read and not booted


def test_suspects_are_those_of_any_kernel():
    named = {
        kernel: [row for row in survey(kernel) if row.table in suspects()] for kernel in snapshots()
    }
    allowed = {
        row.table for rows in named.values() for row in rows if row.found.verdict == "defects"
    }
    assert set(suspects()) == allowed
    assert "proc_sops" in allowed
    assert row_of("7.3", "proc_sops").found.verdict == "correct"


def test_no_row_says_that_a_kernel_was_asked_for_its_verdict():
    assert ROW.evidence == "read in full, hooks recorded"
    part = ROW._replace(found=Judged("undecided", 3, 1, ("leak",)), recorded=False)
    assert part.evidence == "read in part"
    assert "leak" not in f"{part!r}"


def test_as_a_table():
    table = survey_frame([ROW])
    assert table.loc["toy_ops"].to_dict() == {
        "hooks": "alloc, free", "metadata": "body, text", "placement": "i_link",
        "readers": "path_walk", "verdict": "correct", "evidence": "read in full, hooks recorded",
        "table": "fs/toy.c:7",
    }  # fmt: skip
    assert len(survey_frame([])) == 0


def test_another_kernel_is_refused():
    with pytest.raises(UnknownNameError, match=r"kernel"):
        survey("5.4")
