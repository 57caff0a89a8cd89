"""The status of a command: what it means, and that nothing else takes its place."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from gmemviz.cli import check, compare, designs, draw, main, matrix
from gmemviz.cli.status import BAD, FAULT, STATUSES
from gmemviz.model import check as search
from gmemviz.study import Comparison, gallery

ROOT = Path(__file__).parents[2]
CLEAN, BROKEN = "guest_memfd-7.3", "rfc-v2"
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "GMEMVIZ_TRACEBACK": ""}


def shell(command, **env):
    words = ["bash", "-c", f'g() {{ {sys.executable} -m gmemviz "$@"; }}; {command}']
    return subprocess.run(
        words,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=120,
        env={**ENV, **env},
    )


def test_the_same_table_stands_in_the_help_and_in_the_readme(capsys):
    assert main(["--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for status, meaning in STATUSES.items():
        assert f"{status} {meaning}" in said
        assert f"| {status} | {meaning}" in readme
    assert list(STATUSES) == [0, 1, 2, 3, 70]


# --- undecided --------------------------------------------------------------------------


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


def test_a_picture_of_what_has_no_run_is_3(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(draw, "check", partial(search, limit=5))
    assert main(["draw", "calls", CLEAN, "-o", str(tmp_path / "x.dot")]) == 3
    assert "the search hit its limit" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_defect_is_one_though_the_search_hit_its_limit(monkeypatch, capsys):
    whole = search(gallery(BROKEN))
    monkeypatch.setattr(check, "check", partial(search, limit=whole.states // 2))
    assert main(["check", BROKEN, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["defects"]


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


ROW = {"defects": [], "evidence": "model", "complete": True}


@pytest.mark.parametrize(
    ("others", "status"),
    [
        ([], 0),
        ([{"defects": None}], 0),
        ([{"complete": False}], 3),
        ([{"complete": False}, {"defects": ["leak"]}], 1),
    ],
)
def test_a_matrix_counts_what_is_undecided(monkeypatch, capsys, others, status):
    rows = [ROW, *({**ROW, **one} for one in others)]
    monkeypatch.setattr(matrix, "matrix", lambda *_, **__: rows)
    assert main(["matrix"]) == status
    undecided = sum(one.get("complete") is False for one in others)
    assert capsys.readouterr().out.count("undecided") == undecided


def test_no_correct_design_among_those_checked_is_undecided(monkeypatch, capsys):
    found = designs.designs_for(["flags"], kernel="7.3", first=1)
    assert found.unchecked
    for correct, unchecked, status in ((found.correct, 9, 0), ((), 9, 3), ((), 0, 1)):
        said = type(found)("7.3", "own", ("flags",), correct, found.failed, unchecked)
        monkeypatch.setattr(designs, "designs_for", lambda *_, said=said, **__: said)
        assert main(["designs", "--metadata", "flags", "--kernel", "7.3"]) == status


# --- our own fault ----------------------------------------------------------------------

FAULTS = [
    ValueError("Exceeds the limit (4300 digits) for integer string conversion"),
    RecursionError("maximum recursion depth exceeded"),
    KeyError("x\x1b[2K\u202e"),
    AssertionError(),
    UnicodeEncodeError("ascii", "é", 0, 1, "ordinal not in range(128)"),
    json.JSONDecodeError("Expecting value", "", 0),
    MemoryError(),
    RuntimeError("x" * 10**6),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_any_other_exception_is_70_and_one_sentence(monkeypatch, capsys, fault):
    def fail(*_, **__):
        raise fault

    monkeypatch.setattr(check, "check", fail)
    monkeypatch.delenv("GMEMVIZ_TRACEBACK", raising=False)
    assert main(["check", CLEAN]) == FAULT
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gmemviz: ")
    assert err.count("\n") == 1
    assert "GMEMVIZ_TRACEBACK=1" in err
    assert "report" in err
    assert len(err) < 600
    assert "\x1b" not in err
    assert "\u202e" not in err


def test_the_traceback_can_be_had(monkeypatch, capsys):
    monkeypatch.setattr(check, "check", lambda *_, **__: 1 / 0)
    monkeypatch.setenv("GMEMVIZ_TRACEBACK", "1")
    assert main(["check", CLEAN]) == FAULT
    assert "Traceback" in capsys.readouterr().err


def test_a_killed_worker_costs_no_answer(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from gmemviz.cli import main, matrix\n"
        "starter = os.getpid()\n"
        "def die(_):\n"
        "    if os.getpid() != starter:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    print('asked here')\n"
        "matrix.matrix = lambda *_, executor, **__: list(executor.map(die, [1, 2])) and []\n"
        "sys.exit(main(['matrix']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=ENV,
        cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("asked here") == 2


# --- an output that is not there --------------------------------------------------------


@pytest.mark.parametrize(("design", "status"), [(CLEAN, 0), (BROKEN, 1), ("nil", 2)])
@pytest.mark.parametrize("reader", ["true", "head -c 1", "head -1 | cat"])
@pytest.mark.parametrize("how", ["", "--json"])
def test_a_closed_pipe_keeps_the_verdict(design, status, reader, how):
    done = shell(f"g check {design} {how} | {reader}; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == status
    assert done.stderr.count("\n") == (status == 2)
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


@pytest.mark.parametrize(("design", "status"), [(CLEAN, 0), (BROKEN, 1), ("nil", 2)])
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_output_keeps_the_verdict(design, status, closed):
    done = shell(f"g check {design} {closed}")
    assert done.returncode == status
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "line", [f"check {CLEAN}", f"check {BROKEN} --json", "--help", "census 7.3"]
)
def test_a_full_output_is_2_and_one_sentence(line):
    done = shell(f"g {line} >/dev/full")
    assert done.returncode == 2
    assert done.stderr == "gmemviz: cannot write to the output: No space left on device\n"


def test_a_complaint_that_cannot_be_written_keeps_its_status():
    assert shell("g check nil 2>/dev/full").returncode == 2


# --- names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "env",
    [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"},
     {"PYTHONIOENCODING": "latin-1"}],
)  # fmt: skip
def test_a_name_that_the_locale_has_not_is_escaped(tmp_path, env):
    file = tmp_path / "x.toml"
    file.write_text('name = "Übung 漢"\nkernel = "7.3"\nmount = "own"\n', encoding="utf-8")
    done = shell(f"g check --design {file}", **env)
    assert done.returncode in (0, 1)
    assert r"bung \u6f22" in done.stdout
    assert done.stderr == ""


def test_a_name_that_is_no_text_is_escaped(tmp_path):
    done = shell(r"g check --design $'\xff.toml'; g check $'\xff\xfe'")
    assert done.returncode == 2
    assert r"\udcff.toml" in done.stderr


@pytest.mark.parametrize(
    "line", ["calls evict --depth {}", "designs --metadata flags --kernel 7.3 --first {}"]
)
def test_a_number_of_many_digits_is_bad_input(capsys, line):
    assert main(line.format("1" * 4301).split()) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_argument_has_a_length(capsys):
    assert main(["check", "x" * 5000]) == 2
    assert "has 5000 characters, and may have 4096" in capsys.readouterr().err


def test_a_wrong_call_is_not_our_fault(capsys):
    assert main(["calls", "evict", "--depth", "0"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("more", [b"#" * 70_000, "é".encode() * 70_000, "\u20ac".encode() * 90_000])
def test_a_long_file_is_refused_for_its_length_wherever_it_is_cut(tmp_path, capsys, more):
    file = tmp_path / "long.toml"
    for before in (b"#", b"##", b"###"):
        file.write_bytes(before + more)
        assert main(["check", "--design", str(file)]) == 2
        assert "a Design may have 65,536 characters" in capsys.readouterr().err


def test_characters_are_counted_and_not_bytes(tmp_path, capsys):
    file = tmp_path / "greek.toml"
    file.write_text('kernel = "7.3"\nmount = "own"\n#' + "\u20ac" * 60_000, encoding="utf-8")
    assert main(["check", "--design", str(file)]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("limit", ["\u0663", "1_0", "inf", "nan", "1e400", ".", " 5", "0x5", "5s"])
def test_a_time_is_typed_in_plain_digits(capsys, limit):
    assert main(["record", "gmem", "--kernel", "7.3", "--limit", limit]) == 2
    assert "must be seconds" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["exit 139", "kill -SEGV $$", "exit 0", "echo no picture"])
def test_an_engine_that_does_not_draw_is_no_fault_of_ours(monkeypatch, tmp_path, capsys, line):
    engine = tmp_path / "engine"
    engine.write_text(f"#!/bin/sh\n{line}\n")
    engine.chmod(0o755)
    monkeypatch.setenv("GMEMVIZ_DOT", str(engine))
    assert main(["draw", "calls", "guest_memfd-7.3", "-o", str(tmp_path / "x.svg")]) == BAD
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "x.svg").exists()
