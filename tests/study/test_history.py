"""The history: each step rests on something that is there, and no verdict is stored in it."""

from importlib import import_module
from importlib.resources import files

import pytest

from gmemviz.errors import FactsError, UnknownNameError
from gmemviz.facts import kernels, load
from gmemviz.model import check
from gmemviz.probe import reports
from gmemviz.study import gallery, verdict
from gmemviz.study.history import EVIDENCE, frees, history, history_frame, read_history

told = import_module("gmemviz.study.history")
STEP = 'title = "x"\nwho = "me"\nchange = "some"\ntrusted = ["it"]\n'


def written(*steps):
    return "".join(f"[[entry]]\n{step}" for step in steps)


def by_title():
    return {entry.title: entry for entry in history()}


def test_it_goes_from_the_rfcs_of_2023_to_7_3():
    releases = [entry.release for entry in history() if entry.release]
    assert releases == ["6.8", "6.18", "6.19", "7.1", "7.3"]
    assert history()[0].day == "13 Sep 2023"
    assert history()[-1].title == "7.3"


def test_each_step_has_evidence_of_a_known_kind():
    for entry in history():
        assert {kind for kind, _ in entry.evidence} <= set(EVIDENCE)
        assert any(kind != "trusted" for kind, _ in entry.evidence), entry.title
    assert {kind for entry in history() for kind, _ in entry.evidence} == set(EVIDENCE)


def test_a_mail_is_cited_by_subject_author_and_day():
    assert by_title()["the question"].evidence[0] == (
        "read",
        f"{by_title()['the question'].subject}, Vishal Annapurve, 20 Sep 2024",
    )
    for entry in history():
        if entry.subject:
            assert entry.when


def test_a_release_has_the_day_of_the_release_and_its_mail_the_day_of_the_mail():
    days = {entry.title: entry.day for entry in history() if entry.release}
    assert days == {
        "6.8": "10 Mar 2024", "6.18": "30 Nov 2025", "6.19": "8 Feb 2026", "7.1": "14 Jun 2026",
        "7.3": "day unknown",
    }  # fmt: skip
    for title, day in {"6.8": "10 Jan 2024", "6.19": "26 Nov 2025", "7.1": "3 Mar 2026"}.items():
        kind, words = by_title()[title].evidence[0]
        assert kind == "read"
        assert words.endswith(day)
        trusted = " ".join(words for kind, words in by_title()[title].evidence if kind == "trusted")
        assert days[title].split()[0] in trusted  # nobody here has seen the release itself


def test_places_are_those_of_the_facts():
    facts = load("7.3")
    (table,) = [one for one in facts.tables if one.name == "kvm_gmem_super_operations"]
    assert by_title()["7.3"].evidence[0] == (
        "extracted",
        f"{table.path}:{table.line} kvm_gmem_super_operations@{facts.tag}",
    )


def test_what_stands_in_is_cited_where_it_is_played():
    for title in ("6.8", "7.3"):
        entry = by_title()[title]
        tag = load(gallery(entry.design).kernel).tag
        places = [words for kind, words in entry.evidence if kind == "extracted"]
        assert places
        assert all(place.endswith(f"@{tag}") for place in places)


def test_what_was_probed_is_shipped():
    probed = {words for entry in history() for kind, words in entry.evidence if kind == "probed"}
    assert probed == {"6.18", "7.3"} <= set(reports())


def test_a_release_without_facts_says_what_stands_in():
    for entry in history():
        stands_in = bool(entry.release) and entry.release not in kernels()
        assert ("standing in for" in entry.played) == stands_in, entry.title
    assert by_title()["7.3"].played == "guest_memfd-7.3 on 7.3"
    assert by_title()["6.8"].played == "guest_memfd-6.12 on 6.12, standing in for 6.8"
    assert by_title()["the reply"].played == ""


def test_no_verdict_is_stored():
    text = files("gmemviz.study").joinpath("history.toml").read_text(encoding="utf-8")
    found = {verdict(check(gallery(entry.design))) for entry in history() if entry.design}
    codes = {code for one in found for code in one.split(", ")}
    assert {"correct", "late-release", "sleep-in-atomic"} <= codes
    assert not [code for code in codes if code in text]


def test_verdicts_are_those_of_the_designs_as_they_are_now(monkeypatch):
    before = history_frame()
    assert before.simulated["7.3"] == "correct"
    assert "late-release" in before.simulated["the question"]
    swapped = {"guest_memfd-7.3": "rfc-v1-free_inode"}
    monkeypatch.setattr(told, "gallery", lambda name: gallery(swapped.get(name, name)))
    after = history_frame()
    assert after.simulated["7.3"] == before.simulated["the question"]
    assert after.simulated["6.8"] == before.simulated["6.8"]


def test_what_each_hook_frees():
    assert frees(gallery("rfc-v2")) == {
        "evict_inode": "nothing",
        "destroy_inode": "shareability-tree",
        "free_inode": "hugetlb-subpool, struct",
    }
    assert frees(gallery("guest_memfd-6.12")) == dict.fromkeys(told.FREES, "NULL")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("x = ", FactsError, "the history is not TOML"),
        ("step = 1", UnknownNameError, "unknown key of the history: 'step'"),
        (written(STEP + 'verdict = "correct"\n'), UnknownNameError, "unknown key of the entry x"),
        (written('title = "x"\ntrusted = ["it"]\n'), FactsError, "x has no who and no change"),
        (written(STEP + "who2 = 1\n"), UnknownNameError, "must be one of when, mailed, title, who"),
        (written(STEP + "design = 3\n"), FactsError, "design of the entry x must be text, not 3"),
        (written(STEP + 'design = "guest_memfd-6.8"\n'), UnknownNameError, "unknown design"),
        (written(STEP + 'when = "today"\n'), FactsError, "must be a day, not 'today'"),
        (written(STEP + "when = 2024-10-01T09:00:00\n"), FactsError, "must be a day"),
        (written(STEP + "mailed = 1\n"), FactsError, "mailed of the entry x must be a day, not 1"),
        (written(STEP + 'probed = "6.18"\n'), FactsError, "probed of the entry x must be a list"),
        (written(STEP + "read = [1]\n"), FactsError, "read of the entry x must be text, not 1"),
        (written(STEP + 'recorded = ["8.0-gmem"]\n'), UnknownNameError, "unknown recording"),
        (written(STEP.replace("trusted", "#")), FactsError, "the entry x has no evidence"),
        (written(STEP + 'extracted = ["fs/inode.c:evict@v6.8"]\n'), UnknownNameError, "'6.8'"),
        (
            written(STEP + 'extracted = ["fs/inode.c:evict_all@v7.3"]\n'),
            FactsError,
            "the facts of 7.3 have no evict_all in fs/inode.c",
        ),
        (
            written(STEP + 'extracted = ["mm/shmem.c:evict@v7.3"]\n'),
            FactsError,
            "the facts of 7.3 have no evict in mm/shmem.c",
        ),
        (
            written(STEP, STEP + "when = 2024-10-01\n"),
            FactsError,
            "from the oldest entry to the newest",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(text, error, said):
    with pytest.raises(error, match=said):
        read_history(text)
