"""What is written beside a verdict: a Stage as a page, and a run for ui.perfetto.dev."""

import json

import pytest

CELL = "--kernel 7.3 --mount own --placement i_private --cleanup none --metadata resv_map"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "status", "sentence"),
    [
        ("check guest_memfd-7.3", 0, "Correct: shared_policy is freed in destroy_inode"),
        (f"check {CELL}", 1, "Leak: resv_map is never freed"),
        ("check --state rfc-v1-free_inode/to-late-release", 1, "Late release: "),
        ("check bfs --kernel 7.3", 0, "Correct: "),
        ("compare guest_memfd-6.12 guest_memfd-7.3", 0, "Both are correct; B alone: "),
    ],
)
def test_a_stage_is_written_and_the_verdict_said(run, folder, line, status, sentence):
    found, said, _ = run(f"{line} --stage page.html")
    assert found == status
    assert said
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert f"<h1>{sentence}" in page
    assert f"gmemviz {line} --stage page.html" in page
    assert str(folder) not in page


def test_a_run_for_perfetto_is_json_with_its_defect(run, folder):
    assert run(f"check {CELL} --perfetto run.json")[0] == 1
    found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert "leak" in [row["name"] for row in found["traceEvents"] if row["ph"] == "i"]


def test_a_run_as_an_itf_trace_has_its_defect(run, folder):
    assert run(f"check {CELL} --itf run.itf.json")[0] == 1
    found = json.loads((folder / "run.itf.json").read_text(encoding="utf-8"))
    assert found["#meta"]["defect"] == "leak"


def test_of_a_state_it_is_the_run_that_the_state_names(run, folder):
    assert run("check --state rfc-v1-free_inode/to-late-release --itf run.itf.json")[0] == 1
    found = json.loads((folder / "run.itf.json").read_text(encoding="utf-8"))
    assert found["#meta"]["defect"] == "late-release"


def test_of_what_is_no_design_there_is_no_run(run, folder):
    status, _, said = run(f"check {CELL.replace('i_private', 'i_private-flags')} --itf run.json")
    assert (status, list(folder.iterdir())) == (2, [])
    assert "nothing to show: i_private-flags holds bits" in said


def test_two_files_of_one_name_are_refused(run, folder):
    status, _, said = run("check rfc-v2 --itf run.json --perfetto run.json")
    assert (status, list(folder.iterdir())) == (2, [])
    assert "give each of --perfetto, --itf its own file" in said


def test_a_recording_for_perfetto_has_real_times(run, folder):
    assert run("validate 7.3-gmem --perfetto run.json")[0] in (0, 3)
    found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert "tracer's" in found["otherData"]["clock"]


@pytest.mark.parametrize(
    ("line", "near"),
    [("--stage page.htm", ".html"), ("--perfetto run.txt", ".json"), ("--itf run.txt", ".json")],
)
def test_another_suffix_is_refused_before_anything_is_searched(run, folder, line, near):
    status, _, said = run(f"check guest_memfd-7.3 {line}")
    assert status == 2
    assert near in said
    assert not list(folder.iterdir())


def test_of_a_filesystem_that_is_undecided_nothing_is_shown(run, folder):
    status, said, error = run("check btrfs --kernel 7.3 --stage page.html")
    assert status == 3
    assert "nothing is written: btrfs_super_ops is undecided" in error
    assert said
    assert not list(folder.iterdir())


@pytest.mark.parametrize("asked", ["--stage run.html", "--perfetto run.json", "--itf run.json"])
def test_choices_that_make_no_design_have_nothing_to_show(run, folder, asked):
    choices = "--kernel 7.3 --mount own --placement i_private-flags --cleanup none"
    status, _, said = run(f"check {choices} --metadata resv_map {asked}")
    assert status == 2
    assert "nothing to show: " in said
    assert list(folder.iterdir()) == []


ENDLESS = """
kernel = "7.3"
mount = "own"
metadata.blob = { placement = "containing-struct", release = "kfree" }
hooks.alloc_inode = ["alloc container", "init blob"]
hooks.destroy_inode = ["call_rcu again", "clear blob"]
hooks.free_inode = ["free struct"]
callbacks.again = { does = ["call_rcu again"] }
"""


def test_where_no_run_ends_the_verdict_is_told_all_the_same(run, folder):
    (folder / "own.toml").write_text(ENDLESS, encoding="utf-8")
    for asked in ("--itf run.json", "--perfetto run.json", "--stage run.html"):
        status, out, said = run(f"check --design own.toml {asked}")
        assert (status, "Verdict:" in out) == (3, True)
        assert "nothing is written: the run shortest-run has no end: some run goes on" in said
    assert [file.name for file in folder.iterdir()] == ["own.toml"]
