"""gmemviz census: tables counted, and the same as data."""

import json
import re

import pytest


def test_census(run):
    status, out, _ = run("census", "7.3", "--json")
    said = json.loads(out)
    assert status == 0
    assert said.keys() >= {"tables", "hooks", "combinations"}
    assert sum(row["tables"] for row in said["combinations"]) == said["tables"] == 88
    _, out, _ = run("census", "6.12")
    assert out.startswith("87 super_operations tables in 6.12\n")


def test_verdicts_stand_beside_the_hooks_of_a_shipped_kernel(run):
    _, out, _ = run("census", "7.3")
    assert "  13 set alloc_inode, free_inode: 13 correct\n" in out
    status, out, _ = run("census", "6.1", "--tables")
    assert (status, len(out.splitlines())) == (0, 84)
    assert re.search(r"^befs +full  correct \[fs/befs/", out, re.MULTILINE)


def test_a_row_a_table_as_data(run):
    _, out, _ = run("census", "6.12", "--json")
    rows = json.loads(out)["verdicts"]
    assert len(rows) == 87
    assert all((row["derived"] == "full") == (row["unread"] == 0) for row in rows)
    assert not [row for row in rows if row["defects"] and row["verdict"] != "defects"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("census nowhere", "'nowhere' is neither a shipped kernel (6.1, 6.12, 7.3) nor a folder"),
        ("census .", "expected an unpacked kernel tree"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, line, said):
    assert said in refused(line)
