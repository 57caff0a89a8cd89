"""gmemviz census: tables counted, and the same as data."""

import json

import pytest


def test_census(run):
    status, out, _ = run("census", "7.3", "--json")
    said = json.loads(out)
    assert status == 0
    assert said.keys() >= {"tables", "hooks", "combinations"}
    assert sum(row["tables"] for row in said["combinations"]) == said["tables"] == 88
    _, out, _ = run("census", "6.12")
    assert out.startswith("87 super_operations tables in 6.12\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("census nowhere", "'nowhere' is neither a shipped kernel (6.1, 6.12, 7.3) nor a folder"),
        ("census .", "expected an unpacked kernel tree"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, line, said):
    assert said in refused(line)
