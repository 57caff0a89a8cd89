"""gmemviz check: verdicts, runs and states; as text, as data, and by its status."""

import json
from functools import partial

import pytest

from gmemviz.cli import check, main
from gmemviz.model import check as search
from gmemviz.study import gallery

CLEAN, BROKEN = "guest_memfd-7.3", "rfc-v2"

CHOICES = "--kernel 6.12 --mount own --placement i_private --cleanup {} --metadata {}"


def test_check_of_a_clean_design(run):
    status, out, err = run("check guest_memfd-7.3")
    assert (status, err) == (0, "")
    assert "Verdict:    correct" in out


def test_check_of_a_broken_design_prints_its_run(run):
    status, out, _ = run(f"check {CHOICES.format('free-all', 'shareability-tree')}")
    assert status == 1
    assert "Verdict:    sleep-in-softirq" in out
    assert "Counterexample" in out


def test_check_as_json(run):
    status, out, _ = run(f"check {CHOICES.format('none', 'resv_map')} --json")
    said = json.loads(out)
    assert status == 1
    assert said["defects"] == ["leak"]
    assert said["counterexample"]


def test_one_scenario(run):
    line = f"check {CHOICES.format('none', 'resv_map')} --json --scenario init-fails"
    status, out, _ = run(line)
    assert (status, json.loads(out)["defects"]) == (0, [])


def test_a_file_may_say_the_design(run, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("""
        kernel = "7.3"
        mount = "own"
        metadata.tree = { placement = "i_private", release = "sleeping lock" }
        hooks.free_inode = ["free tree", "free struct"]
    """)
    status, out, _ = run(f"check --design {file} --json")
    said = json.loads(out)
    assert (status, said["name"], said["defects"]) == (1, "mine", ["sleep-in-softirq"])
    file.write_bytes(b"\xff")
    status, out, err = run(f"check --design {file}")
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_check_replays_a_state(run):
    status, out, err = run("check --state guest_memfd-7.3/last-close/12")
    assert (status, err) == (0, "")
    plain = run("check guest_memfd-7.3")[1]
    assert out.startswith(plain)
    assert "Shown:      last-close, step 12 of 43: __kvm_gmem_create: " in out
    assert max(map(len, out.splitlines())) <= 72


def test_check_replays_a_state_as_json(run):
    status, out, _ = run("check --state 7.3/own/i_private/none/resv_map/to-leak --json")
    said = json.loads(out)
    assert (status, said["defects"], said["cleanup"]) == (1, ["leak"], "none")
    assert said["shown"]["state"] == "7.3/own/i_private/none/resv_map/to-leak"
    assert said["shown"]["step"] == said["shown"]["steps"] == len(said["counterexample"])
    assert said["shown"]["sentence"] == said["counterexample"][-1]["sentence"]


def test_check_of_a_state_that_is_no_design_says_why(run):
    status, out, _ = run("check --state 7.3/own/i_private-flags/none/resv_map/3 --json")
    said = json.loads(out)
    assert (status, said["applicable"], "step" in said["shown"]) == (0, False, False)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("check", "missing: --kernel, --mount"),
        ("check guest_memfd-9", "unknown design: 'guest_memfd-9' (must be one of guest_memfd-"),
        ("check guest_memfd-7.3 --kernel 7.3", "give one of a gallery name, --design FILE or"),
        ("check --design none.toml", "cannot read none.toml: No such file"),
        ("check --design /tmp", "cannot read /tmp: Is a directory"),
        (f"check {CHOICES.format('nil', 'flags')}", "unknown cleanup: 'nil'"),
        (f"check {CHOICES.format('none', 'flag')}", "unknown metadata: 'flag'"),
        ("check guest_memfd-7.3 --scenario second-creation", "does not ask about"),
        ("check guest_memfd-7.3 --scenario x", "unknown scenario: 'x'"),
        ("check --state guest_memfd-7.3/last-close/99", "step 99 is beyond the run last-close"),
        (
            "check --state 7.3/own/i_private/none",
            "cannot replay the state '7.3/own/i_private/none'",
        ),
        ("check --state shmem-7.3 --scenario o-path", "give --scenario or --state, not both"),
        ("check shmem-7.3 --state shmem-7.3", "or --state STRING"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, line, said):
    assert said in refused(line)


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(check, "check", partial(search, limit=20))


def test_a_search_that_hit_its_limit_is_3_and_says_so(hurried, capsys):
    assert main(["check", CLEAN]) == 3
    said = capsys.readouterr().out
    assert "Verdict:    undecided" in said
    assert "so this is not the whole" in " ".join(said.split())
    assert main(["check", CLEAN, "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["complete"], answer["defects"]) == ("undecided", False, [])


def test_a_defect_is_one_though_the_search_hit_its_limit(monkeypatch, capsys):
    whole = search(gallery(BROKEN))
    monkeypatch.setattr(check, "check", partial(search, limit=whole.states // 2))
    assert main(["check", BROKEN, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["defects"]
