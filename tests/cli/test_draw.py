"""gmemviz draw: pictures of a Design and of a kernel's own calls, or a sentence."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from gmemviz.cli import draw, main
from gmemviz.cli.line.answer import BAD
from gmemviz.model import check as search


@pytest.mark.parametrize("picture", ["calls", "states", "memory", "lanes"])
def test_draw_writes_a_picture(run, tmp_path, picture):
    for suffix in ("svg", "dot", "png"):
        file = tmp_path / f"p.{suffix}"
        status, out, err = run(f"draw {picture} hugetlbfs-7.3 --step 3 -o {file}")
        assert (status, out, err) == (0, "", "")
        assert file.stat().st_size > 500


@pytest.mark.dot
def test_draw_writes_a_pdf_with_dot(run, tmp_path):
    file = tmp_path / "p.pdf"
    assert run(f"draw states hugetlbfs-7.3 -o {file}") == (0, "", "")
    assert file.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("line", ["states hugetlbfs-7.3", "calls iput --kernel 7.3 --fs shmem"])
def test_draw_refuses_a_pdf_without_dot(run, tmp_path, monkeypatch, line):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GMEMVIZ_DOT", raising=False)
    status, out, err = run(f"draw {line} -o {tmp_path / 'p.pdf'}")
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


def test_draw_a_road(run, tmp_path):
    file = tmp_path / "iput.svg"
    words = ("draw", "calls", "iput", "--kernel", "7.3", "--fs", "guest_memfd,shmem", "-o", file)
    assert run(*words) == (0, "", "")
    assert "kvm_gmem_destroy_inode" in file.read_text()
    assert run(*words[:-1], tmp_path / "d.dot", "--diff", "6.12") == (0, "", "")
    assert "generic_delete_inode in 6.12" in (tmp_path / "d.dot").read_text()


def test_a_filesystem_of_the_older_kernel_alone_may_be_drawn(run, tmp_path):
    words = ("draw", "calls", "iput", "--fs", "reiserfs", "-o", tmp_path / "x.dot")
    assert run(*words, "--diff", "6.12")[0] == 0
    assert run(*words)[0] == 2


@pytest.mark.parametrize("line", ["exit 139", "kill -SEGV $$", "exit 0", "echo no picture"])
def test_an_engine_that_does_not_draw_is_no_fault_of_ours(monkeypatch, tmp_path, capsys, line):
    engine = tmp_path / "engine"
    engine.write_text(f"#!/bin/sh\n{line}\n")
    engine.chmod(0o755)
    monkeypatch.setenv("GMEMVIZ_DOT", str(engine))
    assert main(["draw", "calls", "guest_memfd-7.3", "-o", str(tmp_path / "x.svg")]) == BAD
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "x.svg").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("draw calls guest_memfd-7.3 -o x.bmp", "unknown suffix of x.bmp: '.bmp'"),
        ("draw call guest_memfd-7.3 -o x.svg", "unknown picture: 'call'"),
        ("draw calls guest_memfd-7.3 -o /nowhere/at/all/x.svg", "/nowhere"),
        (
            "draw calls guest_memfd-7.3 --step 900 -o x.svg",
            "step must be a whole number from 1 to ",
        ),
        ("draw calls iputt -o x.svg", "no function 'iputt'"),
        ("draw calls --state shmem-7.3 -o x.svg", "unrecognized arguments: '--state'"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, line, said):
    assert said in refused(line)


def test_a_picture_of_what_has_no_run_is_3(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(draw, "check", partial(search, limit=5))
    assert main(["draw", "calls", "guest_memfd-7.3", "-o", str(tmp_path / "x.dot")]) == 3
    assert "the search hit its limit" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
