"""The command line: data, exit status, and errors in one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gmemviz.cli import main

CHOICES = "--kernel 6.12 --mount own --placement i_private --cleanup {} --metadata {}"


def run(capsys, line):
    status = main(line.split())
    out, err = capsys.readouterr()
    return status, out, err


def test_check_of_a_clean_design(capsys):
    status, out, err = run(capsys, "check guest_memfd-7.3")
    assert (status, err) == (0, "")
    assert "Verdict:    correct" in out


def test_check_of_a_broken_design_prints_its_run(capsys):
    status, out, _ = run(capsys, f"check {CHOICES.format('free-all', 'shareability-tree')}")
    assert status == 1
    assert "Verdict:    sleep-in-softirq" in out
    assert "Counterexample" in out


def test_check_as_json(capsys):
    status, out, _ = run(capsys, f"check {CHOICES.format('none', 'resv_map')} --json")
    said = json.loads(out)
    assert status == 1
    assert said["defects"] == ["leak"]
    assert said["counterexample"]


def test_one_scenario(capsys):
    line = f"check {CHOICES.format('none', 'resv_map')} --json --scenario init-fails"
    status, out, _ = run(capsys, line)
    assert (status, json.loads(out)["defects"]) == (0, [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "COMMAND"),
        ("chek", "chek"),
        ("check", "missing: --kernel, --mount"),
        ("check guest_memfd-9", "unknown design: 'guest_memfd-9' (must be one of guest_memfd-"),
        ("check guest_memfd-7.3 --kernel 7.3", "give one of a gallery name, --design FILE or"),
        ("check --design none.toml", "cannot read none.toml: No such file"),
        ("check --design /tmp", "cannot read /tmp: Is a directory"),
        (f"check {CHOICES.format('nil', 'flags')}", "unknown cleanup: 'nil'"),
        (f"check {CHOICES.format('none', 'flag')}", "unknown metadata: 'flag'"),
        ("check guest_memfd-7.3 --scenario second-creation", "does not ask about"),
        ("check guest_memfd-7.3 --scenario x", "unknown scenario: 'x'"),
        (
            "export guest_memfd-7.3 -o x.txt",
            "unknown suffix of x.txt: '.txt' (must be one of .html)",
        ),
        ("export guest_memfd-7.3 --scenario nil -o x.html", "unknown scenario: 'nil'"),
        ("export guest_memfd-7.3 -o /nowhere/x.html", "cannot write /nowhere/x.html"),
        ("draw calls guest_memfd-7.3 -o x.bmp", "unknown suffix of x.bmp: '.bmp'"),
        ("draw call guest_memfd-7.3 -o x.svg", "unknown picture: 'call'"),
        ("draw calls guest_memfd-7.3 -o /nowhere/at/all/x.svg", "/nowhere"),
        (
            "draw calls guest_memfd-7.3 --step 900 -o x.svg",
            "step must be a whole number from 1 to ",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(capsys, tmp_path, monkeypatch, line, said):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, line)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_file_may_say_the_design(capsys, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("""
        kernel = "7.3"
        mount = "own"
        metadata.tree = { placement = "i_private", release = "sleeping lock" }
        hooks.free_inode = ["free tree", "free struct"]
    """)
    status, out, _ = run(capsys, f"check --design {file} --json")
    said = json.loads(out)
    assert (status, said["name"], said["defects"]) == (1, "mine", ["sleep-in-softirq"])
    file.write_bytes(b"\xff")
    status, out, err = run(capsys, f"check --design {file}")
    assert (status, out, err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("picture", ["calls", "states", "memory", "lanes"])
def test_draw_writes_a_picture(capsys, tmp_path, picture):
    for suffix in ("svg", "dot", "png"):
        file = tmp_path / f"p.{suffix}"
        status, out, err = run(capsys, f"draw {picture} hugetlbfs-7.3 --step 3 -o {file}")
        assert (status, out, err) == (0, "", "")
        assert file.stat().st_size > 500


@pytest.mark.dot
def test_draw_writes_a_pdf_with_dot(capsys, tmp_path):
    file = tmp_path / "p.pdf"
    assert run(capsys, f"draw states hugetlbfs-7.3 -o {file}") == (0, "", "")
    assert file.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("line", ["states hugetlbfs-7.3", "calls iput --kernel 7.3 --fs shmem"])
def test_draw_refuses_a_pdf_without_dot(capsys, tmp_path, monkeypatch, line):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GMEMVIZ_DOT", raising=False)
    status, out, err = run(capsys, f"draw {line} -o {tmp_path / 'p.pdf'}")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "graphviz-pure makes no PDF: `apt-get install graphviz`" in err
    assert not list(tmp_path.iterdir())


def test_no_engine_is_one_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "gmemviz", "draw", "calls", "shmem-7.3", "-o", "x.svg"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "GMEMVIZ_DOT": "/no/such/dot", "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("gmemviz: GMEMVIZ_DOT=/no/such/dot is not a program; no Graphviz")
    assert "conda" in done.stderr
    assert "pip" in done.stderr
    assert "apt-get" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_reader_that_has_enough_is_no_error():
    command = f"{sys.executable} -m gmemviz check shmem-7.3 --json | head -c 1"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("{", "")
