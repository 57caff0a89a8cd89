"""The words that a notebook shows of what other rooms found."""

import pytest

from gmemviz.facts import load
from gmemviz.model import Design, Report, check, design_from_choices
from gmemviz.probe import load_report
from gmemviz.record import load_recording
from gmemviz.shown import LINES
from gmemviz.study import State, gallery, matrix, replay, verdict_text


def text(result):
    return result._repr_mimebundle_()["text/plain"]


@pytest.fixture(scope="module")
def design():
    return gallery("rfc-v1-free_inode")


def test_a_report_is_shown_as_a_mail_without_its_signature(design):
    report = check(design)
    assert text(report) == verdict_text(report).rstrip("\n")
    assert repr(report).startswith("<Report rfc-v1-free_inode: late-release, lock-context, ")


def test_each_outcome_has_its_words(design):
    correct = gallery("guest_memfd-7.3")
    assert repr(check(correct)) == "<Report guest_memfd-7.3: no defect; 8 searches, 489 states>"
    limited = check(correct, limit=50)
    assert repr(limited).endswith("a search hit its limit>")
    assert "undecided" in text(limited)
    inapplicable = check(
        design_from_choices(
            kernel="7.3", mount="own", placement="i_private-flags", cleanup="none",
            metadata="resv_map",
        )
    )  # fmt: skip
    assert repr(inapplicable).endswith("i_private-flags holds bits, and resv_map needs a pointer>")
    assert "Verdict:    not a design" in text(inapplicable)


def test_a_report_of_nothing_says_that_nothing_was_searched():
    report = Report(gallery("guest_memfd-7.3"), load("7.3"))
    assert repr(report) == text(report) == "<Report guest_memfd-7.3: nothing was searched>"


def test_a_design_says_what_its_hooks_do_and_where_it_keeps_what(design):
    lines = text(design).splitlines()
    assert lines[0] == "Design:     rfc-v1-free_inode"
    assert max(map(len, lines)) <= 72
    assert lines[-1] == "Kernel:     6.12, own mount"
    assert "hugetlb-subpool in" in text(design)
    assert "free to inode_cachep" in text(design)


def test_a_recording_is_told_event_by_event_up_to_a_bound():
    short, long = load_recording("7.3-pipe"), load_recording("7.3-kvm-unload")
    assert f"{len(short.events)} events" in text(short)
    assert all(event.function in text(short) for event in short.events)
    assert text(long).endswith(f"... and {len(long.events) - LINES} more")


def test_facts_and_a_probe_say_where_they_are_from():
    assert text(load("7.3")).startswith("Linux 7.3.4 (Debian package ")
    said = text(load_report("7.3"))
    assert said.startswith(load_report("7.3").headline)
    assert "guest_memfd-7.3" in said


def test_a_matrix_shows_its_counts():
    rows = matrix(["7.3"], mounts=["static-superblock"])
    lines = text(rows).splitlines()
    assert lines[0] == "780 cells, simulated"
    verdicts = lines[1 : lines.index("")]
    assert sum(int(line.split()[0]) for line in verdicts) == 780
    assert rows[0]["mount"] == "static-superblock"


def test_a_state_replayed_names_its_run():
    found = replay(State.parse("guest_memfd-7.3/last-close/12"))
    assert repr(found) == "<Replayed guest_memfd-7.3: last-close, 45 steps>"
    assert "Verdict:    correct" in text(found)


@pytest.mark.parametrize("name", ["A" * 4000, "a\x1b[31m\x07", "\u202eflip", "<b>&amp;", "'\"\\"])
def test_no_name_of_a_design_breaks_its_line(name):
    design = Design.from_table(
        name,
        {
            "kernel": "7.3", "mount": "own",
            "metadata": {"tree": {"placement": "i_private", "says": "says \x1b"}},
            "hooks": {"evict_inode": ["truncate", "clear_inode", "free tree"]},
        },
    )  # fmt: skip
    report = check(design)
    results = (design, report, report.whole, *report.explorations, *report.run, *design.keeps)
    for result in results:
        assert len(repr(result)) < 200
        assert repr(result).isprintable()
        assert all(map(str.isprintable, text(result).split("\n")))
    assert "no defect" in repr(report)
