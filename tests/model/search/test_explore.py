"""The search: exact sizes, witnesses, limits, the same under any hash seed."""

import json
import os
import subprocess
import sys

import pytest

from gmemviz.model import Design, check
from gmemviz.study import gallery, verdict


@pytest.mark.parametrize(
    ("name", "states", "edges"),
    [
        ("guest_memfd-6.12", 189, 300),
        ("guest_memfd-7.3", 489, 728),
        ("hugetlbfs-7.3", 2074, 3472),
        ("rfc-v1-hugetlb", 430, 657),
        ("shmem-7.3", 14078, 30397),
    ],
)
def test_sizes_are_exact(name, states, edges):
    report = check(gallery(name))
    assert (report.states, report.edges) == (states, edges)


def test_every_scenario_of_a_correct_design_reaches_its_witnesses():
    for name in ("guest_memfd-7.3", "hugetlbfs-7.3"):
        for scenario, witnesses in check(gallery(name)).witnesses.items():
            assert witnesses, scenario
            assert all(witnesses.values()), scenario


def test_a_limit_is_reported():
    report = check(gallery("guest_memfd-7.3"), limit=20)
    assert not report.is_complete
    assert report.why == "No defect in the 147 states seen, but the search hit its limit."
    assert verdict(report) == "undecided"


def test_what_was_handed_over_is_no_leak():
    table = {
        "kernel": "6.12", "mount": "own", "allocator": "new_inode", "filled": False,
        "metadata": {"body": {"placement": "i_private"}},
        "hooks": {"evict_inode": ["truncate", "clear_inode", "hand over body"]},
    }  # fmt: skip
    assert check(Design.from_table("hands over", table)).verdict == "correct"
    table["hooks"] = {}
    assert check(Design.from_table("keeps", table)).defects == ("leak",)


PROGRAM = """
import json
from gmemviz.model import check, design_from_choices
from gmemviz.render import film_of_report
from gmemviz.study import answer, gallery
out = []
for name in ("guest_memfd-7.3", "rfc-v1-hugetlb"):
    report = check(gallery(name), keep_moves=True)
    out += [answer(report), [d.dot for d in film_of_report(report).drawings]]
report = check(design_from_choices(kernel="6.12", mount="own", placement="i_private",
    cleanup="free-all", metadata="hugetlb-subpool"), keep_moves=True)
film = film_of_report(report)
out += [answer(report), [d.dot for d in film.drawings], list(film.frames)]
print(json.dumps(out))
"""


def test_the_same_under_two_hash_seeds():
    said = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4242")
    ]
    assert said[0] == said[1]
    assert len(json.loads(said[0])) == 7


ENDLESS = """
kernel = "7.3"
mount = "own"
metadata.blob = { placement = "i_private" }
hooks.destroy_inode = ["queue work"]
hooks.free_inode = ["free to inode_cachep"]
callbacks.work = { runs = "worker", does = ["queue work"] }
"""


def test_a_run_without_an_end_is_said_and_never_correct():
    """A work that queues itself again runs for ever, and a leak would show at an end only."""
    report = check(Design.from_text(ENDLESS))
    assert report.defects == ()
    assert report.verdict == "not-asked"
    assert "some run has no end: last-close" in report.not_asked[-1]
    assert report.why.startswith("No run comes to an end")
    now_and_then = ENDLESS.replace('e = ["queue', 'e = ["if nlink 0: queue')
    assert any(search.is_endless for search in check(Design.from_text(now_and_then)).explorations)
    ends = check(Design.from_text(ENDLESS.replace('["queue work"] }', '["sleep"] }')))
    assert ends.defects == ("leak",)
    assert not any(search.is_endless for search in ends.explorations)


ABBA = """
kernel = "6.12"
mount = "own"
filled = false
locks = { a = "mutex", b = "mutex" }
metadata.blob = { placement = "i_private" }
hooks.release = ["lock a", "lock b", "unlock b", "unlock a"]
hooks.destroy_inode = ["free blob"]
actors.user = { holds = "file", times = 1, does = ["lock b", "lock a", "unlock a", "unlock b"] }
"""


def test_a_hang_says_who_waits_and_for_whom():
    """Two inodes have the locks in common: who has one file open waits for another's release."""
    report = check(Design.from_text(ABBA.replace("file", "inode")))
    assert report.reason("hang").startswith(
        "task waits for ever in release, as user holds b; user waits for ever, as task holds a ("
    )
    assert report.path("hang").is_at_end


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ('["drain work"]', "it waits for its own end"), ('["cancel work"]', "it waits for its own end"),
        ('["wait for user"]', "user is at work"),
    ],
)  # fmt: skip
def test_who_waits_for_itself_or_for_who_waits_for_it_hangs(does, why):
    text = ENDLESS.replace('["queue work"] }', f"{does} }}")
    text += 'actors.user = { holds = "inode", times = 1, does = ["queue work", "drain work"] }'
    assert f"waits for ever, as {why}" in check(Design.from_text(text)).reason("hang")
