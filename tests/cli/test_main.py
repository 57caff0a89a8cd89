"""The command line as a whole: what no command is, and every error as one sentence."""

import json

import pytest

from gmemviz.cli import check, main
from gmemviz.cli.line.answer import FAULT

CLEAN = "guest_memfd-7.3"

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


def test_an_argument_has_a_length(capsys):
    assert main(["check", "x" * 5000]) == 2
    assert "has 5000 characters, and may have 4096" in capsys.readouterr().err


def test_what_is_no_command_is_one_sentence(refused):
    assert "chek" in refused("chek")


@pytest.mark.parametrize(
    "line",
    [
        "check", "check --kernel 7.3", "check ext4 --fs ext4", "check shmem-7.3 --mount own",
        "check --state shmem-7.3 --runs 2", "record", "confirm --matrix --record x",
        "draw matrix --noise -o x.svg", "derive", "census", "check --depth", "designs",
    ],
)  # fmt: skip
def test_what_does_not_go_together_names_the_help_of_its_command(refused, line):
    command = line.split()[0]
    assert refused(line).endswith(f"(see gmemviz {command} --help)\n")
