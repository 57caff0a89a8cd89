"""gmemviz probe: data, text to paste, status."""

import json

import pytest

from gmemviz.cli import main
from gmemviz.cli import probe as command
from gmemviz.facts.probed import Observation, ProbeReport

MOUNT = Observation("identity", "mount", "the mount", "own", ("own",), "somewhere")
ODD = Observation("create", "size 0", "create of size 0", "0", ("EINVAL",), "kvm_gmem_create")


def run(capsys, *words):
    status = main(["probe", *words])
    return status, *capsys.readouterr()


def pretend(monkeypatch, *rows, missing=()):
    report = ProbeReport("7.3", "x86_64", "probed", rows, missing)
    monkeypatch.setattr(command, "ask_kernel", lambda: report)


def test_a_recorded_report_as_text(capsys):
    status, out, err = run(capsys, "--recorded", "6.18")
    assert (status, err) == (0, "")
    assert "recorded on 6.18" in out
    assert max(map(len, out.splitlines())) <= 72


def test_a_recorded_report_as_json(capsys):
    status, out, _ = run(capsys, "--recorded", "6.18", "--json")
    said = json.loads(out)
    assert status == 0
    assert said["origin"] == "recorded"
    assert said["matches"][0]["design"] == "guest_memfd-6.12"
    assert all(row["agrees"] in (True, None) for row in said["observations"])


def test_a_difference_is_status_1_and_words(capsys, monkeypatch):
    pretend(monkeypatch, MOUNT, ODD)
    status, out, _ = run(capsys)
    assert status == 1
    assert "create of size 0 gave 0, where EINVAL was expected" in " ".join(out.split())


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_no_guest_memfd_is_status_2_and_a_sentence(capsys, monkeypatch, form):
    pretend(monkeypatch, missing=("There is no /dev/kvm here.",))
    status, _, err = run(capsys, *form)
    assert (status, err) == (2, "gmemviz: There is no /dev/kvm here.\n")


def test_an_unknown_report(capsys):
    status, _, err = run(capsys, "--recorded", "5.4")
    assert status == 2
    assert "unknown report: '5.4' (must be one of 6.18" in err


@pytest.mark.kvm
def test_this_machine(capsys):
    status, out, _ = run(capsys)
    assert status == 0
    assert "probed on" in out
