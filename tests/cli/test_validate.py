"""The command `validate`: text, data, exit status, and errors in one sentence."""

import json
import lzma
import re

import pytest

from gmemviz.record.text.files import DATA

OWN = """
kernel = "7.3"
mount = "own"
metadata.policy = { placement = "containing-struct", release = "plain lock" }
hooks.alloc_inode = ["alloc container", "init policy"]
hooks.drop_inode = ["return 1"]
hooks.evict_inode = ["truncate", "clear_inode", "free policy"]
hooks.free_inode = ["free struct"]
"""


@pytest.fixture
def unpacked(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_bytes(lzma.decompress((DATA / "7.3-memfd-policy.txt.xz").read_bytes()))
    return file


def test_a_shipped_recording_conforms(run):
    status, out, err = run("validate", "7.3-memfd-policy")
    assert (status, err) == (0, "")
    assert "Design:     shmem-7.3 (told from shmem_" in out
    assert "Verdict:    conforms\n" in out
    assert re.search(r" = L +inode_just_drop \(drop_inode\)\n", out)
    assert max(map(len, out.splitlines())) <= 72


def test_a_file_says_the_same_as_data(run, unpacked):
    status, out, _ = run("validate", unpacked, "--json")
    said = json.loads(out)
    assert status == 0
    assert said["recording"] == "mine.txt"
    assert said["verdict"] == "conforms"
    assert said["named"] == said["matched"] >= 15
    assert said["difference"] is None
    assert ["evict", "destroy_inode"] in said["edges"]
    _, shipped, _ = run("validate", "7.3-memfd-policy", "--json")
    assert {**said, "recording": ""} == {**json.loads(shipped), "recording": ""}


def test_a_difference_is_status_1(run):
    status, out, _ = run("validate", "7.3-gmem", "--design", "rfc-v1-hugetlb")
    assert status == 1
    assert "Verdict:    does not conform\n" in out
    assert "First difference: " in out
    assert "  P kvm_gmem_evict_inode as evict_inode, called by evict\n" in out
    status, out, _ = run("validate", "7.3-gmem", "--design", "rfc-v1-hugetlb", "--json")
    assert status == 1
    assert json.loads(out)["difference"]["allowed"][0]["hook"] == "evict_inode"


def test_conform_is_the_same_command(run):
    assert run("conform", "7.3-gmem") == run("validate", "7.3-gmem")


def test_without_a_head_it_goes_as_far_as_it_goes_and_status_3(run, unpacked):
    lines = unpacked.read_text(encoding="utf-8").splitlines(keepends=True)
    unpacked.write_text("".join(line for line in lines if "gmemviz" not in line), encoding="utf-8")
    status, out, _ = run("validate", unpacked)
    assert status == 3
    assert "Verdict:    conforms as far as it goes\n" in out
    assert "No head says what was watched" in out


def test_a_hook_that_never_ran_is_status_1(run, unpacked):
    lines = unpacked.read_text(encoding="utf-8").splitlines(keepends=True)
    unpacked.write_text("".join(line for line in lines if "clear_inode()" not in line))
    status, out, _ = run("validate", unpacked)
    assert status == 1
    assert "clear_inode has to run before it" in " ".join(out.split())


def test_an_inode_and_facts_can_be_asked_for(run, unpacked):
    assert run("validate", unpacked, "--inode", "2")[0] == 0
    assert run("validate", unpacked, "--inode", "0x1:2", "--kernel", "7.3")[0] == 0
    status, _, err = run("validate", unpacked, "--inode", "3")
    assert status == 2
    assert "unknown inode: '3' (must be one of 2, 0x1:2, 0xff11000005e563d8)" in err
    text = unpacked.read_text(encoding="utf-8").replace("7.3.4+deb13-amd64", "7.9.1")
    unpacked.write_text(text, encoding="utf-8")
    assert "say which with --kernel" in run("validate", unpacked)[2]
    assert run("validate", unpacked, "--kernel", "7.3")[0] in (0, 3)


def test_a_design_of_your_own(run, unpacked, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(OWN, encoding="utf-8")
    status, out, _ = run("validate", unpacked, "--design", file)
    assert status == 1
    assert "the Design leaves destroy_inode NULL" in " ".join(out.split())


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("7.3-nothing", "unknown recording: '7.3-nothing' (must be one of 6.12-"),
        ("nothing.txt", "nothing.txt cannot be read: No such file or directory"),
        ("pyproject.toml", "pyproject.toml is not a recording"),
        ("7.3-gmem --design nothing", "unknown design: 'nothing' (must be one of aio-"),
        ("7.3-gmem --design nothing.toml", "cannot read nothing.toml"),
    ],
)
def test_errors_are_one_sentence_and_status_2(run, line, sentence):
    status, out, err = run("validate", *line.split())
    assert (status, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_recording_without_such_an_inode(run, unpacked):
    text = unpacked.read_text(encoding="utf-8").replace("/* close */", "/* shut */")
    unpacked.write_text(text, encoding="utf-8")
    status, out, err = run("validate", unpacked)
    assert (status, out) == (2, "")
    assert "no inode to follow" in err
