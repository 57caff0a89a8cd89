"""The commands `designs` and `compare`: data, exit status, and errors in one sentence."""

import json

import pytest

from gmemviz.cli import main

OWN = """
kernel = "7.3"
mount = "own"
metadata.shared_policy = "i_private"
hooks.evict_inode = ["truncate", "clear_inode", "free shared_policy"]
"""


def run(capsys, line):
    status = main(line.split())
    out, err = capsys.readouterr()
    return status, out, err


def test_designs_as_text(capsys):
    status, out, err = run(capsys, "designs --metadata resv_map --kernel 7.3")
    assert (status, err) == (0, "")
    assert out.startswith("resv_map on 7.3, own mount\n14 correct Designs, simulated\n")
    assert max(map(len, out.splitlines())) <= 72


def test_designs_as_json(capsys):
    line = "designs --metadata flags --metadata rcu-blob --kernel 6.12 --first 3 --json"
    status, out, _ = run(capsys, line)
    said = json.loads(out)
    assert status == 0
    assert said["metadata"] == ["flags", "rcu-blob"]
    assert [one["rank"] for one in said["correct"]] == [1, 2, 3]
    assert said["unchecked"] > 0


def test_no_design_is_status_1(capsys):
    status, out, _ = run(capsys, "designs --metadata resv_map --kernel 7.3 --mount anon-inode")
    assert status == 1
    assert "0 correct Designs" in out


def test_compare_two_of_the_gallery(capsys):
    status, out, err = run(capsys, "compare guest_memfd-6.12 guest_memfd-7.3")
    assert (status, err) == (0, "")
    assert "The runs part at step 5 (last-close):" in out


def test_compare_a_file(capsys, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(OWN, encoding="utf-8")
    status, out, _ = run(capsys, f"compare {file} guest_memfd-7.3 --json")
    said = json.loads(out)
    assert (status, said["a"]["name"], said["a"]["allocations"]) == (0, "mine", 1)
    file.write_text(OWN.replace('"truncate", "clear_inode", ', ""), encoding="utf-8")
    assert run(capsys, f"compare {file} guest_memfd-7.3")[0] == 1


def test_a_file_that_is_no_text_is_one_sentence(capsys, tmp_path):
    file = tmp_path / "odd.toml"
    file.write_bytes(b"\xff\xfe")
    status, out, err = run(capsys, f"compare {file} guest_memfd-7.3")
    assert (status, out) == (2, "")
    assert "odd.toml: " in err


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
        ("compare guest_memfd-7.3", "required: B"),
        ("compare guest_memfd-7.3 guest_memfd-9", "unknown design: 'guest_memfd-9'"),
        ("compare guest_memfd-7.3 nowhere.toml", "nowhere.toml"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(capsys, tmp_path, monkeypatch, line, said):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, line)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
