"""A report goes to JSON and back, and damaged ones are refused."""

import json

import pytest

from gmemviz.errors import ProbeError
from gmemviz.facts.probed import Experiment, Measurement, Observation, ProbeReport

ROWS = (
    Observation("identity", "mount", "the mount", "own", ("own",), "somewhere"),
    Observation("create", "size 0", "create of size 0", "0", ("EINVAL",), "kvm_gmem_create"),
    Observation("capability", "a flag", "a capability", "1"),
    Observation("memory", "touch", "touch", "", ("SIGBUS",), "here", "not asked: no flag"),
)
READ = Measurement("open", 0.25, "Unevictable", 12.0, "kB")
TRIED = (
    Experiment("close", "it goes", True, "it went", (READ,)),
    Experiment("o-path", "it stays", None, "no room"),
)
REPORT = ProbeReport("7.3.4", "x86_64", "probed", ROWS, ("a thing is missing",), TRIED)


def test_agreeing_takes_an_answer_and_an_expectation():
    assert [row.agrees for row in ROWS] == [True, False, None, None]


def test_a_difference_is_told_in_words():
    assert REPORT.findings == (
        "create of size 0 gave 0, where EINVAL was expected (kvm_gmem_create).",
    )


def test_value_by_name():
    assert REPORT.value("mount") == "own"
    assert REPORT.value("nothing") == REPORT.value("touch") == ""


def test_headline_with_and_without_a_guest_memfd():
    assert REPORT.headline == (
        "probed on 7.3.4, x86_64: guest_memfd with mount own, 1 of 2 answers are the expected ones."
    )
    without = ProbeReport("5.4", "x86_64", "probed", (), ("There is none.",))
    assert without.headline == "probed on 5.4, x86_64: There is none."


def test_read_back_it_is_the_same_but_recorded():
    back = ProbeReport.from_json(REPORT.json())
    assert (back.observations, back.missing, back.experiments) == (ROWS, REPORT.missing, TRIED)
    assert (REPORT.origin, back.origin) == ("probed", "recorded")


def damaged():
    good = json.loads(REPORT.json())
    yield from ("", "[]", "null", "{", "[" * 100_000, '{"schema": 1}')
    yield json.dumps({**good, "schema": 2})
    yield json.dumps({**good, "kernel": 7})
    yield json.dumps({**good, "observations": [{"group": "x"}]})
    yield json.dumps({**good, "observations": [{**good["observations"][0], "expected": [None]}]})
    yield json.dumps({**good, "experiments": [{**good["experiments"][0], "holds": "yes"}]})
    yield json.dumps({**good, "experiments": [{**good["experiments"][0], "measurements": [{}]}]})


@pytest.mark.parametrize("text", list(damaged()))
def test_what_is_no_report_is_refused(text):
    with pytest.raises(ProbeError):
        ProbeReport.from_json(text)


def test_as_a_table():
    table = REPORT.frame()
    assert table.name.tolist() == [row.name for row in ROWS]
    assert table.agrees.tolist() == [True, False, None, None]
    assert list(ProbeReport("7", "x86_64", "probed", ()).frame().columns) == list(table.columns)
