"""The verdicts that are shipped: all there, as the model finds them today, and never too much."""

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from gmemviz.derive import (
    Judged,
    by_hooks,
    counted,
    derive,
    judge_derived,
    judged,
    judged_of,
    packed,
    shipped_tables,
)
from gmemviz.errors import UnknownNameError
from gmemviz.facts import census, load, snapshots, table_key

FULL = Judged("correct", 0, 1)
PART = Judged("correct as far as read", 3, 2)
BROKEN = Judged("defects", 0, 2, ("leak", "use-after-free"))


@pytest.mark.parametrize(
    ("found", "read", "words"),
    [
        (FULL, "full", "correct"),
        (PART, "part", "correct as far as read, 3 statements unread"),
        (BROKEN, "full", "the source as read allows leak, use-after-free"),
        (Judged("undecided", 2, 1, ("leak",)), "part", "undecided, 2 statements unread"),
    ],
)
def test_a_verdict_says_what_it_rests_on(found, read, words):
    assert (found.read, str(found)) == (read, words)


def test_verdicts_are_counted_the_most_frequent_first():
    found = counted([PART, FULL, BROKEN, FULL, BROKEN._replace(codes=("leak",))])
    assert found == ("2 correct, 2 whose source as read allows a defect, 1 correct as far as read")
    assert counted([]) == ""


@pytest.mark.parametrize("kernel", snapshots())
def test_a_row_of_the_census_has_a_verdict_for_each_of_its_tables(kernel):
    rows = census(load(kernel)).combinations
    found = by_hooks(kernel)
    assert list(found) == list(rows)
    for hooks, words in found.items():
        assert sum(int(part.split()[0]) for part in words.split(", ")) == rows[hooks]


def test_a_line_of_the_file_is_a_table():
    text = packed({"9.1": {"a": FULL, "b": BROKEN}, "9.2": {}})
    assert json.loads(text)["9.1"]["b"] == ["defects", 0, 2, ["leak", "use-after-free"]]
    assert '\n"a": ["correct", 0, 1, []],\n' in text


def test_an_unknown_kernel_is_refused():
    with pytest.raises(UnknownNameError, match=r"5\.4"):
        judged("5.4")


def test_the_file_is_as_it_is_written():
    text = (files("gmemviz.derive") / "judged.json").read_text(encoding="utf-8")
    assert packed({kernel: judged(kernel) for kernel in snapshots()}) == text


ALARMS = tomllib.loads(Path(__file__).with_name("alarms.toml").read_text("utf-8"))


@pytest.mark.parametrize("kernel", snapshots())
def test_every_alarm_on_a_table_read_in_full_was_read_by_hand(kernel):
    """Either it is true as the source reads, and what would decide it is said, or it is mended."""
    found = {
        key.rpartition(":")[0] + " " + key.rpartition(" ")[2]: list(each.codes)
        for key, each in judged(kernel).items()
        if each.verdict == "defects"
    }
    known = {
        f"{alarm['path']} {name}": alarm["codes"]
        for name, alarm in ALARMS.items()
        if kernel in alarm["kernels"]
    }
    assert found == known


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_what_it_rests_on(name):
    alarm = ALARMS[name]
    assert alarm["stands"] in ("true as the source reads", "false")
    assert all(re.match(r"[\w/.-]+\.[ch]:\d+: \w", fact) for fact in alarm["reads"])
    assert alarm["decides"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kernel", snapshots())
def test_what_is_shipped_is_what_the_model_finds(kernel):
    """Where it differs, `make judged` writes it anew; its diff says of whom."""
    found = {}
    for read in shipped_tables(kernel):
        found[table_key(read.table)] = judged_of(judge_derived(derive(read)))
    assert found == judged(kernel)
