"""The words of a page: each a section, each word of a stranger escaped."""

import html

import pytest

from gmemviz.facts import load
from gmemviz.model import Design, check
from gmemviz.page import words
from gmemviz.record import follow, load_recording
from gmemviz.study import LEFT_OUT, Comparison, assumed, bounded, gallery

CLEAN, BROKEN = "guest_memfd-7.3", "rfc-v1-free_inode"


@pytest.fixture(scope="module")
def reports():
    return {name: check(gallery(name), keep_moves=True) for name in (CLEAN, BROKEN, "shmem-7.3")}


def test_a_verdict_has_its_reason_once_and_each_further_defect(reports):
    broken = reports[BROKEN]
    said = words.answer_html(broken)
    assert said.startswith('<p class="gm-verdict gm-bad"><b>⚠ ')
    assert said.count("<br>") == len(broken.reasons) == 3
    assert said.count(broken.why) == 1
    assert "<br>late-release: " in said
    assert words.answer_html(reports[CLEAN]).startswith('<p class="gm-verdict gm-good"><b>✓ ')


def test_what_was_searched_names_the_design_only_beside_another(reports):
    alone = words.searched_html(reports[CLEAN])
    both = words.searched_html(reports[CLEAN], reports[BROKEN])
    assert f"<li>{reports[CLEAN].states} states and " in alone
    assert f"<li>{CLEAN}: {reports[CLEAN].states} states and " in both
    assert "all of them" in alone
    hurried = check(gallery(CLEAN), limit=20)
    assert "not the whole: a search hit its limit" in words.searched_html(hurried)
    assumptions = assumed(gallery(CLEAN))
    for sentence in (*assumptions, bounded(reports[CLEAN]), *LEFT_OUT):
        assert html.escape(sentence) in alone
    assert alone.count("<li>") == 5 + len(assumptions)
    assert "conventional" not in words.searched_html(reports[BROKEN])


def test_hooks_that_do_nothing_say_so_and_metadata_has_its_place():
    text = (
        'kernel = "7.3"\nmount = "own"\n'
        'metadata.x = { placement = "i_private", says = "<i>" }\nhooks.evict_inode = []'
    )
    table = words.hooks_html(check(Design.from_text(text)))
    assert '<thead><tr><td></td><th scope="col">does</th></tr></thead>' in table
    assert '<tr><th scope="row">evict_inode</th><td>nothing</td></tr>' in table
    assert '<tr><th scope="row">x</th><td>in i_private: &lt;i&gt;</td></tr>' in table


def test_a_comparison_has_only_what_differs(reports):
    same = words.comparison_html(Comparison(reports[CLEAN], reports[CLEAN]))
    assert "<p>Nothing differs.</p>" in same
    differs = words.comparison_html(Comparison(reports[CLEAN], reports[BROKEN]))
    assert '<th scope="col">A</th><th scope="col">B</th>' in differs
    assert '<th scope="row">defects</th>' not in differs


def test_where_runs_part_is_one_sentence(reports):
    same = words.parting_html(Comparison(reports[CLEAN], reports[CLEAN]))
    assert "The runs are the same in " in same
    parts = words.parting_html(Comparison(reports[CLEAN], reports["shmem-7.3"]))
    assert "What decides (" in parts
    assert parts.count("<p") == 1


def test_a_recording_says_its_kernel_and_what_it_lacks():
    trace = follow(load_recording("7.3-gmem"), facts=load("7.3"))
    said = words.recorded_html(trace)
    assert f"<li>Kernel: {trace.kernel}.</li>" in said
    assert said.count("<li>Missing: ") == len(trace.missing)


def test_the_footer_has_each_kernel_once_and_the_command():
    facts = load("7.3")
    said = words.facts_html([facts, facts], version="1<2", command="gmemviz export a&b")
    assert said.count(f"Places and calls are those of Linux {facts.release}") == 1
    assert "Made by gmemviz 1&lt;2." in said
    assert "<code>gmemviz export a&amp;b</code>" in said
    bare = words.facts_html([], version="1", command="")
    assert "No shipped facts of this kernel: no place is given." in bare
    assert "Again" not in bare
