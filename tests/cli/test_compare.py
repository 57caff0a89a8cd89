"""gmemviz compare: two Designs of the gallery or of files."""

import json

import pytest

from gmemviz.cli import compare, main
from gmemviz.model import check as search
from gmemviz.study import Comparison, gallery

CLEAN, BROKEN = "guest_memfd-7.3", "rfc-v2"

OWN = """
kernel = "7.3"
mount = "own"
metadata.shared_policy = "i_private"
hooks.evict_inode = ["truncate", "clear_inode", "free shared_policy"]
"""


def test_compare_two_of_the_gallery(run):
    status, out, err = run("compare guest_memfd-6.12 guest_memfd-7.3")
    assert (status, err) == (0, "")
    assert "What decides (last-close):\n    A: It has no shared_policy.\n" in out


def test_compare_a_file(run, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(OWN, encoding="utf-8")
    status, out, _ = run(f"compare {file} guest_memfd-7.3 --json")
    said = json.loads(out)
    assert (status, said["a"]["name"], said["a"]["allocations"]) == (0, "mine", 1)
    file.write_text(OWN.replace('"truncate", "clear_inode", ', ""), encoding="utf-8")
    assert run(f"compare {file} guest_memfd-7.3")[0] == 1


def test_a_file_that_is_no_text_is_one_sentence(run, tmp_path):
    file = tmp_path / "odd.toml"
    file.write_bytes(b"\xff\xfe")
    status, out, err = run(f"compare {file} guest_memfd-7.3")
    assert (status, out) == (2, "")
    assert "odd.toml: " in err


@pytest.mark.parametrize(
    ("a", "b", "status"),
    [(CLEAN, CLEAN, 0), (CLEAN, BROKEN, 1), ("hurried", CLEAN, 3), ("hurried", BROKEN, 1)],
)
def test_two_designs_are_as_undecided_as_either(monkeypatch, a, b, status):
    reports = [
        search(gallery(CLEAN), limit=20) if one == "hurried" else search(gallery(one))
        for one in (a, b)
    ]
    monkeypatch.setattr(compare, "compare", lambda *_: Comparison(*reports))
    assert main(["compare", CLEAN, CLEAN]) == status


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("compare guest_memfd-7.3", "required: B"),
        ("compare guest_memfd-7.3 guest_memfd-9", "unknown design: 'guest_memfd-9'"),
        ("compare guest_memfd-7.3 nowhere.toml", "nowhere.toml"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, line, said):
    assert said in refused(line)
