"""gmemviz check: verdicts, runs and states; as text, as data, and by its status."""

import json
from functools import partial

import pytest

from gmemviz.cli import check, main
from gmemviz.model import check as search
from gmemviz.study import gallery
from tests.model.search.designs import READ_LATE

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


MINE = f"""{READ_LATE}
actors.get_link = {{ holds = "rcu", does = ["if blob set: read blob"] }}
"""


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE)
    return tmp_path / "mine.toml"


def test_several_runs_of_a_defect_differ(run, mine):
    status, out, _ = run(f"check --design {mine} --runs 3")
    assert status == 1
    assert "use-after-free, run 1 of 3 (" in out
    assert "use-after-free, run 3 of 3 (" in out
    status, data, _ = run(f"check --design {mine} --runs 9 --json")
    runs = json.loads(data)["runs"]
    assert (status, len(runs)) == (1, 4)
    who = [(each["scenario"], each["freer"], each["toucher"]) for each in runs]
    assert len(set(who)) == 4
    for each in runs:
        assert (each["code"], each["object"]) == ("use-after-free", "blob")
        assert each["steps"][-1]["sentence"].endswith("whose memory is freed.")
        assert each["step"] == len(each["steps"])
    _, text, _ = run(f"check --design {mine} --runs 9")
    assert "run 1 of 4 (9 were asked for, and no other differs)" in " ".join(text.split())
    assert "runs" not in json.loads(run(f"check --design {mine} --json")[1])


def test_no_run_shows_what_is_no_defect(run):
    status, out, _ = run(f"check {CLEAN} --runs 2")
    assert (status, "no defect was found, so no run shows one" in out) == (0, True)
    assert json.loads(run(f"check {CLEAN} --runs 2 --json")[1])["runs"] == []


def test_an_actor_that_a_scenario_lacks_was_not_asked(run, mine):
    status, out, _ = run(f"check --design {mine} --scenario last-close --json")
    said = json.loads(out)
    assert (status, said["verdict"], said["whole"]) == (3, "not-asked", False)
    assert [words.partition(":")[0] for words in said["not_asked"]] == [
        "no run enters actor get_link", "no run enters actor permission",
    ]  # fmt: skip
    _, text, _ = run(f"check --design {mine} --scenario last-close")
    assert "Verdict:    not asked: no run enters actor get_link" in text


def test_an_actor_of_the_designs_own_is_a_scenario(run, mine):
    status, out, _ = run(f"check --design {mine} --json --scenario", "actor get_link")
    assert (status, json.loads(out)["scenarios"]) == (1, ["actor get_link"])
    status, _, err = run(f"check --design {mine} --scenario", "actor getlink")
    assert (status, "did you mean actor get_link" in err) == (2, True)


def test_a_verdict_on_one_scenario_is_said_of_it_alone(run):
    status, out, _ = run(f"check {CLEAN} --scenario last-close")
    assert (status, "Verdict:    correct in last-close alone\n" in out) == (0, True)
    status, out, _ = run(f"check {CLEAN} --scenario last-close --json")
    said = json.loads(out)
    assert (status, said["verdict"], said["whole"]) == (0, "correct", False)


def test_nothing_is_said_of_convention_beside_a_defect(run, mine):
    status, out, _ = run(f"check --design {mine}")
    assert (status, "Convention" in out) == (1, False)
    said = json.loads(run(f"check --design {mine} --json")[1])
    assert (said["conventional"], said["convention"]) == (None, "")


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
    assert out.startswith(plain.partition("\n-- \n")[0])
    assert "Shown:      last-close, step 12 of 45: __kvm_gmem_create: " in out
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
        (
            "check guest_memfd-9",
            "unknown Design or filesystem of 7.3: 'guest_memfd-9' (must be one of guest_memfd, guest_memfd-7.3",
        ),
        ("check mine.toml", "'mine.toml' has the name of a file: give it as --design FILE"),
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
        ("check --state shmem-7.3 --runs 2", "a state names its run: it takes no runs"),
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


def test_a_design_that_is_piped_in_is_checked(shell, tmp_path):
    piped = shell("g new | g check --design -")
    assert (piped.returncode, piped.stdout.splitlines()[0]) == (0, "Design:     my-design")
    both = shell("g new | g compare - shmem-7.3")
    assert both.returncode in (0, 1), both.stderr
    assert "my-design" in both.stdout
    page = shell(f"cd {tmp_path}; g new | g export --design - -o page.html")
    assert (page.returncode, (tmp_path / "page.html").is_file()) == (0, True), page.stderr


@pytest.mark.parametrize("piped", ["printf 'kernel = 3'", "printf '\\377'", "true", "yes"])
def test_what_is_piped_in_and_no_design_is_refused(shell, piped):
    refused = shell(f"{piped} | g check --design -")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("gmemviz: ")


def test_every_fault_of_a_file_is_a_line(run, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('kernel = "7.4"\nmount = "mine"\n[hooks]\nfree_inode = ["fre struct"]\n')
    status, out, err = run("check --design", file)
    assert (status, out) == (2, "")
    lines = [line.split(": ")[:2] for line in err.splitlines()]
    assert lines == [["gmemviz", f"line {number}"] for number in (1, 2, 4)]
