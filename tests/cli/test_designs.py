"""gmemviz designs: every correct Design, as text, as data, and by its status."""

import json

import pytest

from gmemviz.cli import designs, main


def test_designs_as_text(run):
    status, out, err = run("designs --metadata resv_map --kernel 7.3")
    assert (status, err) == (0, "")
    assert out.startswith("resv_map on 7.3, own mount\n14 correct Designs, simulated\n")
    assert max(map(len, out.splitlines())) <= 72


def test_designs_as_json(run):
    line = "designs --metadata flags --metadata rcu-blob --kernel 6.12 --first 3 --json"
    status, out, _ = run(line)
    said = json.loads(out)
    assert status == 0
    assert said["metadata"] == ["flags", "rcu-blob"]
    assert [one["rank"] for one in said["correct"]] == [1, 2, 3]
    assert said["unchecked"] > 0


def test_no_design_is_status_1(run):
    status, out, _ = run("designs --metadata resv_map --kernel 7.3 --mount anon-inode")
    assert status == 1
    assert "0 correct Designs" in out


def test_no_correct_design_among_those_checked_is_undecided(monkeypatch, capsys):
    found = designs.designs_for(["flags"], kernel="7.3", first=1)
    assert found.unchecked
    for correct, unchecked, status in ((found.correct, 9, 0), ((), 9, 3), ((), 0, 1)):
        said = type(found)("7.3", "own", ("flags",), correct, found.failed, unchecked)
        monkeypatch.setattr(designs, "designs_for", lambda *_, said=said, **__: said)
        assert main(["designs", "--metadata", "flags", "--kernel", "7.3"]) == status


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("designs", "--metadata"),
        ("designs --kernel 7.3", "--metadata"),
        ("designs --metadata flag --kernel 7.3", "unknown metadata: 'flag' (must be one of flags"),
        ("designs --metadata flags --metadata flags --kernel 7.3", "'flags' is named twice"),
        ("designs --metadata flags --kernel 8", "unknown kernel: '8'"),
        ("designs --metadata flags --kernel 7.3 --mount x", "unknown mount: 'x'"),
        (
            "designs --metadata flags --kernel 7.3 --first 0",
            "--first: must be a whole number from 1 on, not '0'",
        ),
        ("designs --metadata flags --kernel 7.3 --first x", "--first"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, line, said):
    assert said in refused(line)
