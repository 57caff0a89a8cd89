"""gmemviz new: what it writes is a Design that is correct, and that its last comment breaks."""

import re

import pytest

from gmemviz import Design, check
from gmemviz.facts import kernels


def test_the_page_is_a_correct_design_of_the_newest_kernel(run):
    status, out, _ = run("new")
    design = Design.from_text(out)
    assert (status, design.kernel) == (0, kernels()[-1])
    assert check(design).verdict == "correct"


def test_its_last_lines_break_it_once_they_are_no_comment(run):
    text = run("new")[1]
    lines = re.findall(r"^# (\[actors\]|reader = .*)$", text, re.MULTILINE)
    assert len(lines) == 2
    report = check(Design.from_text("\n".join([text, *lines])))
    assert "use-after-free" in report.defects


def test_every_part_has_a_comment(run):
    parts = run("new")[1].split("\n\n")
    assert all("#" in part for part in parts)


def test_it_is_written_where_no_file_is(run, tmp_path):
    file = tmp_path / "mine.toml"
    status, out, _ = run("new -o", file)
    assert (status, f"gmemviz check --design {file}" in out) == (0, True)
    assert file.read_text() == run("new")[1]
    file.write_text("mine")
    status, _, err = run("new -o", file)
    assert (status, "is there already" in err, file.read_text()) == (2, True, "mine")
    assert run("check --design", file)[0] == 2


@pytest.mark.parametrize("command", ["check", "compare"])
def test_what_is_written_can_be_checked(run, tmp_path, command):
    file = tmp_path / "mine.toml"
    run("new -o", file)
    line = (command, "--design", file) if command == "check" else (command, file, "shmem-7.3")
    assert run(*line)[0] in (0, 1)
